import Bytes
import Encryption
import IAM
import LabClock
import NIOHTTP1

extension SignatureVerifier {
    /// The signature in the `Authorization` header.
    func verifyV4Header(
        _ request: SignedRequest, parameters: ArraySlice<UInt8>
    ) throws(SignatureError) -> VerifiedRequest {
        let authorization = try AuthorizationV4(headerParameters: parameters)
        let headers = HeaderTable(request.headers, collapsingBlanks: true)
        let (timestamp, time) = try v4Time(headers)
        if rules.checksTimeFirst { try checkSkew(time, asSent: timestamp) }
        let scope = try checkedScope(authorization.credential, timestamp: timestamp, isQuery: false)
        let identity = try identity(forAccessKey: scope.accessKey)
        try refuseToken(headers.text("x-amz-security-token"))
        try checkSkew(time, asSent: timestamp)
        let declared = headers.text("x-amz-content-sha256")
        let form = try v4PayloadForm(declared, request)
        let payloadHash = Self.payloadHash(declared, request, otherwise: PayloadForm.emptySHA256Hex)
        let key = try verifySignature(
            of: request, by: identity, authorization, scope, timestamp: timestamp, payloadHash: payloadHash,
            headers: headers, isQuery: false)
        return VerifiedRequest(
            identity: identity, region: scope.region, scheme: .v4Header, payload: form, headers: request.headers,
            chunkSigning: chunkSigning(form, key, timestamp, scope, authorization))
    }

    /// The signature in the query.
    func verifyV4Query(_ request: SignedRequest) throws(SignatureError) -> VerifiedRequest {
        let parameters = try PresignedParameters(request.target.query, requiresExpires: rules.requiresExpires)
        let scope = try checkedScope(parameters.credential, timestamp: parameters.timestamp, isQuery: true)
        let identity = try identity(forAccessKey: scope.accessKey)
        try refuseToken(parameters.securityToken ?? request.headers.first(name: "x-amz-security-token"))
        try checkLife(from: parameters.time, seconds: parameters.lifeSeconds)
        let headers = HeaderTable(request.headers, collapsingBlanks: true)
        let declared = parameters.contentSHA256 ?? headers.text("x-amz-content-sha256")
        let form = try declared.map { text throws(SignatureError) in try Self.payloadForm(text) } ?? .unsigned
        let authorization = AuthorizationV4(
            credential: parameters.credential, signedHeaders: parameters.signedHeaders,
            signature: parameters.signature)
        let key = try verifySignature(
            of: request, by: identity, authorization, scope, timestamp: parameters.timestamp,
            payloadHash: Self.payloadHash(declared, request, otherwise: PayloadForm.unsignedText), headers: headers,
            isQuery: true)
        let effective = request.headersWithQuery(excluding: PresignedParameters.isProtocolName)
        return VerifiedRequest(
            identity: identity, region: scope.region, scheme: .v4Query, payload: form, headers: effective,
            chunkSigning: chunkSigning(form, key, parameters.timestamp, scope, authorization))
    }

    /// What is signed of the payload: what the client declares, the body's digest, or what stands for none.
    private static func payloadHash(
        _ declared: String?, _ request: SignedRequest, otherwise text: String
    ) -> [UInt8] {
        guard declared == nil, let digest = request.bodySHA256 else { return Array((declared ?? text).utf8) }
        return Hex.encodeASCII(digest)
    }

    /// Compares signatures and complains about headers that should have been signed. Nil in relaxed mode.
    private func verifySignature(
        of request: SignedRequest, by identity: Identity, _ authorization: AuthorizationV4, _ scope: CredentialScope,
        timestamp: String, payloadHash: [UInt8], headers: HeaderTable, isQuery: Bool
    ) throws(SignatureError) -> HMACSHA256Key? {
        guard mode == .verify else { return nil }
        var headers = headers
        let canonical = CanonicalRequest(
            method: request.method, target: request.target, rules: rules, excludesSignature: isQuery,
            headers: &headers, signedHeaders: authorization.signedHeaders, payloadHash: payloadHash)
        let unsigned = headers.unsignedNames(exemptingContentSHA256: isQuery)
        guard unsigned.isEmpty else { throw .headersNotSigned(unsigned) }
        let stringToSign = canonical.stringToSign(timestamp: timestamp.utf8, scope: scope.scope)
        let kept = keys.key(for: scope.whole)
        let key = kept ?? SigningKeyCache.derive(secretKey: identity.secretKey, scope)
        // AWS's own endpoints have no port, and there are clients that sign the host as if none had.
        func isSignedWithoutPort() -> Bool {
            guard var headers = headers.withHostOnly() else { return false }
            let canonical = CanonicalRequest(
                method: request.method, target: request.target, rules: rules, excludesSignature: isQuery,
                headers: &headers, signedHeaders: authorization.signedHeaders, payloadHash: payloadHash)
            return key.authenticates(
                canonical.stringToSign(timestamp: timestamp.utf8, scope: scope.scope),
                hexadecimalCode: authorization.signature)
        }
        guard
            key.authenticates(stringToSign, hexadecimalCode: authorization.signature) || isSignedWithoutPort()
        else {
            throw .mismatch(
                SignatureMismatch(
                    accessKey: identity.accessKey,
                    provided: String(decoding: authorization.signature, as: UTF8.self),
                    stringToSign: stringToSign, canonicalRequest: canonical.bytes))
        }
        if kept == nil { keys.keep(key, for: scope.whole) }
        return key
    }

    private func chunkSigning(
        _ form: PayloadForm, _ key: HMACSHA256Key?, _ timestamp: String, _ scope: CredentialScope,
        _ authorization: AuthorizationV4
    ) -> ChunkSigning? {
        guard form.signsChunks, let key else { return nil }
        return ChunkSigning(
            key: key, timestamp: Array(timestamp.utf8), scope: Array(scope.scope),
            seedSignature: Array(authorization.signature))
    }

    /// The time that was signed: `x-amz-date`, or else `Date`, in the basic format of ISO 8601.
    private func v4Time(_ headers: HeaderTable) throws(SignatureError) -> (timestamp: String, time: Int64) {
        let text = headers.text("x-amz-date") ?? headers.text("date") ?? ""
        if let time = ISO8601.parseBasic(text) { return (text, time) }
        guard let time = HTTPDate.parse(text) else {
            // Where nothing is checked, nothing needs a time.
            if mode == .relaxed { return (text, now()) }
            throw .dateMissing
        }
        return (ISO8601.basic(unixSeconds: time), time)
    }

    private func v4PayloadForm(
        _ declared: String?, _ request: SignedRequest
    ) throws(SignatureError) -> PayloadForm {
        if let declared { return try Self.payloadForm(declared) }
        if let digest = request.bodySHA256 { return PayloadForm(sha256: digest) }
        guard !rules.requiresContentSHA256 || mode == .relaxed else { throw .contentSHA256Missing }
        return mode == .relaxed ? .unsigned : .empty
    }

    private static func payloadForm(_ text: String) throws(SignatureError) -> PayloadForm {
        guard let form = PayloadForm(headerValue: text) else { throw .contentSHA256Invalid(text) }
        return form
    }

    /// A presigned URL lives from its date on for as long as it says.
    private func checkLife(from time: Int64, seconds: Int) throws(SignatureError) {
        guard mode == .verify else { return }
        let serverTime = now()
        guard time - serverTime <= SignatureLimits.clockSkewSeconds else { throw .notYetValid }
        let expiresAt = time + Int64(seconds)
        guard serverTime < expiresAt else {
            throw .expired(lifeSeconds: seconds, expiresAt: expiresAt, serverTime: serverTime)
        }
    }

    /// Takes a credential apart and checks everything in it but the key.
    private func checkedScope(
        _ credential: ArraySlice<UInt8>, timestamp: String, isQuery: Bool
    ) throws(SignatureError) -> CredentialScope {
        func malformed(_ reason: String, expectedRegion: String? = nil) -> SignatureError {
            isQuery
                ? .malformedQuery(
                    reason: "Error parsing the X-Amz-Credential parameter; \(reason)", expectedRegion: expectedRegion)
                : .malformedHeader(reason: reason, expectedRegion: expectedRegion)
        }
        guard let scope = CredentialScope(credential) else {
            throw malformed(
                "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
        }
        guard !scope.accessKey.isEmpty else {
            throw malformed("a non-empty Access Key (AKID) must be provided in the credential.")
        }
        guard mode == .verify else { return scope }
        guard scope.date.count == 8, scope.date.allSatisfy(ASCII.isDigit) else {
            throw malformed(
                "incorrect date format \"\(scope.dateText)\". "
                    + "This date in the credential must be in the format \"yyyyMMdd\".")
        }
        guard timestamp.utf8.starts(with: scope.date) else {
            throw malformed(
                "Invalid credential date \"\(scope.dateText)\". This date is not the same as X-Amz-Date: "
                    + "\"\(timestamp.prefix(8))\".")
        }
        guard rules.serviceNames.contains(scope.service) else {
            throw malformed(
                "incorrect service \"\(scope.service)\". This endpoint belongs to \"\(rules.serviceNames[0])\".")
        }
        guard ASCII.isEqual(scope.terminal, "aws4_request") else {
            throw malformed(
                "incorrect terminal \"\(String(decoding: scope.terminal, as: UTF8.self))\". "
                    + "This endpoint uses \"aws4_request\".")
        }
        if let strictRegion, scope.region != strictRegion {
            throw malformed(
                "the region '\(scope.region)' is wrong; expecting '\(strictRegion)'", expectedRegion: strictRegion)
        }
        return scope
    }
}
