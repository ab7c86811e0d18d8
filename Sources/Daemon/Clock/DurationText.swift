/// Lengths of time as people write them: `90s`, `15m`, `24h`, `7d`, `1h30m`, `250ms`.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Milliseconds.
    ///
    /// - Throws: `ValueError` when it is no length of time, or one of more than Int64 milliseconds.
    package static func parse(_ text: String) throws(ValueError) -> Int64 {
        let malformed = ValueError("must be a length of time, as in 90s, 15m, 24h or 7d")
        var rest = text[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { !($0.isASCII && $0.isNumber) }
            rest = rest.dropFirst(name.count)
            guard !digits.isEmpty, let unit = units.first(where: { $0.name == name }) else { throw malformed }
            guard let count = Int64(digits) else { throw ValueError("is too long a time") }
            let (product, isTooLong) = count.multipliedReportingOverflow(by: unit.milliseconds)
            let (sum, isSumTooLong) = total.addingReportingOverflow(product)
            if isTooLong || isSumTooLong { throw ValueError("is too long a time") }
            total = sum
        }
        if text.isEmpty { throw malformed }
        return total
    }
}
