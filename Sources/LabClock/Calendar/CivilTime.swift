import Bytes

/// A moment of the proleptic Gregorian calendar in UTC, to the second. No leap seconds, as in POSIX.
struct CivilTime: Equatable {
    var year: Int
    /// 1...12.
    var month: Int
    /// 1...31.
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    /// 0 is Sunday.
    static func weekday(unixSeconds: Int64) -> Int {
        let days = floorDivide(unixSeconds, 86_400)
        return Int(((days + 4) % 7 + 7) % 7)
    }

    init(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// Counts in eras of 400 years that begin on 1 March, so that the leap day is the last of its year.
    init(unixSeconds: Int64) {
        let days = Self.floorDivide(unixSeconds, 86_400)
        let secondOfDay = Int(unixSeconds - days * 86_400)
        let shifted = days + 719_468
        let era = Self.floorDivide(shifted, 146_097)
        let dayOfEra = Int(shifted - era * 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + Int(era) * 400 + (month <= 2 ? 1 : 0)
        hour = secondOfDay / 3_600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
    }

    /// Seconds since 1970; nil when a field is out of its range (30 February included; second 60 is).
    var unixSeconds: Int64? {
        guard (1...12).contains(month), (1...Self.daysIn(month: month, year: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second), (0...9_999).contains(year)
        else { return nil }
        let marchYear = month <= 2 ? year - 1 : year
        let era = Int(Self.floorDivide(Int64(marchYear), 400))
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = Int64(era) * 146_097 + Int64(dayOfEra) - 719_468
        return days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }
}

extension [UInt8] {
    /// Appends a number with leading zeros up to `width` digits.
    mutating func appendPadded(_ value: Int, width: Int) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        var rest = value
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(rest / divisor % 10))
            rest %= divisor
            divisor /= 10
        }
    }
}

/// Reads fixed-width fields off the front of text; nil means that the text does not match.
struct FieldScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: some StringProtocol) { rest = Array(text.utf8)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// Exactly `count` decimal digits.
    mutating func digits(_ count: Int) -> Int? {
        guard rest.count >= count, let value = ASCII.decimal(rest.prefix(count)) else { return nil }
        rest = rest.dropFirst(count)
        return value
    }

    /// Between `count.lowerBound` and `count.upperBound` decimal digits.
    mutating func digits(_ count: ClosedRange<Int>) -> Int? {
        let run = rest.prefix(count.upperBound).prefix(while: ASCII.isDigit)
        return run.count >= count.lowerBound ? digits(run.count) : nil
    }

    /// Exactly this text.
    mutating func skip(_ literal: StaticString) -> Bool {
        literal.withUTF8Buffer { expected in
            guard rest.starts(with: expected) else { return false }
            rest = rest.dropFirst(expected.count)
            return true
        }
    }

    /// Letters, as many as there are.
    mutating func word() -> String {
        let run = rest.prefix { ASCII.lowercase($0) &- UInt8(ascii: "a") < 26 }
        rest = rest.dropFirst(run.count)
        return String(decoding: run, as: UTF8.self)
    }

    mutating func skipBlanks() { rest = rest.drop(while: ASCII.isBlank) }
}
