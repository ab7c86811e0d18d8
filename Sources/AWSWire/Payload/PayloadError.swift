package import HTTPFront

/// Why a request's payload is not what its head promised. `awsError` is the answer that AWS gives. Nothing may be
/// created.
package enum PayloadError: Error, Equatable, Sendable {
    /// The length of the payload is not known beforehand, and must be.
    case lengthMissing
    /// `x-amz-decoded-content-length` is not a number.
    case malformedDecodedLength(String)
    /// Fewer or more bytes came than were declared.
    case lengthMismatch(declared: Int, received: Int)
    /// The bytes between chunks are not what `aws-chunked` has there.
    case malformedFraming
    /// A chunk other than the last is shorter than `PayloadLimits.chunkBytesMin`. `index` counts from 1.
    case chunkTooSmall(index: Int, byteCount: Int)
    /// The trailer is malformed, or not the one that `x-amz-trailer` announced.
    case malformedTrailer
    /// The signature of a chunk or of the trailer is not the one that this key makes.
    case signatureMismatch(provided: String, stringToSign: [UInt8])
    /// The bytes do not have the SHA-256 of `x-amz-content-sha256`. Both in hexadecimal.
    case sha256Mismatch(declared: String, computed: String)
    /// The body itself ended badly.
    case body(BodyError)
}

/// Numbers of the payload protocol.
package enum PayloadLimits {
    /// AWS's shortest chunk, the last one excepted.
    package static let chunkBytesMin = 8_192
    /// A chunk's line is a length and a signature: about 100 bytes.
    static let chunkLineBytesMax = 256
    /// A trailer line holds a checksum of at most 88 characters.
    static let trailerLineBytesMax = 1_024
    /// A trailer holds one checksum and one signature.
    static let trailerLinesMax = 16
    /// A chunk's length in hexadecimal digits: 2^60 bytes are more than any object.
    static let chunkLengthDigitsMax = 15
}
