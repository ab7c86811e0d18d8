import Bytes

/// What a JSON string cannot hold as it is: quotes, backslashes and control characters.
enum JSONEscapes {
    /// Where the first byte that needs an escape is, from `start` on; the count when there is none.
    static func firstIndex(in utf8: UnsafeRawBufferPointer, from start: Int) -> Int {
        start + PlainText.count(UnsafeRawBufferPointer(rebasing: utf8[start...]))
    }

    /// Appends the shortest escape of a byte that needs one.
    static func append(_ byte: UInt8, to output: inout ByteBuilder) {
        switch byte {
        case UInt8(ascii: "\""): output.append("\\\"")
        case UInt8(ascii: "\\"): output.append("\\\\")
        case 0x08: output.append("\\b")
        case 0x09: output.append("\\t")
        case 0x0A: output.append("\\n")
        case 0x0C: output.append("\\f")
        case 0x0D: output.append("\\r")
        default:
            output.append("\\u00")
            output.append(Hex.digit(byte >> 4, uppercase: false))
            output.append(Hex.digit(byte & 0xF, uppercase: false))
        }
    }
}
