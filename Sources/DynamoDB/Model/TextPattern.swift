/// The regular expressions of the model, each as a check of bytes.
package enum TextPattern: Sendable {
    /// Names of tables, indexes and backups.
    case name
    /// Tokens of exports and imports.
    case clientToken
    /// A separator of CSV.
    case csvDelimiter
    /// A column's name in CSV.
    case csvHeader
    /// Tokens of lists of imports.
    case importNextToken
    /// Names of buckets.
    case s3Bucket
    /// Account identifiers.
    case accountID

    /// The expression as AWS's messages print it.
    package var text: String {
        switch self {
        case .name: "[a-zA-Z0-9_.-]+"
        case .clientToken: #"^[^\$]+$"#
        case .csvDelimiter: #"[,;:|\t ]"#
        case .csvHeader: #"[\x20-\x21\x23-\x2B\x2D-\x7E]*"#
        case .importNextToken: "([0-9a-f]{16})+"
        case .s3Bucket: #"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$"#
        case .accountID: "[0-9]{12}"
        }
    }

    /// Whether the whole text is of the expression's language.
    package func matches(_ text: String) -> Bool {
        let bytes = text.utf8
        switch self {
        case .name: return !bytes.isEmpty && bytes.allSatisfy { Self.isNameByte($0) }
        // What is no dollar sign; a line end is none either.
        case .clientToken: return !bytes.isEmpty && !bytes.contains(UInt8(ascii: "$"))
        case .csvDelimiter: return bytes.count == 1 && bytes.allSatisfy { ",;:|\t ".utf8.contains($0) }
        case .csvHeader:
            return bytes.allSatisfy { 0x20...0x7E ~= $0 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",") }
        case .importNextToken:
            return !bytes.isEmpty && bytes.count.isMultiple(of: 16)
                && bytes.allSatisfy { Self.isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 }
        case .s3Bucket:
            guard bytes.count >= 2, let first = bytes.first, let last = bytes.last else { return false }
            return Self.isLetterOrDigit(first) && Self.isLetterOrDigit(last)
                && bytes.allSatisfy { Self.isNameByte($0) }
        case .accountID: return bytes.count == 12 && bytes.allSatisfy { Self.isDigit($0) }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }
}
