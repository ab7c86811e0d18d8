/// Writes moments as `2026-11-21T10:15:30.123Z`. Keeps the text of the latest second, so that most lines copy nineteen
/// bytes.
struct TimestampText {
    private var second: Int64 = .min
    private var text: [UInt8] = []

    /// Appends a moment given in milliseconds since 1970.
    mutating func append(milliseconds: Int64, to bytes: inout [UInt8]) {
        let second = milliseconds.flooredQuotient(dividingBy: 1000)
        if second != self.second {
            self.second = second
            text = Self.render(second: second)
        }
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "."))
        Self.append(Int(milliseconds - second * 1000), digits: 3, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func render(second: Int64) -> [UInt8] {
        let day = second.flooredQuotient(dividingBy: 86400)
        let secondOfDay = Int(second - day * 86400)
        let date = CivilDate(daysSinceEpoch: day)
        var text: [UInt8] = []
        append(date.year, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(date.month, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        append(date.day, digits: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        append(secondOfDay / 3600, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(secondOfDay / 60 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(secondOfDay % 60, digits: 2, to: &text)
        return text
    }

    private static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}

/// A day of the Gregorian calendar.
private struct CivilDate {
    var year: Int
    var month: Int
    var day: Int

    /// Counts in years that start in March, so that the leap day is the last one, within eras of 400 years.
    init(daysSinceEpoch days: Int64) {
        let daysPerEra: Int64 = 146_097
        // From 0000-03-01 to 1970-01-01.
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(dividingBy: daysPerEra)
        let dayOfEra = Int(shifted - era * daysPerEra)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = Int(era) * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }
}

extension Int64 {
    fileprivate func flooredQuotient(dividingBy divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
    }
}
