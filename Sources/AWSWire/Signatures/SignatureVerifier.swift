import Bytes
package import IAM
package import NIOHTTP1

/// Finds out who sent a request, from whichever kind of signature it carries.
///
/// Costs a few microseconds, does no I/O and keeps no outcomes: only derived keys are kept. Any thread may call it.
package final class SignatureVerifier: Sendable {
    let identities: IdentityTable
    let rules: SigningRules
    /// How strictly signatures are looked at.
    package let mode: SignatureMode
    let strictRegion: String?
    /// The region of requests that name none.
    package let defaultRegion: String
    let now: @Sendable () -> Int64
    let keys = SigningKeyCache(keysPerGeneration: SignatureLimits.cachedKeysPerGeneration)

    /// - Parameters:
    ///   - strictRegion: when set, a version 4 scope with another region is refused; nil serves every region.
    ///   - defaultRegion: the region of requests that name none.
    ///   - now: the real time in unix seconds; not the lab's.
    package init(
        identities: IdentityTable, rules: SigningRules, mode: SignatureMode, strictRegion: String? = nil,
        defaultRegion: String = "us-east-1", now: @escaping @Sendable () -> Int64
    ) {
        self.identities = identities
        self.rules = rules
        self.mode = mode
        self.strictRegion = strictRegion
        self.defaultRegion = defaultRegion
        self.now = now
    }

    /// Verifies one request's head. The payload is the reader's business.
    ///
    /// - Parameters:
    ///   - virtualBucket: the bucket that the host names, which version 2 signs as part of the path.
    ///   - bodySHA256: the digest of the body for services whose clients do not send `x-amz-content-sha256`.
    /// - Throws: `SignatureError`, whose `awsError` is the answer.
    package func verify(
        method: HTTPMethod, target: RequestTarget, headers: HTTPHeaders, virtualBucket: String? = nil,
        bodySHA256: [UInt8]? = nil
    ) throws(SignatureError) -> VerifiedRequest {
        let request = SignedRequest(
            method: method, target: target, headers: headers, virtualBucket: virtualBucket,
            bodySHA256: bodySHA256)
        let authorization = headers.first(name: "authorization").map { Array($0.utf8) } ?? []
        let queryScheme = Self.schemeInQuery(target.query)
        if ASCII.trimmed(authorization).isEmpty {
            switch queryScheme {
            case .v4Query: return try verifyV4Query(request)
            case .v2Query: return try verifyV2Query(request)
            default: return try anonymous(request)
            }
        }
        guard queryScheme == nil else {
            throw .severalMechanisms(String(decoding: authorization, as: UTF8.self))
        }
        let text = ASCII.trimmed(authorization)
        let word = text.prefix { !ASCII.isBlank($0) }
        let parameters = text[word.endIndex...]
        if ASCII.isEqual(word, AuthorizationV4.algorithm) {
            return try verifyV4Header(request, parameters: parameters)
        }
        if ASCII.isEqual(word, "AWS") { return try verifyV2Header(request, parameters: ASCII.trimmed(parameters)) }
        if ASCII.isEqual(word, "AWS4-ECDSA-P256-SHA256") { throw .asymmetricSignature }
        throw .unsupportedAuthorizationType(String(decoding: authorization, as: UTF8.self))
    }

    /// Which kind of signature the query carries, by the parameters that only such a query has.
    private static func schemeInQuery(_ query: QueryItems) -> SignatureScheme? {
        for item in query.items {
            switch item.name {
            case "X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential": return .v4Query
            case "AWSAccessKeyId", "Signature": return .v2Query
            default: continue
            }
        }
        return nil
    }

    private func anonymous(_ request: SignedRequest) throws(SignatureError) -> VerifiedRequest {
        VerifiedRequest(
            // Where nothing is checked, nobody in particular is the lab's first identity.
            identity: mode == .relaxed ? identities.all.first : nil,
            region: defaultRegion, scheme: .anonymous, payload: try unsignedPayloadForm(request),
            headers: request.headers, chunkSigning: nil)
    }

    /// The payload's form where no version 4 signature requires one. Signed chunks have nothing to hang on here.
    func unsignedPayloadForm(_ request: SignedRequest) throws(SignatureError) -> PayloadForm {
        guard let text = request.headers.first(name: "x-amz-content-sha256").map({ ASCII.trimmed($0) }) else {
            return .unsigned
        }
        guard let form = PayloadForm(headerValue: text), mode == .relaxed || !form.signsChunks else {
            throw .contentSHA256Invalid(text)
        }
        return form
    }

    /// The identity of an access key. In relaxed mode an unknown one is made up.
    func identity(forAccessKey key: String) throws(SignatureError) -> Identity {
        if let identity = identities.identity(forAccessKey: key) { return identity }
        guard mode == .relaxed else { throw .unknownAccessKey(key) }
        let isAccount = key.utf8.count == 12 && key.utf8.allSatisfy(ASCII.isDigit)
        return Identity(
            name: key, accountID: isAccount ? key : Identity.standard.accountID, accessKey: key, secretKey: "")
    }

    /// A session token belongs to temporary credentials, of which a lab has none.
    func refuseToken(_ token: String?) throws(SignatureError) {
        if let token, mode == .verify { throw .invalidToken(token) }
    }

    /// Refuses a request time too far from the real time.
    func checkSkew(_ time: Int64, asSent text: String) throws(SignatureError) {
        let serverTime = now()
        if mode == .verify, abs(serverTime - time) > SignatureLimits.clockSkewSeconds {
            throw .tooSkewed(requestTime: text, serverTime: serverTime)
        }
    }
}

/// What a signature covers of a request.
struct SignedRequest {
    var method: HTTPMethod
    var target: RequestTarget
    var headers: HTTPHeaders
    var virtualBucket: String?
    var bodySHA256: [UInt8]?

    /// The headers, and after them those parameters of a presigned query that stand for headers: `x-amz-…` that are not
    /// `excluded`, and `alsoNamed` in lower case.
    func headersWithQuery(excluding excluded: (_ name: String) -> Bool, alsoNamed: [String] = []) -> HTTPHeaders {
        var merged = headers
        for item in target.query.items {
            let isAmz = item.name.utf8.lazy.map(ASCII.lowercase).starts(with: "x-amz-".utf8)
            guard isAmz ? !excluded(item.name) : alsoNamed.contains(item.name.lowercased()) else { continue }
            let name = item.name.lowercased()
            guard name.utf8.allSatisfy(Self.isTokenByte), !headers.contains(name: name) else { continue }
            merged.add(name: name, value: item.value)
        }
        return merged
    }

    /// Whether a byte may stand in a lower-case header name.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        byte > ASCII.space && byte < 0x7f && byte != UInt8(ascii: ":")
    }
}
