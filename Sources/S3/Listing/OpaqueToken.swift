import Bytes

/// Continuation tokens: where a listing goes on, in a form that clients cannot mistake for a key.
enum OpaqueToken {
    /// The first byte of a token says what it continues.
    enum Kind: UInt8 {
        case objects = 1
        case buckets = 2
    }

    /// Hexadecimal: safe in URLs and XML.
    static func encode(_ kind: Kind, _ position: [UInt8]) -> String { Hex.encode([kind.rawValue] + position) }

    /// The position of a token that `encode` made.
    ///
    /// - Throws: `invalidArgument`.
    static func decode(_ kind: Kind, _ token: String) throws(S3Error) -> [UInt8] {
        guard let bytes = Hex.decode(Array(token.utf8)), bytes.first == kind.rawValue else {
            throw .invalidArgument(
                name: "continuation-token", value: token, message: "The continuation token provided is incorrect")
        }
        return Array(bytes.dropFirst())
    }
}
