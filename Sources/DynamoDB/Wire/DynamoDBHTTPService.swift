package import AWSWire
import Bytes
import Encryption
package import HTTPFront
import IAM
import NIOCore
import NIOHTTP1

/// DynamoDB and its Streams over HTTP: finds out who asks for what, has it carried out, and words the answer as AWS
/// does.
///
/// Holds no state of its own; one service for all connections.
package final class DynamoDBHTTPService: HTTPService {
    private let executor: any DynamoDBExecutor
    private let verifier: SignatureVerifier
    private let largeRequests: (any TaskExecutor)?

    /// - Parameters:
    ///   - executor: carries out what was verified.
    ///   - verifier: for DynamoDB's rules (`SigningRules.dynamoDB`).
    ///   - largeRequests: where requests are carried out whose bodies would keep an event loop busy for too long, and
    ///     large answers are compressed; nil for the caller's executor.
    package init(
        executor: any DynamoDBExecutor, verifier: SignatureVerifier, largeRequests: (any TaskExecutor)? = nil
    ) {
        self.executor = executor
        self.verifier = verifier
        self.largeRequests = largeRequests
    }

    package func respond(to request: HTTPRequest, with response: ResponseWriter) async {
        let form = AnswerForm(request.headers)
        let headers = form.headers(of: request)
        switch request.method {
        case .POST: await answer(request, form, headers, response)
        case .GET:
            response.label(service: "dynamodb", operation: "Health", errorCode: nil)
            // The space at the end is AWS's.
            let text = "healthy: dynamodb.\(verifier.defaultRegion).amazonaws.com "
            AnswerForm.sendBytes(Array(text.utf8), status: .ok, with: headers, to: response)
        case .OPTIONS where form.isCrossOrigin:
            response.label(service: "dynamodb", operation: "Preflight", errorCode: nil)
            response.send(.ok, headers: Self.preflightHeaders(request, headers), body: ByteBuffer())
        default:
            response.label(service: "dynamodb", operation: "Unknown", errorCode: Self.notFoundCode)
            Self.sendNotFound(with: headers, to: response)
        }
    }

    // MARK: Requests

    private func answer(
        _ request: HTTPRequest, _ form: AnswerForm, _ headers: HTTPHeaders, _ response: ResponseWriter
    ) async {
        let operation = request.headers.first(name: "x-amz-target").flatMap { DynamoDBTarget.operation($0) }
        let service = operation?.serviceLabel ?? "dynamodb"
        let name = operation?.rawValue ?? "Unknown"
        do throws(DynamoDBRefusal) {
            let json = try await carryOut(operation, request, form, response)
            response.label(service: service, operation: name, errorCode: nil)
            await form.send(json, with: headers, to: response, largeAnswers: largeRequests)
        } catch {
            switch error {
            case .error(let error):
                response.label(service: service, operation: name, errorCode: error.code.rawValue)
                let status = HTTPResponseStatus(statusCode: error.code.status)
                await form.send(
                    AnswerForm.body(of: error), status: status, with: headers, to: response,
                    largeAnswers: largeRequests)
            case .tooLarge:
                response.label(service: service, operation: name, errorCode: "RequestEntityTooLarge")
                response.send(.payloadTooLarge, headers: headers, body: ByteBuffer())
            case .notFound:
                response.label(service: service, operation: name, errorCode: Self.notFoundCode)
                Self.sendNotFound(with: headers, to: response)
            }
        }
    }

    private func carryOut(
        _ operation: DynamoDBOperation?, _ request: HTTPRequest, _ form: AnswerForm, _ response: ResponseWriter
    ) async throws(DynamoDBRefusal) -> [UInt8] {
        let coding = request.headers.first(name: "content-encoding")
        let sent = try await RequestCoding.read(request.body, coding: coding)
        guard let largeRequests, RequestCoding.isLarge(sent, coding: coding) else {
            return try await carryOut(operation, request, form, response, sent, coding: coding)
        }
        return try await withTaskExecutorPreference(largeRequests) { () async throws(DynamoDBRefusal) in
            try await self.carryOut(operation, request, form, response, sent, coding: coding)
        }
    }

    private func carryOut(
        _ operation: DynamoDBOperation?, _ request: HTTPRequest, _ form: AnswerForm, _ response: ResponseWriter,
        _ sent: [UInt8], coding: String?
    ) async throws(DynamoDBRefusal) -> [UInt8] {
        let type = form.requestType
        guard sent.isEmpty || type == "application/x-amz-json-1.0" || type == "application/json" else {
            throw .notFound
        }
        let call: DynamoDBOperation
        var context: CallContext
        do throws(DynamoDBError) {
            guard let operation else { throw DynamoDBError(.unknownOperationException) }
            context = try verify(request, body: sent)
            call = operation
        } catch {
            // AWS reads the JSON before it looks at anything else.
            let body = try RequestCoding.expand(sent, coding: coding)
            guard body.isEmpty || RequestCoding.isJSON(body) else {
                throw .error(DynamoDBError(.serializationException))
            }
            throw .error(error)
        }
        guard call.support == .implemented else { throw .error(Self.notImplemented(call)) }
        let body = try RequestCoding.expand(sent, coding: coding)
        guard !body.isEmpty else { throw .error(DynamoDBError(.serializationException)) }
        if Self.hasLongAnswers(call) { context.answerRoom = Self.room(response) }
        do throws(DynamoDBError) {
            return try await executor.perform(call, body, context)
        } catch {
            throw .error(error)
        }
    }

    /// Whether an operation answers with many items that are read by their keys, all at once.
    private static func hasLongAnswers(_ operation: DynamoDBOperation) -> Bool {
        switch operation {
        case .batchExecuteStatement, .batchGetItem, .transactGetItems: true
        default: false
        }
    }

    private static func room(_ response: ResponseWriter) -> AnswerRoom {
        AnswerRoom(
            take: { bytes in
                do throws(ResponseError) {
                    try await response.takeRoom(for: bytes)
                    return true
                } catch {
                    return false
                }
            }, pause: { await response.pause() })
    }

    /// Who asks, and where.
    private func verify(_ request: HTTPRequest, body: [UInt8]) throws(DynamoDBError) -> CallContext {
        let target: RequestTarget
        do { target = try RequestTarget(request.target) } catch {
            throw DynamoDBError(.incompleteSignatureException, "The request target cannot be understood.")
        }
        let digest = Digest.sha256(body)
        let verified: VerifiedRequest
        do {
            verified = try verifier.verify(
                method: request.method, target: target, headers: request.headers, bodySHA256: digest)
        } catch {
            let wording = SignatureWording(request: request, target: target, region: verifier.defaultRegion)
            throw wording.error(for: error)
        }
        if verifier.mode == .verify {
            // Version 2 ends with S3.
            guard verified.scheme == .v4Header || verified.scheme == .v4Query else { throw SignatureWording.missing }
            // What was signed must be the digest of what came.
            guard verified.covers(bodySHA256: digest) else { throw SignatureWording.mismatch }
        }
        guard let identity = verified.identity else { throw SignatureWording.missing }
        return CallContext(
            accountID: identity.accountID, region: verified.region, requestID: request.id,
            host: request.headers.first(name: "host") ?? "")
    }

    private static func notImplemented(_ operation: DynamoDBOperation) -> DynamoDBError {
        DynamoDBError(
            .unknownOperationException, "The operation \(operation.rawValue) is not implemented by this server.")
    }

    // MARK: Other answers

    private static let notFoundCode = "UnknownOperationException"

    private static func sendNotFound(with headers: HTTPHeaders, to response: ResponseWriter) {
        AnswerForm.sendBytes(
            Array("<UnknownOperationException/>\n".utf8), status: .notFound, with: headers, to: response)
    }

    /// What a browser wants to know before it lets a page ask. Signatures are what protects, not origins.
    private static func preflightHeaders(_ request: HTTPRequest, _ headers: HTTPHeaders) -> HTTPHeaders {
        var headers = headers
        for (asked, allowed) in [
            ("access-control-request-headers", "Access-Control-Allow-Headers"),
            ("access-control-request-method", "Access-Control-Allow-Methods"),
        ] {
            if let value = request.headers.first(name: asked) { headers.add(name: allowed, value: value) }
        }
        headers.add(name: "Access-Control-Max-Age", value: "172800")
        return headers
    }

    /// Whether a request names the one path that this service has.
    package static func isPath(of request: HTTPRequest) -> Bool {
        request.target == "/" || request.target.utf8.starts(with: "/?".utf8)
    }

    /// Whether a request is one for this service rather than for S3, which has the same port: by its operation, by the
    /// credential that signed it, or by the host that it was sent to. Costs a comparison for requests that name a path.
    package static func isAddressed(by request: HTTPRequest) -> Bool {
        guard isPath(of: request) else { return false }
        if let target = request.headers.first(name: "x-amz-target") { return DynamoDBTarget.isOurs(target) }
        if request.headers.first(name: "authorization")?.contains("/dynamodb/aws4_request") == true { return true }
        guard let host = request.headers.first(name: "host") else { return false }
        return host.hasPrefix("dynamodb.") || host.hasPrefix("streams.dynamodb.")
    }
}

extension SigningRules {
    /// DynamoDB and its Streams: the digest of the body is signed whether or not a header repeats it.
    package static let dynamoDB = SigningRules(
        serviceNames: ["dynamodb"], encodesPathTwice: true, requiresContentSHA256: false, requiresExpires: false)
}

extension VerifiedRequest {
    /// Whether the signature covers a body with that digest.
    fileprivate func covers(bodySHA256 digest: [UInt8]) -> Bool {
        switch payload {
        case .signed(let sha256): sha256 == digest
        case .empty: payload == PayloadForm(headerValue: Hex.encode(digest))
        // A presigned query signs the body's digest where it names no other.
        case .unsigned: scheme == .v4Query && headers.first(name: "x-amz-content-sha256") == nil
        case .streamingSigned, .streamingSignedTrailer, .streamingUnsignedTrailer: false
        }
    }
}
