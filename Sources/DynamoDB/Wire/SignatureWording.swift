import AWSWire
import HTTPFront
import LabClock
import NIOHTTP1

/// Words what is wrong with a signature as DynamoDB does, which is not how S3 does.
struct SignatureWording {
    let request: HTTPRequest
    let target: RequestTarget
    let region: String

    /// The refusal of a request without a signature of version 4.
    static let missing = DynamoDBError(
        .missingAuthenticationTokenException, "Request is missing Authentication Token")

    /// The refusal of a signature that is another than ours.
    static let mismatch = DynamoDBError(
        .invalidSignatureException,
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
            + "Key and signing method. Consult the service documentation for details.")

    private static let unknownClient = DynamoDBError(
        .unrecognizedClientException, "The security token included in the request is invalid.")

    /// The refusal of a request that could not be verified. AWS looks at the form before it looks at what it says.
    func error(for error: SignatureError) -> DynamoDBError {
        if let refusal = formRefusal { return refusal }
        switch error {
        case .unknownAccessKey, .invalidToken: return Self.unknownClient
        case .mismatch(let mismatch): return Self.refusal(of: mismatch)
        case .tooSkewed(let time, let serverTime): return Self.skew(time, serverTime)
        case .expired(_, let expiresAt, let serverTime):
            return Self.skew(ISO8601.basic(unixSeconds: expiresAt), serverTime)
        case .notYetValid: return DynamoDBError(.invalidSignatureException, "Signature not yet current")
        case .dateMissing:
            return Self.incomplete(
                "Date must be in ISO-8601 'basic format'. Got '\(dateText)'. "
                    + "See http://en.wikipedia.org/wiki/ISO_8601")
        case .headersNotSigned(let names): return Self.unsigned(names)
        case .malformedHeader, .malformedQuery: return credentialRefusal
        case .unsupportedAuthorizationType, .asymmetricSignature:
            return Self.incomplete(
                "Unsupported AWS 'algorithm': '\(algorithm)' (only AWS4-HMAC-SHA256 for now). ")
        case .severalMechanisms, .malformedExpires, .malformedV2Header, .missingV2Parameters: return Self.missing
        case .contentSHA256Missing, .contentSHA256Invalid: return Self.mismatch
        }
    }

    private static func incomplete(_ message: String) -> DynamoDBError {
        DynamoDBError(.incompleteSignatureException, message)
    }

    // MARK: Form

    private var authorization: String? { request.headers.first(name: "authorization") }

    /// The header's first word, or the query's parameter.
    private var algorithm: String {
        guard let authorization else { return target.query.first(name: "X-Amz-Algorithm") ?? "" }
        return String(authorization.prefix { $0 != " " })
    }

    private var dateText: String {
        request.headers.first(name: "x-amz-date") ?? request.headers.first(name: "date")
            ?? target.query.first(name: "X-Amz-Date") ?? ""
    }

    /// What is missing; nil when all is there.
    private var formRefusal: DynamoDBError? {
        let isInQuery = target.query.contains("X-Amz-Algorithm")
        if authorization != nil, isInQuery {
            return DynamoDBError(
                .invalidSignatureException,
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
        }
        guard let authorization else { return isInQuery ? queryRefusal : Self.missing }
        guard authorization.utf8.starts(with: "AWS4-".utf8) else { return Self.missing }
        let parameters = headerParameters(authorization)
        var message = ""
        for name in ["Credential", "Signature", "SignedHeaders"] where parameters[name] == nil {
            message += "Authorization header requires '\(name)' parameter. "
        }
        if !request.headers.contains(name: "x-amz-date"), !request.headers.contains(name: "date") {
            message +=
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        }
        return message.isEmpty ? nil : Self.incomplete(message + "Authorization=\(authorization)")
    }

    private var queryRefusal: DynamoDBError? {
        var message = ""
        for name in ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"]
        where (target.query.first(name: name) ?? "").isEmpty {
            message += "AWS query-string parameters must include '\(name)'. "
        }
        return message.isEmpty ? nil : Self.incomplete(message + "Re-examine the query-string parameters.")
    }

    /// The header's parameters, those without a value left out.
    private func headerParameters(_ authorization: String) -> [String: String] {
        var parameters: [String: String] = [:]
        for part in authorization.split(whereSeparator: { $0 == "," || $0 == " " }).dropFirst() {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let value = part[part.index(after: equals)...]
            if !value.isEmpty { parameters[String(part[..<equals])] = String(value) }
        }
        return parameters
    }

    // MARK: What it says

    private var credential: String {
        guard let authorization else { return target.query.first(name: "X-Amz-Credential") ?? "" }
        return headerParameters(authorization)["Credential"] ?? ""
    }

    /// What is wrong with the credential's scope.
    private var credentialRefusal: DynamoDBError {
        let parts = credential.split(separator: "/")
        guard parts.count == 5 else {
            return Self.incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
                    + "got '\(credential)'")
        }
        var message = ""
        if parts[3] != "dynamodb" { message += "Credential should be scoped to correct service: 'dynamodb'. " }
        if parts[4] != "aws4_request" {
            message += "Credential should be scoped with a valid terminator: 'aws4_request', not '\(parts[4])'. "
        }
        if !dateText.hasPrefix(parts[1]) {
            message +=
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                + "'\(parts[1])' != '\(dateText.prefix(8))', from '\(dateText)'."
        }
        if message.isEmpty { message = "Credential should be scoped to a valid region. " }
        return DynamoDBError(.invalidSignatureException, message)
    }

    private static func skew(_ time: String, _ serverTime: Int64) -> DynamoDBError {
        let server = ISO8601.basic(unixSeconds: serverTime)
        let skewSeconds = SignatureLimits.clockSkewSeconds
        let skewText = "\(skewSeconds / 60) min."
        if let seconds = ISO8601.parseBasic(time), seconds > serverTime {
            let bound = ISO8601.basic(unixSeconds: serverTime + skewSeconds)
            return DynamoDBError(
                .invalidSignatureException,
                "Signature not yet current: \(time) is still later than \(bound) (\(server) + \(skewText))")
        }
        let bound = ISO8601.basic(unixSeconds: serverTime - skewSeconds)
        return DynamoDBError(
            .invalidSignatureException,
            "Signature expired: \(time) is now earlier than \(bound) (\(server) - \(skewText))")
    }

    private static func unsigned(_ names: [String]) -> DynamoDBError {
        guard !names.contains("host") else {
            return DynamoDBError(
                .invalidSignatureException,
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
        }
        return DynamoDBError(
            .invalidSignatureException,
            "'\(names.joined(separator: "', '"))' must be a 'SignedHeader' in the AWS Authorization.")
    }

    /// The message of a mismatch, with what we signed: its sender knows all of it but the key.
    private static func refusal(of mismatch: SignatureMismatch) -> DynamoDBError {
        guard let canonical = mismatch.canonicalRequest else { return Self.mismatch }
        var error = Self.mismatch
        error.message =
            (error.message ?? "")
            + "\n\nThe Canonical String for this request should have been\n'"
            + String(decoding: canonical, as: UTF8.self)
            + "'\n\nThe String-to-Sign should have been\n'"
            + String(decoding: mismatch.stringToSign, as: UTF8.self) + "'\n"
        return error
    }
}
