import AWSWire
import Bytes

/// Text outside ASCII in headers, as RFC 2047 writes it: `=?UTF-8?B?w6k=?=`.
///
/// S3 decodes such words in user metadata, takes raw UTF-8 too, and answers values outside ASCII as one encoded word.
enum EncodedWord {
    /// Decodes the encoded words of a value; anything that is not one stays as it is.
    static func decode(_ value: String) -> String {
        guard value.contains("=?") else { return value }
        var out = ""
        var rest = value[...]
        var afterWord = false
        while let start = rest.firstRange(of: "=?") {
            let before = rest[..<start.lowerBound]
            guard let (text, end) = word(rest[start.upperBound...]) else {
                out += rest[..<start.upperBound]
                rest = rest[start.upperBound...]
                afterWord = false
                continue
            }
            // Blanks between two encoded words only fold the line.
            if !(afterWord && before.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }) { out += before }
            out += text
            rest = rest[end...]
            afterWord = true
        }
        return out + rest
    }

    /// A value as a header carries it: itself when it is printable ASCII, otherwise one encoded word.
    static func encode(_ value: String) -> String {
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return value }
        return "=?UTF-8?B?" + Base64.encode(Array(value.utf8)) + "?="
    }

    /// Reads `charset?encoding?text?=`; nil when it is not one in UTF-8 or ASCII.
    private static func word(_ source: Substring) -> (text: String, end: Substring.Index)? {
        let parts = source.split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[3].first == "=" else { return nil }
        let charset = parts[0].lowercased()
        guard charset == "utf-8" || charset == "us-ascii" else { return nil }
        let bytes: [UInt8]?
        switch parts[1] {
        case "B", "b": bytes = Base64.decode(Array(parts[2].utf8))
        case "Q", "q": bytes = quoted(parts[2])
        default: bytes = nil
        }
        guard let bytes, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return (text, parts[3].index(after: parts[3].startIndex))
    }

    /// The Q encoding: `_` is a space, `=XX` a byte.
    private static func quoted(_ text: Substring) -> [UInt8]? {
        URLCoding.decode(
            text.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "_"): UInt8(ascii: "+")
                case UInt8(ascii: "="): UInt8(ascii: "%")
                default: byte
                }
            }, plusIsSpace: true)
    }
}
