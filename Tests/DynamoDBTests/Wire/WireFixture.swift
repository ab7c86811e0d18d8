import AWSWire
import DynamoDB
import HTTPFront
import IAM
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization

/// An executor that answers as a test says and keeps what it was asked.
final class ScriptedExecutor: DynamoDBExecutor {
    struct Asked: Sendable, Equatable {
        var operation: DynamoDBOperation
        var body: [UInt8]
        var context: CallContext
    }

    private let answer: Result<[UInt8], DynamoDBError>
    private let calls = Mutex<[Asked]>([])

    init(_ answer: Result<[UInt8], DynamoDBError> = .success(Array("{}".utf8))) { self.answer = answer }

    var asked: [Asked] { calls.withLock { $0 } }

    func perform(
        _ operation: DynamoDBOperation, _ body: [UInt8], _ context: CallContext
    ) async throws(DynamoDBError) -> [UInt8] {
        calls.withLock { $0.append(Asked(operation: operation, body: body, context: context)) }
        return try answer.get()
    }
}

/// What the service answered.
final class AnswerRecorder: ResponseSink {
    struct Answer: Sendable {
        var status = 0
        var headers = HTTPHeaders()
        var body: [UInt8] = []
        /// Writes of an answer that is not sent in one.
        var pieceCount = 0
        var operation = ""
        var errorCode: String?

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private let kept = Mutex(Answer())

    var answer: Answer { kept.withLock { $0 } }

    func send(exchange: UInt64, status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer?) {
        kept.withLock { answer in
            answer.status = Int(status.code)
            answer.headers = headers
            answer.body = body.map { Array($0.readableBytesView) } ?? []
        }
    }

    func label(exchange: UInt64, service: String, operation: String, errorCode: String?) {
        kept.withLock { answer in
            answer.operation = "\(service) \(operation)"
            answer.errorCode = errorCode
        }
    }

    func start(exchange: UInt64, status: HTTPResponseStatus, headers: HTTPHeaders) {
        send(exchange: exchange, status: status, headers: headers, body: nil)
    }

    func write(exchange: UInt64, bytes: ByteBuffer) async throws(ResponseError) {
        kept.withLock { answer in
            answer.body.append(contentsOf: bytes.readableBytesView)
            answer.pieceCount += 1
        }
    }

    func end(exchange: UInt64) {}
    func abort(exchange: UInt64) {}
}

/// The service at a fixed time, with one identity.
struct WireFixture {
    let executor: ScriptedExecutor
    let service: DynamoDBHTTPService

    /// - Parameter answer: what every operation answers.
    init(
        mode: SignatureMode = .relaxed, answer: Result<[UInt8], DynamoDBError> = .success(Array("{}".utf8)),
        now: Int64 = 1_700_000_000
    ) throws {
        executor = ScriptedExecutor(answer)
        let identity = Identity(name: "me", accountID: "123456789012", accessKey: "AKID", secretKey: "SECRET")
        service = DynamoDBHTTPService(
            executor: executor,
            verifier: SignatureVerifier(
                identities: try IdentityTable([identity]), rules: .dynamoDB, mode: mode,
                defaultRegion: "eu-west-1", now: { now }))
    }

    static func request(
        _ method: HTTPMethod = .POST, _ target: String = "/", headers: HTTPHeaders, body: [UInt8] = []
    ) -> HTTPRequest {
        let source = Mutex(body.isEmpty ? nil : Optional(ByteBuffer(bytes: body)))
        return HTTPRequest(
            method: method, target: target, headers: headers, id: "0123456789ABCDEF", isSecure: false,
            remoteAddress: "127.0.0.1",
            body: RequestBody(declaredLength: body.count) { () throws(BodyError) in
                source.withLock { bytes in
                    defer { bytes = nil }
                    return bytes
                }
            }, eventLoop: EmbeddedEventLoop())
    }

    func answer(
        _ method: HTTPMethod = .POST, _ target: String = "/", headers: HTTPHeaders, body: [UInt8] = []
    ) async -> AnswerRecorder.Answer {
        let recorder = AnswerRecorder()
        await service.respond(
            to: Self.request(method, target, headers: headers, body: body),
            with: ResponseWriter(sink: recorder, exchange: 1))
        return recorder.answer
    }

    /// A call of an operation with AWS's content type.
    func call(
        _ operation: String, _ body: String, headers: HTTPHeaders = [:]
    ) async -> AnswerRecorder.Answer {
        var all: HTTPHeaders = [
            "host": "localhost:4566", "x-amz-target": "DynamoDB_20120810.\(operation)",
            "content-type": "application/x-amz-json-1.0",
        ]
        all.add(contentsOf: headers)
        return await answer(headers: all, body: Array(body.utf8))
    }
}
