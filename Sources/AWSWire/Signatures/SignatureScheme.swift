/// How a request says who sends it.
package enum SignatureScheme: Sendable, Hashable {
    case anonymous
    /// Version 4 in the `Authorization` header.
    case v4Header
    /// Version 4 in the query: a presigned URL.
    case v4Query
    /// Version 2 (HMAC-SHA1) in the `Authorization` header.
    case v2Header
    /// Version 2 in the query: what boto3 and the AWS CLI presign against a custom endpoint unless told otherwise.
    case v2Query

    /// Whether the signature travels in the query, so that any HTTP client can send the request.
    package var isPresigned: Bool { self == .v4Query || self == .v2Query }
}

/// What differs between services when a request is signed.
package struct SigningRules: Sendable {
    /// The names that may stand in a credential scope. The first is the one that errors name.
    package var serviceNames: [String]
    /// Whether the path is percent-encoded once more in the canonical request: everywhere but in S3.
    package var encodesPathTwice: Bool
    /// Whether `x-amz-content-sha256` must be there when the signature is in the headers.
    package var requiresContentSHA256: Bool
    /// Whether a signature in the query must say how long it lives; else it lives as long as clocks may be apart.
    package var requiresExpires: Bool
    /// Whether a time that is too far off is refused before the credential is looked at: everywhere but in S3.
    package var checksTimeFirst: Bool { !requiresContentSHA256 }

    package init(
        serviceNames: [String], encodesPathTwice: Bool, requiresContentSHA256: Bool, requiresExpires: Bool
    ) {
        precondition(!serviceNames.isEmpty, "a service has a name")
        self.serviceNames = serviceNames
        self.encodesPathTwice = encodesPathTwice
        self.requiresContentSHA256 = requiresContentSHA256
        self.requiresExpires = requiresExpires
    }

    package static let s3 = SigningRules(
        serviceNames: ["s3"], encodesPathTwice: false, requiresContentSHA256: true, requiresExpires: true)
}

/// How strictly signatures are looked at.
package enum SignatureMode: Sendable, Hashable {
    /// Every signature, date and signed header is checked.
    case verify
    /// Nothing is checked: the access key says who it is, and one of twelve digits is an account of its own.
    case relaxed
}

/// Numbers of the signature protocols.
package enum SignatureLimits {
    /// How far the clocks of client and server may be apart: AWS's 15 minutes.
    package static let clockSkewSeconds: Int64 = 900
    /// The longest life of a version 4 presigned URL: AWS's seven days.
    package static let presignedSecondsMax = 604_800
    /// Derived keys kept in each of two generations. One key a day, region and access key is used; 128 of them are
    /// about 60 KB.
    static let cachedKeysPerGeneration = 128
}
