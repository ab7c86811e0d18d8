import Bytes

/// A cursor over JSON text (RFC 8259) that checks what it passes: UTF-8 without overlong forms and surrogates, escapes,
/// numbers and literals as the grammar has them. It builds nothing.
struct JSONScanner {
    private let base: UnsafeRawPointer
    private let end: Int
    private(set) var offset = 0

    /// Starts at the first byte.
    init(_ text: UnsafeRawBufferPointer) {
        // Empty text may have no address; nothing is read of it then.
        base = text.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        end = text.count
    }

    /// The text between two offsets.
    func text(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    @inline(__always)
    private func byte(at offset: Int) -> UInt8 { base.load(fromByteOffset: offset, as: UInt8.self) }

    /// Skips white space and looks at what comes. Zero at the end: a byte that no value begins with.
    @inline(__always)
    mutating func peek() -> UInt8 {
        while offset < end {
            let next = byte(at: offset)
            guard next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 else { return next }
            offset += 1
        }
        return 0
    }

    /// Skips white space, and `byte` when it comes next.
    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek() == byte, offset < end else { return false }
        offset += 1
        return true
    }

    /// Skips the byte that `peek` has shown.
    mutating func skipOne() { offset += 1 }

    /// Whether nothing but white space is left.
    mutating func isAtEnd() -> Bool {
        _ = peek()
        return offset == end
    }

    // MARK: Strings

    /// Reads a string.
    mutating func readString() throws(InputError) -> JSONText {
        guard skip(UInt8(ascii: "\"")) else { throw .malformed }
        let start = offset
        var isEscaped = false
        while true {
            offset += PlainText.asciiCount(text(offset..<end))
            guard offset < end else { throw .malformed }
            let next = byte(at: offset)
            switch next {
            case UInt8(ascii: "\""):
                let text = JSONText(raw: text(start..<offset), isEscaped: isEscaped)
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                isEscaped = true
                try skipEscape()
            case 0x80...: try skipMultibyteScalar(next)
            default: throw .malformed
            }
        }
    }

    private mutating func skipEscape() throws(InputError) {
        guard end - offset >= 2 else { throw .malformed }
        let escape = byte(at: offset + 1)
        offset += 2
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            switch try readCodeUnit() {
            case 0xD800...0xDBFF:
                guard end - offset >= 6, byte(at: offset) == UInt8(ascii: "\\"),
                    byte(at: offset + 1) == UInt8(ascii: "u")
                else { throw .malformed }
                offset += 2
                guard 0xDC00...0xDFFF ~= (try readCodeUnit()) else { throw .malformed }
            case 0xDC00...0xDFFF: throw .malformed
            default: return
            }
        default: throw .malformed
        }
    }

    private mutating func readCodeUnit() throws(InputError) -> UInt32 {
        guard end - offset >= 4 else { throw .malformed }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Hex.value(ofDigit: byte(at: offset)) else { throw .malformed }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }

    /// Skips a scalar of two to four bytes. (The Unicode Standard, table 3-7.)
    private mutating func skipMultibyteScalar(_ first: UInt8) throws(InputError) {
        let count: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: count = 2
        case 0xE0...0xEF:
            count = 3
            if first == 0xE0 { second = 0xA0...0xBF }
            if first == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            count = 4
            if first == 0xF0 { second = 0x90...0xBF }
            if first == 0xF4 { second = 0x80...0x8F }
        default: throw .malformed
        }
        guard end - offset >= count, second ~= byte(at: offset + 1) else { throw .malformed }
        for index in 2..<max(count, 2) where byte(at: offset + index) & 0xC0 != 0x80 { throw .malformed }
        offset += count
    }

    // MARK: Numbers and literals

    /// Reads a number's text.
    mutating func readNumber() throws(InputError) -> JSONNumber {
        _ = peek()
        let start = offset
        skipByte(UInt8(ascii: "-"))
        let integerStart = offset
        let integerCount = skipDigits()
        // No digits, or a zero before others.
        guard integerCount > 0, integerCount == 1 || byte(at: integerStart) != UInt8(ascii: "0") else {
            throw .malformed
        }
        var isInteger = true
        if skipByte(UInt8(ascii: ".")) {
            isInteger = false
            guard skipDigits() > 0 else { throw .malformed }
        }
        if skipByte(UInt8(ascii: "e")) || skipByte(UInt8(ascii: "E")) {
            isInteger = false
            if !skipByte(UInt8(ascii: "+")) { skipByte(UInt8(ascii: "-")) }
            guard skipDigits() > 0 else { throw .malformed }
        }
        return JSONNumber(text: text(start..<offset), isInteger: isInteger)
    }

    @discardableResult
    private mutating func skipByte(_ expected: UInt8) -> Bool {
        guard offset < end, byte(at: offset) == expected else { return false }
        offset += 1
        return true
    }

    private mutating func skipDigits() -> Int {
        let start = offset
        while offset < end, byte(at: offset) &- UInt8(ascii: "0") < 10 { offset += 1 }
        return offset - start
    }

    /// Reads `true`, `false` or `null`.
    mutating func readLiteral(_ literal: StaticString) throws(InputError) {
        _ = peek()
        let count = literal.utf8CodeUnitCount
        guard end - offset >= count,
            StoredForm.isEqual(
                text(offset..<offset + count), UnsafeRawBufferPointer(start: literal.utf8Start, count: count))
        else { throw .malformed }
        offset += count
    }

    // MARK: Whole values

    /// Reads a value of any kind and forgets it. Takes no stack, however deep the value is nested.
    ///
    /// - Parameter depth: the containers that the value is in.
    mutating func skipValue(depth: Int) throws(InputError) {
        var containers = ContainerStack()
        repeat {
            switch peek() {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth + containers.count < ItemLimits.jsonNestingMax else { throw .malformed }
                containers.push(isArray: byte(at: offset) == UInt8(ascii: "["))
                offset += 1
                if !skip(containers.closer) {
                    try skipName(in: containers)
                    continue
                }
                containers.pop()
            case UInt8(ascii: "\""): _ = try readString()
            case UInt8(ascii: "t"): try readLiteral("true")
            case UInt8(ascii: "f"): try readLiteral("false")
            case UInt8(ascii: "n"): try readLiteral("null")
            default: _ = try readNumber()
            }
            // A value has ended: so may have containers that it was the last of.
            while containers.count > 0 {
                if skip(UInt8(ascii: ",")) {
                    try skipName(in: containers)
                    break
                }
                guard skip(containers.closer) else { throw .malformed }
                containers.pop()
            }
        } while containers.count > 0
    }

    private mutating func skipName(in containers: ContainerStack) throws(InputError) {
        guard !containers.isArray else { return }
        _ = try readString()
        guard skip(UInt8(ascii: ":")) else { throw .malformed }
    }
}

/// A JSON number, not yet taken for anything.
struct JSONNumber {
    let text: UnsafeRawBufferPointer
    /// Whether it is written without a fraction and an exponent.
    let isInteger: Bool
}

/// Which of the containers that are open are arrays.
private struct ContainerStack {
    private(set) var count = 0
    private var arrays = InlineArray<8, UInt64>(repeating: 0)

    var isArray: Bool { arrays[(count - 1) >> 6] >> UInt64((count - 1) & 63) & 1 == 1 }
    var closer: UInt8 { isArray ? UInt8(ascii: "]") : UInt8(ascii: "}") }

    mutating func push(isArray: Bool) {
        let bit: UInt64 = 1 << UInt64(count & 63)
        if isArray { arrays[count >> 6] |= bit } else { arrays[count >> 6] &= ~bit }
        count += 1
    }

    mutating func pop() { count -= 1 }
}
