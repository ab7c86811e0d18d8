/// Why a request is not who it says it is. `awsError` is the answer that AWS gives.
package enum SignatureError: Error, Equatable, Sendable {
    /// No identity has this access key.
    case unknownAccessKey(String)
    /// The signature is not the one that this secret key makes.
    case mismatch(SignatureMismatch)
    /// The clocks are more than `SignatureLimits.clockSkewSeconds` apart.
    case tooSkewed(requestTime: String, serverTime: Int64)
    /// A presigned URL's time is over. `lifeSeconds` is its `X-Amz-Expires` (version 4 only).
    case expired(lifeSeconds: Int?, expiresAt: Int64, serverTime: Int64)
    /// A presigned URL is dated more than the allowed skew in the future.
    case notYetValid
    /// Version 2's `Expires` is not a number.
    case malformedExpires(String)
    /// Neither `x-amz-date` nor `Date` holds a date.
    case dateMissing
    /// The `Authorization` header of version 4 does not hold together. `expectedRegion` is set when only the region is
    /// wrong.
    case malformedHeader(reason: String, expectedRegion: String?)
    /// The `X-Amz-…` parameters do not hold together. `expectedRegion` as above.
    case malformedQuery(reason: String, expectedRegion: String?)
    /// Version 2's header is not `AWS key:signature`.
    case malformedV2Header(String)
    /// Version 2's query lacks one of its three parameters.
    case missingV2Parameters
    /// An `Authorization` header of a kind that S3 does not know.
    case unsupportedAuthorizationType(String)
    /// Signature version 4A, which signs with an elliptic curve: not implemented here.
    case asymmetricSignature
    /// A header and a query both claim to sign.
    case severalMechanisms(String)
    /// These headers came with the request and must be signed.
    case headersNotSigned([String])
    /// A session token with a key that has none.
    case invalidToken(String)
    /// `x-amz-content-sha256` is needed and missing.
    case contentSHA256Missing
    /// `x-amz-content-sha256` is none of its forms.
    case contentSHA256Invalid(String)
}

/// A signature that does not match, and all that its sender needs to find out why.
package struct SignatureMismatch: Equatable, Sendable {
    package var accessKey: String
    package var provided: String
    package var stringToSign: [UInt8]
    /// Nil in version 2, which has none.
    package var canonicalRequest: [UInt8]?
}
