import Bytes
import Encryption
import IAM
import LabClock
import NIOHTTP1

extension SignatureVerifier {
    /// The parameters that name a sub-resource or override a response header: only these are signed of the query.
    private static let signedParameters: Set<String> = [
        "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory", "lifecycle", "location",
        "logging", "metrics", "notification", "object-lock", "partNumber", "policy", "replication", "requestPayment",
        "response-cache-control", "response-content-disposition", "response-content-encoding",
        "response-content-language", "response-content-type", "response-expires", "restore", "select", "select-type",
        "storageClass", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
    ]

    /// `Authorization: AWS key:signature`.
    func verifyV2Header(
        _ request: SignedRequest, parameters: ArraySlice<UInt8>
    ) throws(SignatureError) -> VerifiedRequest {
        guard let colon = parameters.lastIndex(of: UInt8(ascii: ":")), colon > parameters.startIndex,
            colon + 1 < parameters.endIndex
        else { throw .malformedV2Header(request.headers.first(name: "authorization") ?? "") }
        let accessKey = String(decoding: parameters[..<colon], as: UTF8.self)
        let signature = Array(parameters[(colon + 1)...])
        let identity = try identity(forAccessKey: accessKey)
        try refuseToken(request.headers.first(name: "x-amz-security-token"))
        let amzDate = request.headers.first(name: "x-amz-date")
        if mode == .verify {
            guard let text = amzDate ?? request.headers.first(name: "date"),
                let time = HTTPDate.parse(text) ?? ISO8601.parseBasic(ASCII.trimmed(text)), time >= 0
            else { throw .dateMissing }
            try checkSkew(time, asSent: text)
        }
        let date = amzDate == nil ? request.headers.first(name: "date") ?? "" : ""
        try verifySignature(of: request, by: identity, signature, date: ASCII.trimmed(date), headers: request.headers)
        return VerifiedRequest(
            identity: identity, region: defaultRegion, scheme: .v2Header, payload: try unsignedPayloadForm(request),
            headers: request.headers, chunkSigning: nil)
    }

    /// `?AWSAccessKeyId=…&Signature=…&Expires=…`.
    func verifyV2Query(_ request: SignedRequest) throws(SignatureError) -> VerifiedRequest {
        let query = request.target.query
        guard let accessKey = query.first(name: "AWSAccessKeyId"), let signature = query.first(name: "Signature"),
            let expires = query.first(name: "Expires")
        else { throw .missingV2Parameters }
        let identity = try identity(forAccessKey: accessKey)
        let headers = request.headersWithQuery(
            excluding: { _ in false }, alsoNamed: ["content-type", "content-md5"])
        try refuseToken(headers.first(name: "x-amz-security-token"))
        if mode == .verify {
            guard let expiresAt = ASCII.decimal(expires.utf8).map(Int64.init) else {
                throw .malformedExpires(expires)
            }
            let serverTime = now()
            guard serverTime < expiresAt else {
                throw .expired(lifeSeconds: nil, expiresAt: expiresAt, serverTime: serverTime)
            }
        }
        try verifySignature(of: request, by: identity, Array(signature.utf8), date: expires, headers: headers)
        return VerifiedRequest(
            identity: identity, region: defaultRegion, scheme: .v2Query, payload: try unsignedPayloadForm(request),
            headers: headers, chunkSigning: nil)
    }

    private func verifySignature(
        of request: SignedRequest, by identity: Identity, _ signature: [UInt8], date: String, headers: HTTPHeaders
    ) throws(SignatureError) {
        guard mode == .verify else { return }
        let key = Array(identity.secretKey.utf8)
        func signs(_ message: [UInt8]) -> Bool {
            constantTimeEqual(Array(Base64.encode(HMAC.sha1(key: key, message: message)).utf8), signature)
        }
        let stringToSign = Self.stringToSign(request, date: date, headers: headers)
        if signs(stringToSign) { return }
        // botocore signs `/bucket/` whatever the style of the address, and sends `/bucket` in path style.
        if Self.isBucketWithoutSlash(request) {
            let slashed = Self.stringToSign(request, date: date, headers: headers, bucketSlash: true)
            if signs(slashed) { return }
        }
        throw .mismatch(
            SignatureMismatch(
                accessKey: identity.accessKey, provided: String(decoding: signature, as: UTF8.self),
                stringToSign: stringToSign, canonicalRequest: nil))
    }

    private static func isBucketWithoutSlash(_ request: SignedRequest) -> Bool {
        let path = request.target.rawPath.utf8
        return request.virtualBucket == nil && path.count > 1 && !path.dropFirst().contains(UInt8(ascii: "/"))
    }

    /// Method, `Content-MD5`, `Content-Type` and date on a line each, the `x-amz-…` headers, and the resource.
    private static func stringToSign(
        _ request: SignedRequest, date: String, headers: HTTPHeaders, bucketSlash: Bool = false
    ) -> [UInt8] {
        let table = HeaderTable(headers, collapsingBlanks: false)
        var output: [UInt8] = []
        output.reserveCapacity(512)
        output.append(contentsOf: request.method.rawValue.utf8)
        output.append(ASCII.lineFeed)
        output.append(contentsOf: table.first("content-md5") ?? [])
        output.append(ASCII.lineFeed)
        output.append(contentsOf: table.first("content-type") ?? [])
        output.append(ASCII.lineFeed)
        output.append(contentsOf: date.utf8)
        output.append(ASCII.lineFeed)
        appendAmzHeaders(table, to: &output)
        appendResource(request, bucketSlash: bucketSlash, to: &output)
        return output
    }

    /// `name:value,value` a line, sorted by name.
    private static func appendAmzHeaders(_ table: HeaderTable, to output: inout [UInt8]) {
        let sorted = table.entries.enumerated()
            .filter { table.name(of: $0.element).starts(with: "x-amz-".utf8) }
            .sorted { left, right in
                let (a, b) = (table.name(of: left.element), table.name(of: right.element))
                return a.elementsEqual(b) ? left.offset < right.offset : a.lexicographicallyPrecedes(b)
            }
        var previous: ArraySlice<UInt8>?
        for (_, entry) in sorted {
            let name = table.name(of: entry)
            if let previous, previous.elementsEqual(name) {
                output.append(UInt8(ascii: ","))
            } else {
                if previous != nil { output.append(ASCII.lineFeed) }
                output.append(contentsOf: name)
                output.append(UInt8(ascii: ":"))
            }
            output.append(contentsOf: table.value(of: entry))
            previous = name
        }
        if previous != nil { output.append(ASCII.lineFeed) }
    }

    /// The bucket that the host named, the path as sent, and the signed parameters sorted by name with decoded values.
    private static func appendResource(_ request: SignedRequest, bucketSlash: Bool, to output: inout [UInt8]) {
        if let bucket = request.virtualBucket {
            output.append(UInt8(ascii: "/"))
            output.append(contentsOf: bucket.utf8)
        }
        output.append(contentsOf: request.target.rawPath.utf8)
        if bucketSlash { output.append(UInt8(ascii: "/")) }
        let parameters = request.target.query.items.enumerated()
            .filter { signedParameters.contains($0.element.name) }
            .sorted { left, right in
                let (a, b) = (left.element.name.utf8, right.element.name.utf8)
                return a.elementsEqual(b) ? left.offset < right.offset : a.lexicographicallyPrecedes(b)
            }
        for (index, parameter) in parameters.enumerated() {
            output.append(UInt8(ascii: index == 0 ? "?" : "&"))
            output.append(contentsOf: parameter.element.name.utf8)
            if parameter.element.hasValue {
                output.append(UInt8(ascii: "="))
                output.append(contentsOf: parameter.element.value.utf8)
            }
        }
    }
}
