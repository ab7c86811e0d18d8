/// A DynamoDB number: decimal floating point with 38 significant digits, magnitudes from 1E-130 to 9.9…9E+125, and
/// zero.
///
/// Held in its stored form (docs/format/dynamodb-item.md), whose bytes sort as the values do and whose byte count is
/// what DynamoDB charges: up to 22 bytes in three big-endian words, zero bytes behind them. One value has one form, so
/// equality and order are those of the words.
package struct Number38: Hashable, Sendable {
    /// Significant digits at most.
    package static let digitCountMax = 38
    /// The power of ten of the first digit, at most.
    package static let exponentMax = 125
    /// The power of ten of the first digit, at least.
    package static let exponentMin = -130
    /// The bytes of the stored form at most: the exponent, 20 pairs, the end of a negative number.
    package static let byteCountMax = 22

    /// The number that has no sign.
    package static let zero = Number38(high: 0x80 << 56, middle: 0, low: 0)

    private var high: UInt64
    private var middle: UInt64
    private var low: UInt64

    private init(high: UInt64, middle: UInt64, low: UInt64) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// The bytes of the stored form, and by DynamoDB's size rule.
    package var byteCount: Int {
        if low != 0 { return 24 - low.trailingZeroBitCount / 8 }
        if middle != 0 { return 16 - middle.trailingZeroBitCount / 8 }
        return 8 - high.trailingZeroBitCount / 8
    }

    /// Whether it is zero.
    package var isZero: Bool { self == .zero }

    /// Whether it is less than zero.
    package var isNegative: Bool { high >> 63 == 0 }

    /// A byte of the stored form; zero behind its end.
    func byte(at index: Int) -> UInt8 {
        let word = index < 8 ? high : (index < 16 ? middle : low)
        return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index & 7)))
    }

    /// The stored form.
    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// The stored form in place.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let words = (high.bigEndian, middle.bigEndian, low.bigEndian)
        return withUnsafeBytes(of: words) { body(UnsafeRawBufferPointer(rebasing: $0[..<byteCount])) }
    }

    /// Takes a stored form that this type wrote; nil for bytes that it never writes.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard Self.isStoredForm(bytes) else { return nil }
        self.init(trusted: bytes)
    }

    /// Takes a stored form that this type wrote.
    init(trusted bytes: UnsafeRawBufferPointer) {
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
        self.init(high: words.0.bigEndian, middle: words.1.bigEndian, low: words.2.bigEndian)
    }

    /// The form of digits without leading and trailing zeros, at most 38 of them, whose exponent is in range.
    init(_ decimal: DecimalDigits) {
        guard decimal.count > 0 else {
            self = .zero
            return
        }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &words) { bytes in
            let power = (decimal.exponent >> 1) + 1
            bytes[0] = UInt8(decimal.isNegative ? 63 - power : 192 + power)
            var written = 1
            // With an even exponent the first pair has one digit.
            var index = decimal.exponent & 1 == 0 ? -1 : 0
            while index < decimal.count {
                let tens = index < 0 ? 0 : decimal.digits[index]
                let units = index + 1 < decimal.count ? decimal.digits[index + 1] : 0
                let pair = tens * 10 + units
                bytes[written] = decimal.isNegative ? 101 - pair : pair + 1
                written += 1
                index += 2
            }
            if decimal.isNegative { bytes[written] = 102 }
        }
        self.init(high: words.0.bigEndian, middle: words.1.bigEndian, low: words.2.bigEndian)
    }

    /// The digits without leading and trailing zeros.
    var decimal: DecimalDigits {
        var decimal = DecimalDigits()
        guard !isZero else { return decimal }
        decimal.isNegative = isNegative
        let first = Int(byte(at: 0))
        let power = isNegative ? 63 - first : first - 192
        let pairCount = byteCount - (isNegative ? 2 : 1)
        decimal.exponent = power * 2 - 1
        for index in 1...pairCount {
            let pair = isNegative ? 101 - byte(at: index) : byte(at: index) - 1
            if index == 1, pair < 10 {
                decimal.exponent -= 1
            } else {
                decimal.append(pair / 10)
            }
            if index < pairCount || pair % 10 != 0 { decimal.append(pair % 10) }
        }
        return decimal
    }

    /// Whether the bytes are the form of some number: the form that it would be written in.
    private static func isStoredForm(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first, bytes.count <= byteCountMax else { return false }
        if bytes.count == 1 { return first == 0x80 }
        let isNegative = first < 0x80
        let pairs = UnsafeRawBufferPointer(rebasing: bytes[1..<(isNegative ? bytes.count - 1 : bytes.count)])
        guard !pairs.isEmpty, !isNegative || bytes[bytes.count - 1] == 102 else { return false }
        let values = isNegative ? 2...101 : 1...100
        guard pairs.allSatisfy({ values.contains(Int($0)) }) else { return false }
        let decimal = Number38(trusted: bytes).decimal
        return pairs[0] != (isNegative ? 101 : 1) && pairs[pairs.count - 1] != (isNegative ? 101 : 1)
            && decimal.count <= digitCountMax
    }
}

extension Number38: Comparable {
    package static func < (a: Number38, b: Number38) -> Bool {
        if a.high != b.high { return a.high < b.high }
        if a.middle != b.middle { return a.middle < b.middle }
        return a.low < b.low
    }
}

/// A number in parts: the digits between the first and the last that are not zero. None for zero.
struct DecimalDigits {
    /// Two more than a number may have, so that a sum's are all there before it is judged.
    static let capacity = 42

    var isNegative = false
    /// The power of ten of the first digit.
    var exponent = 0
    var count = 0
    var digits = InlineArray<42, UInt8>(repeating: 0)

    /// Adds a digit behind the others.
    mutating func append(_ digit: UInt8) {
        digits[count] = digit
        count += 1
    }
}
