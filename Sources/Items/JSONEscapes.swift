import Bytes

/// What a JSON string cannot hold as it is: quotes, backslashes and control characters.
enum JSONEscapes {
    /// Where the first byte that needs an escape is, from `start` on; the count when there is none.
    static func firstIndex(in utf8: UnsafeRawBufferPointer, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while utf8.count - index >= 8 {
            let word = UInt64(littleEndian: utf8.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let quotes = (quote &- ones) & ~quote
            let backslashes = (backslash &- ones) & ~backslash
            let controls = (word &- (ones &* 0x20)) & ~word
            let special = (quotes | backslashes | controls) & highs
            // The first byte found is truly one; those behind it may be borrows.
            guard special == 0 else { return index + special.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < utf8.count, !needsEscape(utf8[index]) { index += 1 }
        return index
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
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
