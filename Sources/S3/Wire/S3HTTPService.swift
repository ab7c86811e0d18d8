package import AWSWire
package import HTTPFront
package import IAM
import LabClock
import NIOCore
import NIOHTTP1

/// S3 over HTTP: finds out who asks for what, calls the semantics, and words the answer as AWS does.
///
/// Holds no state of its own; one service for all connections.
package final class S3HTTPService: HTTPService {
    /// What is done with a request that was signed for another region than the bucket's.
    package enum RegionRule: Sendable, Hashable {
        /// It is served, and the answer or refusal names the bucket's region.
        case served
        /// It is refused as AWS does, so that clients learn to sign for the right region.
        case refused
    }

    let service: S3Service
    let verifier: SignatureVerifier
    let identities: IdentityTable
    let hosts: S3HostNames
    let regions: RegionRule

    /// - Parameters:
    ///   - verifier: for S3's rules (`SigningRules.s3`).
    ///   - identities: for the display names of owners.
    ///   - hosts: the names that virtual-hosted buckets hang under.
    package init(
        service: S3Service, verifier: SignatureVerifier, identities: IdentityTable, hosts: S3HostNames = .standard,
        regions: RegionRule = .served
    ) {
        self.service = service
        self.verifier = verifier
        self.identities = identities
        self.hosts = hosts
        self.regions = regions
    }

    package func respond(to request: HTTPRequest, with response: ResponseWriter) async {
        var operation: S3Operation?
        var common = HTTPHeaders()
        do {
            let call = try prepare(request, &operation)
            if let region = await bucketRegion(of: call) {
                if Self.tellsRegion(region, call) { common.add(name: "x-amz-bucket-region", value: region) }
                try checkRegion(region, of: call)
            }
            var reply = try await perform(call)
            reply.headers.add(contentsOf: common)
            response.label(service: "s3", operation: call.operation.rawValue, errorCode: nil)
            try await send(reply, with: response)
        } catch {
            send(error, headers: common, operation: operation, request: request, with: response)
        }
    }

    // MARK: Before the operation

    /// Routes and verifies a request. `operation` is set as soon as it is known, for the log.
    private func prepare(
        _ request: HTTPRequest, _ operation: inout S3Operation?
    ) throws(S3WireError) -> S3Call {
        let rawTarget: RequestTarget
        do { rawTarget = try RequestTarget(request.target) } catch { throw S3WireError(.invalidURI) }
        let hostBucket = request.headers.first(name: "host").flatMap { hosts.bucket(inHost: $0) }
        let target = try S3Target(rawTarget, hostBucket: hostBucket)
        operation = S3Route.operation(
            method: request.method, scope: target.scope, query: target.query, headers: request.headers)
        // Browsers do not sign preflights.
        if request.method == .OPTIONS { throw S3WireError(.accessForbidden).with("Method", "OPTIONS") }
        let verified: VerifiedRequest
        do {
            verified = try verifier.verify(
                method: request.method, target: rawTarget, headers: request.headers, virtualBucket: hostBucket)
        } catch { throw S3WireError(error.awsError) }
        guard let identity = verified.identity else { throw S3WireError(.accessDenied) }
        // A presigned URL may carry the header that makes a write a copy.
        if verified.scheme.isPresigned {
            operation = S3Route.operation(
                method: request.method, scope: target.scope, query: target.query, headers: verified.headers)
        }
        guard let operation else { throw Self.methodNotAllowed(request.method, target.scope) }
        if operation.support == .refused { throw .notImplemented("The operation \(operation.rawValue)") }
        let headers = try S3Headers(verified.headers)
        let context = CallContext(
            accountID: identity.accountID, region: verified.region,
            expectedBucketOwner: headers["x-amz-expected-bucket-owner"],
            expectedSourceBucketOwner: headers["x-amz-source-expected-bucket-owner"])
        return S3Call(
            request: request, operation: operation, target: target, verified: verified, headers: headers,
            context: context)
    }

    private static func methodNotAllowed(_ method: HTTPMethod, _ scope: S3Route.Scope) -> S3WireError {
        let resource =
            switch scope {
            case .service: "SERVICE"
            case .bucket: "BUCKET"
            case .object: "OBJECT"
            }
        return S3WireError(.methodNotAllowed).with("Method", method.rawValue).with("ResourceType", resource)
    }

    /// The region of the bucket that a request names, whoever owns it; nil when there is none. Costs a look-up in
    /// memory once the bucket is known.
    private func bucketRegion(of call: S3Call) async -> String? {
        guard call.target.scope != .service, call.operation != .createBucket else { return nil }
        // What is wrong with the bucket is the operation's to say.
        do { return try await service.region(ofBucket: call.bucket) } catch { return nil }
    }

    /// Whether the answer, or the refusal, names the bucket's region: to whoever signed for another one, and where AWS
    /// always does. It is how clients find buckets.
    private static func tellsRegion(_ region: String, _ call: S3Call) -> Bool {
        switch call.operation {
        case .headBucket, .listObjects, .listObjectsV2: true
        default: region != call.context.region
        }
    }

    /// Compares the region that was signed for with the bucket's.
    private func checkRegion(_ region: String, of call: S3Call) throws(S3WireError) {
        guard regions == .refused, region != call.context.region else { return }
        // Version 2 has no region in its scope.
        guard call.verified.scheme == .v4Header || call.verified.scheme == .v4Query else { return }
        throw Self.wrongRegion(call, region)
    }

    private static func wrongRegion(_ call: S3Call, _ region: String) -> S3WireError {
        let refusal: S3WireError
        if call.request.method == .HEAD {
            refusal = S3WireError(.permanentRedirect)
        } else {
            refusal = S3WireError(
                .authorizationHeaderMalformed,
                "The authorization header is malformed; the region '\(call.context.region)' is wrong; "
                    + "expecting '\(region)'"
            )
        }
        return refusal.with("Region", region)
    }

    // MARK: Sending

    /// - Throws: what the first piece of a streamed body shows, while that can still be told.
    private func send(_ reply: S3Reply, with response: ResponseWriter) async throws(S3WireError) {
        switch reply.body {
        case .none: response.send(reply.status, headers: reply.headers, body: nil)
        case .bytes(let bytes): response.send(reply.status, headers: reply.headers, body: bytes)
        case .stream(let reader):
            let first = try await calling { () async throws(S3Error) in try await reader.next() }
            response.start(reply.status, headers: reply.headers)
            await stream(first, reader, with: response)
        }
    }

    /// What fails after the head has been sent can only break the connection off.
    private func stream(_ first: ByteBuffer?, _ reader: ObjectReader, with response: ResponseWriter) async {
        do {
            var piece = first
            while let bytes = piece {
                try await response.write(bytes)
                piece = try await reader.next()
            }
            response.end()
        } catch {
            response.abort()
        }
    }

    private func send(
        _ refusal: S3WireError, headers common: HTTPHeaders, operation: S3Operation?, request: HTTPRequest,
        with response: ResponseWriter
    ) {
        var error = refusal.error
        let name = operation?.rawValue ?? "Unknown"
        response.label(service: "s3", operation: name, errorCode: error.code)
        var headers = common
        for header in refusal.headers { headers.add(name: header.name, value: header.value) }
        if error.status == .notModified || request.method == .HEAD {
            response.send(error.status, headers: headers, body: nil)
            return
        }
        if error.fields.isEmpty, error.resource == nil {
            error.resource = String(request.target.prefix { $0 != "?" })
        }
        headers.add(name: "Content-Type", value: "application/xml")
        let document = error.xmlDocument(requestID: request.id, hostID: request.hostID)
        response.send(error.status, headers: headers, body: document)
    }
}
