package import Encryption
package import IAM
package import NIOHTTP1

/// What a request's signature says, after it was verified.
package struct VerifiedRequest: Sendable {
    /// Who signed; nil when nobody did.
    package var identity: Identity?
    /// The region of the credential scope; the verifier's default region where there is none (version 2, anonymous).
    package var region: String
    package var scheme: SignatureScheme
    package var payload: PayloadForm
    /// The request's headers, and for presigned requests also the parameters that clients move from headers into the
    /// query (`x-amz-*`; in version 2 `content-type` and `content-md5` too). A header outranks a parameter of its name.
    package var headers: HTTPHeaders
    /// Where the chain of chunk signatures starts. Nil when the payload has none, and in relaxed mode.
    package var chunkSigning: ChunkSigning?

    package init(
        identity: Identity?, region: String, scheme: SignatureScheme, payload: PayloadForm, headers: HTTPHeaders,
        chunkSigning: ChunkSigning?
    ) {
        self.identity = identity
        self.region = region
        self.scheme = scheme
        self.payload = payload
        self.headers = headers
        self.chunkSigning = chunkSigning
    }
}

/// What the signatures of a chunked payload hang on.
package struct ChunkSigning: Sendable {
    package var key: HMACSHA256Key
    /// `20130524T000000Z`.
    package var timestamp: [UInt8]
    /// `20130524/us-east-1/s3/aws4_request`.
    package var scope: [UInt8]
    /// The signature of the request's head: 64 hexadecimal characters.
    package var seedSignature: [UInt8]

    package init(key: HMACSHA256Key, timestamp: [UInt8], scope: [UInt8], seedSignature: [UInt8]) {
        self.key = key
        self.timestamp = timestamp
        self.scope = scope
        self.seedSignature = seedSignature
    }
}
