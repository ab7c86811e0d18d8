import Bytes

/// The parts of a version 4 signature, from the `Authorization` header or from the query.
struct AuthorizationV4 {
    /// The header's first word, and the query's `X-Amz-Algorithm`.
    static let algorithm: StaticString = "AWS4-HMAC-SHA256"

    let credential: ArraySlice<UInt8>
    let signedHeaders: ArraySlice<UInt8>
    let signature: ArraySlice<UInt8>

    init(credential: ArraySlice<UInt8>, signedHeaders: ArraySlice<UInt8>, signature: ArraySlice<UInt8>) {
        self.credential = credential
        self.signedHeaders = signedHeaders
        self.signature = signature
    }

    /// Reads what follows the algorithm in the header: `Credential=…, SignedHeaders=…, Signature=…` in any order,
    /// blanks optional.
    ///
    /// - Throws: `.malformedHeader` naming what is missing.
    init(headerParameters text: ArraySlice<UInt8>) throws(SignatureError) {
        var credential: ArraySlice<UInt8>?
        var signedHeaders: ArraySlice<UInt8>?
        var signature: ArraySlice<UInt8>?
        var start = text.startIndex
        while start < text.endIndex {
            let end = text[start...].firstIndex(of: UInt8(ascii: ",")) ?? text.endIndex
            let part = ASCII.trimmed(text[start..<end])
            start = end + 1
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = part[(equals + 1)...]
            switch part[..<equals].count {
            case 10 where ASCII.isEqual(part[..<equals], "Credential"): credential = value
            case 13 where ASCII.isEqual(part[..<equals], "SignedHeaders"): signedHeaders = value
            case 9 where ASCII.isEqual(part[..<equals], "Signature"): signature = value
            default: continue
            }
        }
        guard let credential, let signedHeaders, let signature, !signature.isEmpty, !signedHeaders.isEmpty else {
            throw .malformedHeader(
                reason: "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
                expectedRegion: nil)
        }
        self.init(credential: credential, signedHeaders: signedHeaders, signature: signature)
    }
}
