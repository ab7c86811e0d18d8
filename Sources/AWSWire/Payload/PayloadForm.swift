import Bytes

/// What `x-amz-content-sha256` says about the bytes that follow.
package enum PayloadForm: Sendable, Equatable {
    /// There must be no byte: the declared digest is that of nothing.
    case empty
    /// Plain bytes with this SHA-256.
    case signed(sha256: [UInt8])
    /// Plain bytes that the signature does not cover.
    case unsigned
    /// `aws-chunked`, each chunk signed.
    case streamingSigned
    /// `aws-chunked`, each chunk and the trailer signed.
    case streamingSignedTrailer
    /// `aws-chunked` with a trailer, nothing signed.
    case streamingUnsignedTrailer

    /// Whether the body is framed in `aws-chunked` chunks.
    package var isChunked: Bool {
        switch self {
        case .streamingSigned, .streamingSignedTrailer, .streamingUnsignedTrailer: true
        case .empty, .signed, .unsigned: false
        }
    }

    /// Whether each chunk carries a signature.
    package var signsChunks: Bool { self == .streamingSigned || self == .streamingSignedTrailer }

    /// Whether header-like lines follow the last chunk.
    package var hasTrailer: Bool { self == .streamingSignedTrailer || self == .streamingUnsignedTrailer }

    /// The SHA-256 of no bytes.
    static let emptySHA256Hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// What clients write when the signature does not cover the payload.
    static let unsignedText = "UNSIGNED-PAYLOAD"

    /// The form of plain bytes that have this digest.
    init(sha256 digest: [UInt8]) { self = digest == Self.emptySHA256 ? .empty : .signed(sha256: digest) }

    private static let emptySHA256 = Hex.decode(emptySHA256Hex) ?? []

    /// Reads the header's value; nil when it is none of AWS's, or one of version 4A's, which needs public keys that no
    /// lab has.
    package init?(headerValue: String) {
        switch headerValue {
        case Self.emptySHA256Hex: self = .empty
        case Self.unsignedText: self = .unsigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": self = .streamingSigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": self = .streamingSignedTrailer
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": self = .streamingUnsignedTrailer
        default:
            guard headerValue.utf8.count == 64, let digest = Hex.decode(headerValue) else { return nil }
            self = .signed(sha256: digest)
        }
    }
}
