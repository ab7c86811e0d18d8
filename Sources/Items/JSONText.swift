import Bytes

/// A JSON string's contents as they lie in the request, already checked: UTF-8 and escapes are well formed.
///
/// Valid only as long as the request's bytes.
package struct JSONText {
    /// What is between the quotes.
    let raw: UnsafeRawBufferPointer

    /// Whether there are escapes in it, so that the raw bytes are not the text.
    let isEscaped: Bool

    /// A copy of the text.
    package var string: String {
        guard isEscaped else { return String(decoding: raw, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: raw.count) { decode(to: UnsafeMutableRawPointer($0.baseAddress!)) }
    }

    /// A copy of the text's UTF-8.
    package var utf8: [UInt8] {
        guard isEscaped else { return Array(raw) }
        return [UInt8](unsafeUninitializedCapacity: raw.count) { buffer, count in
            count = decode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
        }
    }

    /// Lets `body` look at the text's UTF-8, in place where there are no escapes.
    func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard isEscaped else { return body(raw) }
        return utf8.withUnsafeBytes(body)
    }

    /// Whether the text is that one.
    package static func ~= (pattern: StaticString, text: JSONText) -> Bool {
        guard !text.isEscaped else { return text.string == "\(pattern)" }
        return StoredForm.isEqual(
            text.raw, UnsafeRawBufferPointer(start: pattern.utf8Start, count: pattern.utf8CodeUnitCount))
    }

    /// The bytes of the text's UTF-8.
    var decodedByteCount: Int {
        guard isEscaped else { return raw.count }
        var count = 0
        var index = 0
        while index < raw.count { count += Unicode.utf8ByteCount(readScalarOrByte(at: &index)) }
        return count
    }

    /// Writes the text's UTF-8 at an address with room for `raw.count` bytes. Returns the bytes written.
    func decode(to address: UnsafeMutableRawPointer) -> Int {
        var count = 0
        var index = 0
        while index < raw.count {
            switch readScalarOrByte(at: &index) {
            case .byte(let byte):
                address.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
                count += 1
            case .scalar(let scalar):
                for byte in String(scalar).utf8 {
                    address.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
                    count += 1
                }
            }
        }
        return count
    }

    private func readScalarOrByte(at index: inout Int) -> Decoded {
        let byte = raw[index]
        index += 1
        guard byte == UInt8(ascii: "\\") else { return .byte(byte) }
        let escape = raw[index]
        index += 1
        switch escape {
        case UInt8(ascii: "b"): return .byte(0x08)
        case UInt8(ascii: "f"): return .byte(0x0C)
        case UInt8(ascii: "n"): return .byte(0x0A)
        case UInt8(ascii: "r"): return .byte(0x0D)
        case UInt8(ascii: "t"): return .byte(0x09)
        case UInt8(ascii: "u"):
            var unit = readCodeUnit(at: &index)
            if 0xD800...0xDBFF ~= unit {
                index += 2
                unit = 0x1_0000 + ((unit - 0xD800) << 10) + (readCodeUnit(at: &index) - 0xDC00)
            }
            // The scanner has refused surrogates that are not in pairs.
            guard let scalar = Unicode.Scalar(unit) else { preconditionFailure("An escape was not checked") }
            return .scalar(scalar)
        default: return .byte(escape)
        }
    }

    private func readCodeUnit(at index: inout Int) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            unit = unit << 4 | UInt32(Hex.value(ofDigit: raw[index]) ?? 0)
            index += 1
        }
        return unit
    }
}

/// What one byte or escape stands for.
private enum Decoded {
    case byte(UInt8)
    case scalar(Unicode.Scalar)
}

extension Unicode {
    fileprivate static func utf8ByteCount(_ decoded: Decoded) -> Int {
        switch decoded {
        case .byte: 1
        case .scalar(let scalar): UTF8.width(scalar)
        }
    }
}
