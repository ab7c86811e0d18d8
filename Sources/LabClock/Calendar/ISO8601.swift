/// The dates of AWS's XML and JSON, and of signatures.
package enum ISO8601 {
    /// `2013-05-24T00:00:00.000Z`, as in S3's XML.
    package static func extended(unixMilliseconds: Int64) -> String {
        let (seconds, milliseconds) = split(unixMilliseconds)
        return extended(CivilTime(unixSeconds: seconds), milliseconds: milliseconds)
    }

    /// `2013-05-24T00:00:00Z`, as in S3's error fields.
    package static func extended(unixSeconds: Int64) -> String {
        extended(CivilTime(unixSeconds: unixSeconds), milliseconds: nil)
    }

    /// `20130524T000000Z`, as in `X-Amz-Date`.
    package static func basic(unixSeconds: Int64) -> String {
        let time = CivilTime(unixSeconds: unixSeconds)
        return String(unsafeUninitializedCapacity: 16) { buffer in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(16)
            bytes.appendPadded(time.year, width: 4)
            bytes.appendPadded(time.month, width: 2)
            bytes.appendPadded(time.day, width: 2)
            bytes.append(UInt8(ascii: "T"))
            bytes.appendPadded(time.hour, width: 2)
            bytes.appendPadded(time.minute, width: 2)
            bytes.appendPadded(time.second, width: 2)
            bytes.append(UInt8(ascii: "Z"))
            return buffer.initialize(fromContentsOf: bytes)
        }
    }

    /// Reads `20130524T000000Z`; unix seconds, or nil.
    package static func parseBasic(_ text: some StringProtocol) -> Int64? {
        var scanner = FieldScanner(text)
        guard let year = scanner.digits(4), let month = scanner.digits(2), let day = scanner.digits(2),
            scanner.skip("T"), let hour = scanner.digits(2), let minute = scanner.digits(2),
            let second = scanner.digits(2), scanner.skip("Z"), scanner.isAtEnd
        else { return nil }
        return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second).unixSeconds
    }

    /// Reads the extended form with any fraction, and `Z` or an offset; a bare date is its midnight. Unix milliseconds,
    /// or nil.
    package static func parseExtended(_ text: some StringProtocol) -> Int64? {
        var scanner = FieldScanner(text)
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
            let day = scanner.digits(2)
        else { return nil }
        var time = CivilTime(year: year, month: month, day: day, hour: 0, minute: 0, second: 0)
        if scanner.isAtEnd { return time.unixSeconds.map { $0 * 1_000 } }
        guard scanner.skip("T"), let hour = scanner.digits(2), scanner.skip(":"), let minute = scanner.digits(2),
            scanner.skip(":"), let second = scanner.digits(2)
        else { return nil }
        (time.hour, time.minute, time.second) = (hour, minute, second)
        guard let milliseconds = parseFraction(&scanner), let offset = parseZone(&scanner), scanner.isAtEnd,
            let seconds = time.unixSeconds
        else { return nil }
        return (seconds - offset) * 1_000 + milliseconds
    }

    private static func extended(_ time: CivilTime, milliseconds: Int?) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        bytes.appendPadded(time.year, width: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendPadded(time.month, width: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendPadded(time.day, width: 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.appendPadded(time.hour, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendPadded(time.minute, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendPadded(time.second, width: 2)
        if let milliseconds {
            bytes.append(UInt8(ascii: "."))
            bytes.appendPadded(milliseconds, width: 3)
        }
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func split(_ unixMilliseconds: Int64) -> (seconds: Int64, milliseconds: Int) {
        var seconds = unixMilliseconds / 1_000
        var milliseconds = Int(unixMilliseconds % 1_000)
        if milliseconds < 0 {
            seconds -= 1
            milliseconds += 1_000
        }
        return (seconds, milliseconds)
    }

    /// Milliseconds of an optional `.fraction` of up to nine digits; nil when malformed.
    private static func parseFraction(_ scanner: inout FieldScanner) -> Int64? {
        guard scanner.skip(".") else { return 0 }
        var milliseconds: Int64 = 0
        var scale: Int64 = 100
        var count = 0
        while count < 9, let digit = scanner.digits(1) {
            milliseconds += Int64(digit) * scale
            scale /= 10
            count += 1
        }
        return count > 0 ? milliseconds : nil
    }

    /// Seconds east of UTC; nil when malformed.
    static func parseZone(_ scanner: inout FieldScanner) -> Int64? {
        if scanner.skip("Z") { return 0 }
        let sign: Int64
        if scanner.skip("+") {
            sign = 1
        } else if scanner.skip("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hours = scanner.digits(2), hours < 24 else { return nil }
        _ = scanner.skip(":")
        guard let minutes = scanner.digits(2), minutes < 60 else { return nil }
        return sign * Int64(hours * 3_600 + minutes * 60)
    }
}
