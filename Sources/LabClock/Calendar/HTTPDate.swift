import Bytes

/// The dates of HTTP headers.
package enum HTTPDate {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Fri, 24 May 2013 00:00:00 GMT`: the IMF-fixdate of RFC 7231.
    package static func format(unixSeconds: Int64) -> String {
        let time = CivilTime(unixSeconds: unixSeconds)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(29)
        bytes.append(contentsOf: weekdays[CivilTime.weekday(unixSeconds: unixSeconds)].utf8)
        bytes.append(contentsOf: ", ".utf8)
        bytes.appendPadded(time.day, width: 2)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: months[time.month - 1].utf8)
        bytes.append(UInt8(ascii: " "))
        bytes.appendPadded(time.year, width: 4)
        bytes.append(UInt8(ascii: " "))
        bytes.appendPadded(time.hour, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendPadded(time.minute, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendPadded(time.second, width: 2)
        bytes.append(contentsOf: " GMT".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads IMF-fixdate (with `GMT`, `UTC` or a numeric zone, since clients of signature version 2 send RFC 2822
    /// dates), RFC 850 and asctime. Unix seconds, or nil. The name of the weekday is not compared with the date.
    package static func parse(_ text: some StringProtocol) -> Int64? {
        var scanner = FieldScanner(ASCII.trimmed(text))
        let weekday = scanner.word()
        if weekday.isEmpty { return parseDayFirst(&scanner) }
        guard weekdays.contains(where: { weekday.hasPrefix($0) }) else { return nil }
        if scanner.skip(",") {
            scanner.skipBlanks()
            return parseDayFirst(&scanner)
        }
        return parseASCTime(&scanner)
    }

    /// `24 May 2013 00:00:00 GMT` or `24-May-13 00:00:00 GMT`.
    private static func parseDayFirst(_ scanner: inout FieldScanner) -> Int64? {
        guard let day = scanner.digits(1...2) else { return nil }
        let dashed = scanner.skip("-")
        scanner.skipBlanks()
        guard let month = parseMonth(&scanner) else { return nil }
        if dashed { guard scanner.skip("-") else { return nil } }
        scanner.skipBlanks()
        guard let year = parseYear(&scanner) else { return nil }
        scanner.skipBlanks()
        guard let clock = parseClock(&scanner) else { return nil }
        scanner.skipBlanks()
        guard let offset = parseZone(&scanner), scanner.isAtEnd else { return nil }
        let time = CivilTime(
            year: year, month: month, day: day, hour: clock.hour, minute: clock.minute, second: clock.second)
        return time.unixSeconds.map { $0 - offset }
    }

    /// `May 24 00:00:00 2013`, the day padded with a space.
    private static func parseASCTime(_ scanner: inout FieldScanner) -> Int64? {
        scanner.skipBlanks()
        guard let month = parseMonth(&scanner) else { return nil }
        scanner.skipBlanks()
        guard let day = scanner.digits(1...2) else { return nil }
        scanner.skipBlanks()
        guard let clock = parseClock(&scanner) else { return nil }
        scanner.skipBlanks()
        guard let year = scanner.digits(4), scanner.isAtEnd else { return nil }
        let time = CivilTime(
            year: year, month: month, day: day, hour: clock.hour, minute: clock.minute, second: clock.second)
        return time.unixSeconds
    }

    private static func parseMonth(_ scanner: inout FieldScanner) -> Int? {
        let name = scanner.word()
        return months.firstIndex(of: name).map { $0 + 1 }
    }

    /// Two digits, as RFC 850 has them, are a year from 1970 to 2069.
    private static func parseYear(_ scanner: inout FieldScanner) -> Int? {
        guard let year = scanner.digits(2) else { return nil }
        if let rest = scanner.digits(2) { return year * 100 + rest }
        return year < 70 ? 2_000 + year : 1_900 + year
    }

    private static func parseClock(_ scanner: inout FieldScanner) -> (hour: Int, minute: Int, second: Int)? {
        guard let hour = scanner.digits(2), scanner.skip(":"), let minute = scanner.digits(2), scanner.skip(":"),
            let second = scanner.digits(2)
        else { return nil }
        return (hour, minute, second)
    }

    private static func parseZone(_ scanner: inout FieldScanner) -> Int64? {
        if scanner.skip("GMT") || scanner.skip("UTC") { return 0 }
        return ISO8601.parseZone(&scanner)
    }
}
