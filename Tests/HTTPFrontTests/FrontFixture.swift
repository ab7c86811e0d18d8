import HTTPFront
import Logging
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// A service made of a closure.
struct ClosureService: HTTPService {
    let body: @Sendable (HTTPRequest, ResponseWriter) async -> Void

    func respond(to request: HTTPRequest, with response: ResponseWriter) async {
        await body(request, response)
    }
}

/// Keeps what the front logs.
final class RecordKeeper: Sendable {
    private let kept = Mutex<[AccessRecord]>([])

    var records: [AccessRecord] { kept.withLock { $0 } }

    func keep(_ record: AccessRecord) { kept.withLock { $0.append(record) } }
}

/// A front on a free loopback port.
struct FrontFixture {
    let server: FrontServer
    let keeper: RecordKeeper

    var port: Int { server.boundAddress.port ?? 0 }

    func connect() throws -> RawClient { try RawClient(port: port) }

    /// Runs `test` against a front that serves `service`, and shuts it down.
    static func run(
        limits: FrontLimits = FrontLimits(), tls: FrontTLS? = nil, eventLoopCount: Int = 1,
        service: @escaping @Sendable (HTTPRequest, ResponseWriter) async -> Void,
        test: (FrontFixture) async throws -> Void
    ) async throws {
        let keeper = RecordKeeper()
        let configuration = FrontConfiguration(
            eventLoopCount: eventLoopCount, tls: tls, limits: limits, requestIDSeed: 7,
            date: { "Sun, 06 Nov 1994 08:49:37 GMT" })
        let server = try await FrontServer.start(
            configuration, service: ClosureService(body: service), accessLog: { keeper.keep($0) },
            logger: Logger(label: "front-tests"))
        do {
            try await test(FrontFixture(server: server, keeper: keeper))
        } catch {
            await server.shutdown(graceWithin: 0)
            throw error
        }
        let isDone = await server.shutdown(graceWithin: 0)
        #expect(isDone, "a request's task was leaked")
    }
}

/// Answers with the method, the target and the number of body bytes.
let describingService: @Sendable (HTTPRequest, ResponseWriter) async -> Void = { request, response in
    do {
        var count = 0
        while let bytes = try await request.body.next() { count += bytes.readableBytes }
        response.send(
            .ok, headers: ["X-Test": "yes"], body: ByteBuffer(string: "\(request.method) \(request.target) \(count)"))
    } catch {
        response.send(.badRequest, headers: [:], body: ByteBuffer(string: "\(error)"))
    }
}

/// Waits for something another thread brings about, without a fixed sleep.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    for _ in 0..<6000 {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
