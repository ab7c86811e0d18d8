private import Bytes

/// Writes JSON by hand: log lines and admin answers are small and flat.
package enum JSONText {
    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// Appends a string's content, escaped, without the quotes. Bytes that are not control characters, quotes or
    /// backslashes go through as they are, in runs.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        var copy = text
        copy.withUTF8 { utf8 in append(utf8, to: &bytes) }
    }

    /// The same for UTF-8 bytes.
    package static func append(_ utf8: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        let text = UnsafeRawBufferPointer(utf8)
        var start = 0
        while true {
            let end = start + PlainText.printableCount(UnsafeRawBufferPointer(rebasing: text[start...]))
            bytes.append(contentsOf: text[start..<end])
            guard end < text.count else { return }
            appendEscape(text[end], to: &bytes)
            start = end + 1
        }
    }

    private static func appendEscape(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(hexDigits[Int(byte >> 4)])
            bytes.append(hexDigits[Int(byte & 15)])
        }
    }

    /// A JSON string with its quotes.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        append(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends a number in decimal without making a `String`.
    package static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var digits: (UInt64, UInt64, UInt32) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { buffer in
            var rest = number
            var position = buffer.count
            repeat {
                position -= 1
                buffer[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[position...]))
        }
    }
}
