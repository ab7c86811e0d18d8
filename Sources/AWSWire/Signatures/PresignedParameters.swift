import Bytes
import LabClock

/// The `X-Amz-…` parameters of a version 4 presigned URL, checked for form.
struct PresignedParameters {
    let credential: ArraySlice<UInt8>
    let signedHeaders: ArraySlice<UInt8>
    let signature: ArraySlice<UInt8>
    let timestamp: String
    /// `timestamp` in unix seconds.
    let time: Int64
    let lifeSeconds: Int
    let securityToken: String?
    let contentSHA256: String?

    /// Whether a parameter is the protocol's own and stands for no header.
    static func isProtocolName(_ name: String) -> Bool {
        switch name {
        // As everybody writes them: no string is built for these.
        case "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
            "X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Content-Sha256":
            true
        default: lowerCaseNames.contains(name.lowercased())
        }
    }

    private static let lowerCaseNames: Set<String> = [
        "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders",
        "x-amz-signature", "x-amz-security-token", "x-amz-content-sha256",
    ]

    /// - Parameter requiresExpires: see `SigningRules`.
    /// - Throws: `.malformedQuery`, `.asymmetricSignature`.
    init(_ query: QueryItems, requiresExpires: Bool) throws(SignatureError) {
        guard let algorithm = query.first(name: "X-Amz-Algorithm"),
            let credential = query.first(name: "X-Amz-Credential"),
            let signature = query.first(name: "X-Amz-Signature"),
            let timestamp = query.first(name: "X-Amz-Date"),
            let signedHeaders = query.first(name: "X-Amz-SignedHeaders"),
            let expires = query.first(name: "X-Amz-Expires")
                ?? (requiresExpires ? nil : "\(SignatureLimits.clockSkewSeconds)")
        else {
            throw Self.malformed(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                    + "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
        }
        if algorithm == "AWS4-ECDSA-P256-SHA256" { throw .asymmetricSignature }
        guard algorithm == "\(AuthorizationV4.algorithm)" else {
            throw Self.malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")
        }
        guard let time = ISO8601.parseBasic(timestamp) else {
            throw Self.malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        }
        self.credential = Array(credential.utf8)[...]
        self.signedHeaders = Array(signedHeaders.utf8)[...]
        self.signature = Array(signature.utf8)[...]
        self.timestamp = timestamp
        self.time = time
        lifeSeconds = try Self.life(expires)
        securityToken = query.first(name: "X-Amz-Security-Token")
        contentSHA256 = query.first(name: "X-Amz-Content-Sha256")
    }

    private static func life(_ text: String) throws(SignatureError) -> Int {
        if text.hasPrefix("-"), ASCII.decimal(text.dropFirst().utf8) != nil {
            throw malformed("X-Amz-Expires must be non-negative")
        }
        guard !text.isEmpty, text.utf8.allSatisfy(ASCII.isDigit) else {
            throw malformed("X-Amz-Expires should be a number")
        }
        // A number too long for an integer is certainly too large.
        guard let seconds = ASCII.decimal(text.utf8), seconds <= SignatureLimits.presignedSecondsMax else {
            throw malformed(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less "
                    + "than \(SignatureLimits.presignedSecondsMax) seconds")
        }
        return seconds
    }

    private static func malformed(_ reason: String) -> SignatureError {
        .malformedQuery(reason: reason, expectedRegion: nil)
    }
}
