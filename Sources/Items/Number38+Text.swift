/// Why a text is no number of DynamoDB's.
package enum NumberError: Error, Equatable, Sendable {
    /// Not a decimal number.
    case malformed
    /// The magnitude is 1E+126 or more; or a sum needs more digits than there are, which AWS reports so too.
    case overflow
    /// The magnitude is less than 1E-130 and not zero.
    case underflow
    /// More than 38 significant digits.
    case imprecise

    /// AWS's message for the text that was sent.
    package func message(for text: String) -> String {
        switch self {
        case .malformed where text.isEmpty: "The parameter cannot be converted to a numeric value"
        case .malformed: "The parameter cannot be converted to a numeric value: " + text
        case .overflow: "Number overflow. Attempting to store a number with magnitude larger than supported range"
        case .underflow: "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        case .imprecise: "Attempting to store more than 38 significant digits in a Number"
        }
    }

    /// AWS's message for the text of a statement's parameter. It reads that as Java's BigDecimal: what counts the
    /// decimal places has 32 bits, and so has the magnitude, which may wrap around.
    package func parameterMessage(for text: String) -> String {
        guard self == .overflow || self == .underflow else { return message(for: text) }
        let parts = text.split(maxSplits: 1) { $0 == "e" || $0 == "E" }
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let placeCount = mantissa.count > 1 ? mantissa[1].utf8.count : 0
        guard let exponent = Int32(parts.count > 1 ? parts[1] : "0"),
            let scale = Int32(exactly: placeCount - Int(exponent))
        else {
            return NumberError.malformed.message(for: text)
        }
        let digits = parts[0].filter(\.isNumber).drop { $0 == "0" }
        let magnitude = Int32(max(digits.count, 1)) &- scale
        return (magnitude > 0 ? NumberError.overflow : .underflow).message(for: text)
    }
}

extension Number38 {
    /// Exponents beyond this are out of range whatever the digits are.
    private static let writtenExponentMax = 100_000_000

    /// Reads a number as DynamoDB does: a sign, digits with or without a point, an exponent; nothing before or after
    /// it.
    ///
    /// A magnitude out of range is reported before too many digits. That of a zero is the power of its last digit:
    /// `0e126` is refused, and `0.0e126` is not.
    package init(parsing text: UnsafeRawBufferPointer) throws(NumberError) {
        var scan = NumberScan(text)
        try scan.readDigits()
        let exponent = try scan.readExponent(max: Self.writtenExponentMax)
        let power = scan.power + exponent
        guard power <= Self.exponentMax else { throw .overflow }
        guard power >= Self.exponentMin else { throw .underflow }
        guard scan.decimal.count > 0 else {
            self = .zero
            return
        }
        guard !scan.isImprecise else { throw .imprecise }
        scan.decimal.exponent = power
        self.init(scan.decimal)
    }

    /// As of a buffer.
    package init(parsing text: String) throws(NumberError) {
        var text = text
        self = try text.withUTF8 { Self.parse(UnsafeRawBufferPointer($0)) }.get()
    }

    /// As `init(parsing:)`, for closures that cannot throw typed errors.
    static func parse(_ text: UnsafeRawBufferPointer) -> Result<Number38, NumberError> {
        do throws(NumberError) {
            return .success(try Number38(parsing: text))
        } catch {
            return .failure(error)
        }
    }

    /// A whole number.
    package init(_ integer: Int) {
        var decimal = DecimalDigits()
        decimal.isNegative = integer < 0
        // An Int has at most 19 digits: in range, and no more than 38.
        for digit in String(integer.magnitude).utf8 where digit != UInt8(ascii: "0") || decimal.count > 0 {
            decimal.append(digit - UInt8(ascii: "0"))
        }
        decimal.exponent = decimal.count - 1
        while decimal.count > 0, decimal.digits[decimal.count - 1] == 0 { decimal.count -= 1 }
        self.init(decimal)
    }
}

extension Number38: CustomStringConvertible {
    /// The bytes of `description` at most: a sign, `0.`, 129 zeros and 38 digits.
    static let textByteCountMax = 170

    /// The text that DynamoDB answers with: no exponent, no zeros that say nothing.
    package var description: String {
        String(unsafeUninitializedCapacity: Self.textByteCountMax) {
            writeText(to: UnsafeMutableRawPointer($0.baseAddress!))
        }
    }

    /// Writes `description` at an address with room for `textByteCountMax`. Returns the bytes written.
    func writeText(to address: UnsafeMutableRawPointer) -> Int {
        let decimal = decimal
        var count = 0
        func put(_ byte: UInt8) {
            address.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
            count += 1
        }
        let zero = UInt8(ascii: "0")
        guard decimal.count > 0 else {
            put(zero)
            return count
        }
        if decimal.isNegative { put(UInt8(ascii: "-")) }
        if decimal.exponent < 0 {
            put(zero)
            put(UInt8(ascii: "."))
            for _ in 0..<(-decimal.exponent - 1) { put(zero) }
        }
        for index in 0..<decimal.count {
            if index > 0, index == decimal.exponent + 1 { put(UInt8(ascii: ".")) }
            put(zero + decimal.digits[index])
        }
        if decimal.exponent >= decimal.count {
            for _ in decimal.count...decimal.exponent { put(zero) }
        }
        return count
    }
}

/// A number's text being read.
private struct NumberScan {
    let text: UnsafeRawBufferPointer
    private(set) var index = 0
    var decimal = DecimalDigits()
    /// Whether a digit that is not zero came after the 38th.
    private(set) var isImprecise = false
    /// Of the first digit that is not zero, or of the last one where all are; as written, without the exponent.
    private(set) var power = 0

    init(_ text: UnsafeRawBufferPointer) { self.text = text }

    private mutating func readSign() -> Bool {
        guard index < text.count else { return false }
        let sign = text[index]
        guard sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") else { return false }
        index += 1
        return sign == UInt8(ascii: "-")
    }

    private mutating func readDigit() -> UInt8? {
        guard index < text.count else { return nil }
        let digit = text[index] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        index += 1
        return digit
    }

    mutating func readDigits() throws(NumberError) {
        decimal.isNegative = readSign()
        var digitsRead = 0
        var pointAt: Int?
        var firstAt = 0
        var zerosHeld = 0
        while true {
            if let digit = readDigit() {
                if digit != 0 {
                    if decimal.count == 0 { firstAt = digitsRead }
                    if decimal.count + zerosHeld >= Number38.digitCountMax {
                        isImprecise = true
                    } else {
                        for _ in 0..<zerosHeld { decimal.append(0) }
                        decimal.append(digit)
                    }
                    zerosHeld = 0
                } else if decimal.count > 0 {
                    zerosHeld += 1
                }
                digitsRead += 1
            } else if index < text.count, text[index] == UInt8(ascii: "."), pointAt == nil {
                pointAt = digitsRead
                index += 1
            } else {
                break
            }
        }
        guard digitsRead > 0 else { throw .malformed }
        power = (pointAt ?? digitsRead) - 1 - (decimal.count > 0 ? firstAt : digitsRead - 1)
    }

    /// - Parameter max: what greater exponents are taken for.
    /// - Throws: also for an exponent that 64 bits do not hold, which AWS cannot read.
    mutating func readExponent(max: Int) throws(NumberError) -> Int {
        guard index < text.count else { return 0 }
        guard text[index] | 0x20 == UInt8(ascii: "e") else { throw .malformed }
        index += 1
        let isNegative = readSign()
        let start = index
        var exponent = 0
        while let digit = readDigit() {
            let (tenfold, isTooLarge) = exponent.multipliedReportingOverflow(by: 10)
            let (next, isOneTooLarge) = tenfold.addingReportingOverflow(Int(digit))
            if isTooLarge || isOneTooLarge { throw .malformed }
            exponent = next
        }
        guard index > start, index == text.count else { throw .malformed }
        exponent = Swift.min(exponent, max)
        return isNegative ? -exponent : exponent
    }
}
