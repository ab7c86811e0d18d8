import Bytes

/// A decimal number as people write it: the plain reference that `Number38` is held against.
struct ReferenceDecimal: Hashable {
    /// The power of ten of `columns[0]`.
    private static let bottom = -180
    private static let width = 360

    var isNegative = false
    /// Digits, the lowest first.
    var columns = [Int](repeating: 0, count: Self.width)

    init() {}

    /// `digits` as a whole number, times ten to the power of `exponent`.
    init(digits: [Int], exponent: Int, isNegative: Bool) {
        for (index, digit) in digits.reversed().enumerated() { columns[index + exponent - Self.bottom] = digit }
        self.isNegative = isNegative && !isZero
    }

    var isZero: Bool { columns.allSatisfy { $0 == 0 } }
    private var first: Int? { columns.lastIndex { $0 != 0 } }
    private var last: Int? { columns.firstIndex { $0 != 0 } }

    var digitCount: Int { first.map { $0 - last! + 1 } ?? 0 }
    /// The power of ten of the first digit.
    var exponent: Int { first.map { $0 + Self.bottom } ?? 0 }

    /// Without exponent, and without zeros that say nothing.
    var text: String {
        guard let first, let last else { return "0" }
        let point = -Self.bottom
        let whole = columns[point...max(point, first)].reversed().map(String.init).joined()
        let fraction = last < point ? columns[last..<point].reversed().map(String.init).joined() : ""
        return (isNegative ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// DynamoDB's size rule: a byte, one for each pair of digits counted from the point, one for a minus sign.
    var size: Int {
        guard let first, let last else { return 1 }
        let pairs = Set((last...first).map { ($0 + 1000 * 2 + Self.bottom) / 2 }).count
        return 1 + pairs + (isNegative ? 1 : 0)
    }

    static func + (a: ReferenceDecimal, b: ReferenceDecimal) -> ReferenceDecimal {
        var sum = ReferenceDecimal()
        var terms = zip(a.columns, b.columns).map { ($0 * (a.isNegative ? -1 : 1)) + ($1 * (b.isNegative ? -1 : 1)) }
        if let first = terms.lastIndex(where: { $0 != 0 }), signOfValue(terms, first) < 0 {
            sum.isNegative = true
            terms = terms.map { -$0 }
        }
        var carry = 0
        for index in terms.indices {
            let value = terms[index] + carry
            let digit = ((value % 10) + 10) % 10
            carry = (value - digit) / 10
            sum.columns[index] = digit
        }
        precondition(carry == 0)
        return sum
    }

    /// The sign of columns of mixed sign, found from the top by adding up until the rest cannot turn it.
    private static func signOfValue(_ terms: [Int], _ first: Int) -> Int {
        var value = 0
        for index in (0...first).reversed() {
            value = value * 10 + terms[index]
            if abs(value) > 1000 { break }
        }
        return value
    }

    static func isBefore(_ a: ReferenceDecimal, _ b: ReferenceDecimal) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        let isLess = a.columns.reversed().lexicographicallyPrecedes(b.columns.reversed())
        return a.isNegative ? a != b && !isLess : isLess
    }

    /// A number in DynamoDB's range, of the lengths and magnitudes that are likely to go wrong.
    static func random(using random: inout SeededRandom) -> ReferenceDecimal {
        let maxDigits = random.oneIn(3) ? 38 : 4
        let count = Int.random(in: 1...maxDigits, using: &random)
        let digits = (0..<count).map { _ in
            random.oneIn(3) ? [0, 9].randomElement(using: &random)! : Int.random(in: 0...9, using: &random)
        }
        let range = random.oneIn(4) ? -130 - 37...125 : -6...6
        let exponent = Int.random(in: range, using: &random)
        let number = ReferenceDecimal(digits: digits, exponent: exponent, isNegative: random.oneIn(2))
        return number.isZero || -130...125 ~= number.exponent ? number : Self.random(using: &random)
    }

    /// One of many ways to write the number.
    func spelling(using random: inout SeededRandom) -> String {
        guard let first, let last else {
            return ["0", "-0", "0.0", "00", "+0", "0E5", ".0", "0."].randomElement(using: &random)!
        }
        var digits = columns[last...first].reversed().map(String.init).joined()
        var power = last + Self.bottom
        let trailing = Int.random(in: 0...2, using: &random)
        digits += String(repeating: "0", count: trailing)
        power -= trailing
        let sign = isNegative ? "-" : (random.oneIn(4) ? "+" : "")
        let leading = random.oneIn(3) ? "00" : ""
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return text
        case 1:
            return sign + leading + digits
                + ["e", "E", "e+", "E+"].randomElement(using: &random)!.appendingPower(power)
        default:
            let split = Int.random(in: 0...digits.count, using: &random)
            let whole = digits.prefix(split)
            let fraction = digits.dropFirst(split)
            return sign + leading + whole + "." + fraction + "e".appendingPower(power + fraction.count)
        }
    }
}

extension String {
    /// An exponent's mark and the exponent; a plus sign goes when the exponent is negative.
    fileprivate func appendingPower(_ power: Int) -> String {
        power < 0 ? replacing("+", with: "") + String(power) : self + String(power)
    }
}
