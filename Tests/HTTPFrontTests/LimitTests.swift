import Glibc
import HTTPFront
import Logging
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// What the front refuses by itself, and how it starts and stops.
@Suite struct LimitTests {
    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length : 3\r\n\r\nabc",
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "PUT / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX-Folded: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX-Bare: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX-Null: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n: nameless\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nBad Name: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
        "NONSENSE\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}",
    ])
    func ambiguousAndMalformedRequestsAreRefused(bytes: String) async throws {
        let calls = Mutex(0)
        try await FrontFixture.run { request, response in
            calls.withLock { $0 += 1 }
            await describingService(request, response)
        } test: { front in
            let client = try front.connect()
            client.send(bytes + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
            let response = try #require(client.readResponse())
            #expect(response.status == 400)
            #expect(response.header("Connection") == "close")
            #expect(response.text.hasPrefix("BadRequest: "))
            #expect(client.readToEnd().isEmpty)
        }
        #expect(calls.withLock { $0 } == 0)
    }

    @Test func aBrokenRequestIsAnsweredAfterThoseBeforeIt() async throws {
        try await FrontFixture.run(service: describingService) { front in
            let client = try front.connect()
            client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nBROKEN\r\n\r\n")
            #expect(client.readResponse()?.text == "GET /1 0")
            #expect(client.readResponse()?.text == "GET /2 0")
            #expect(client.readResponse()?.status == 400)
        }
    }

    @Test func headersOverTheLimitAreRefused() async throws {
        try await FrontFixture.run(service: describingService) { front in
            var answered = 0
            for line in ["X-Big: " + String(repeating: "x", count: 40_000), String(repeating: "a: b\r\n", count: 300)] {
                let client = try front.connect()
                client.send("GET / HTTP/1.1\r\nHost: h\r\n\(line)\r\n\r\n")
                let response = try #require(client.readResponse())
                #expect(response.status == 431)
                answered += 1
                // The record follows the answer.
                #expect(try await eventually { front.keeper.records.count == answered })
                #expect(front.keeper.records.last?.errorCode == "RequestHeaderSectionTooLarge")
            }
            let target = try front.connect()
            target.send("GET /" + String(repeating: "x", count: 40_000) + " HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(target.readResponse()?.status == 431)
        }
    }

    @Test func faultsAreRenderedByTheHook() async throws {
        let configuration = FrontConfiguration(requestIDSeed: 1, date: { "Thu, 01 Jan 1970 00:00:00 GMT" })
        let server = try await FrontServer.start(
            configuration, service: ClosureService(body: describingService), accessLog: { _ in },
            renderFault: { fault, id in
                FrontFaultAnswer(
                    status: .badRequest, contentType: "application/xml",
                    body: ByteBuffer(string: "<Code>\(fault.code)</Code><RequestId>\(id)</RequestId>"))
            }, logger: Logger(label: "front-tests"))
        let client = try RawClient(port: server.boundAddress.port ?? 0)
        client.send("GET / HTTP/1.1\r\nHost: h\r\nX-Big: \(String(repeating: "x", count: 40_000))\r\n\r\n")
        let response = try #require(client.readResponse())
        #expect(response.status == 400 && response.header("Content-Type") == "application/xml")
        let id = try #require(response.header("x-amz-request-id"))
        #expect(response.text == "<Code>RequestHeaderSectionTooLarge</Code><RequestId>\(id)</RequestId>")
        await server.shutdown(graceWithin: 0)
    }

    @Test func aHeadThatIsNotCompletedTimesOut() async throws {
        var limits = FrontLimits()
        limits.headerSeconds = 0.1
        try await FrontFixture.run(limits: limits, service: describingService) { front in
            let client = try front.connect()
            client.send("GET / HTTP/1.1\r\nHo")
            #expect(client.readResponse()?.status == 408)
            #expect(client.readToEnd().isEmpty && client.isAtEnd)
        }
    }

    @Test func anIdleConnectionIsClosedWithoutAWord() async throws {
        var limits = FrontLimits()
        limits.keepAliveIdleSeconds = 0.1
        try await FrontFixture.run(limits: limits, service: describingService) { front in
            let client = try front.connect()
            #expect(client.get("/")?.status == 200)
            #expect(client.readToEnd().isEmpty && client.isAtEnd)
        }
    }

    @Test func aDrainedRequestDoesNotBeginTheNextHead() async throws {
        var limits = FrontLimits()
        limits.headerSeconds = 0.1
        limits.keepAliveIdleSeconds = 0.2
        try await FrontFixture.run(limits: limits) { _, response in
            response.send(.notFound, headers: [:], body: nil)
        } test: { front in
            let client = try front.connect()
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
            #expect(client.readResponse()?.status == 404)
            client.send("hello")
            // Silence: the wait was for a new request, not for the rest of one.
            #expect(client.readToEnd().isEmpty && client.isAtEnd)
        }
    }

    @Test func connectionsOverTheLimitAreAnswered503() async throws {
        var limits = FrontLimits()
        limits.connectionsMax = 2
        try await FrontFixture.run(limits: limits, service: describingService) { front in
            var kept: [RawClient] = []
            for _ in 0..<2 {
                let client = try front.connect()
                #expect(client.get("/")?.status == 200)
                kept.append(client)
            }
            let refused = try front.connect()
            #expect(refused.get("/")?.status == 503)
            kept.removeLast()
            // The front learns of the closed connection in its own time.
            #expect(try await eventually { (try? front.connect().get("/")?.status) == 200 })
        }
    }

    @Test func aTakenPortIsNamed() async throws {
        try await FrontFixture.run(service: describingService) { front in
            let configuration = FrontConfiguration(
                port: front.port, requestIDSeed: 1, date: { "Thu, 01 Jan 1970 00:00:00 GMT" })
            await #expect(throws: FrontStartError.addressInUse(host: "127.0.0.1", port: front.port)) {
                try await FrontServer.start(
                    configuration, service: ClosureService(body: describingService), accessLog: { _ in },
                    logger: Logger(label: "front-tests"))
            }
        }
    }

    @Test func shutdownCompletesTheRequestInFlightAndClosesIdleConnections() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let configuration = FrontConfiguration(requestIDSeed: 1, date: { "Thu, 01 Jan 1970 00:00:00 GMT" })
        let keeper = RecordKeeper()
        let service = ClosureService { request, response in
            if request.target == "/slow" { for await _ in gate { break } }
            await describingService(request, response)
        }
        let server = try await FrontServer.start(
            configuration, service: service, accessLog: { keeper.keep($0) }, logger: Logger(label: "front-tests"))
        let port = server.boundAddress.port ?? 0
        let idle = try RawClient(port: port)
        #expect(idle.get("/idle")?.status == 200)
        let busy = try RawClient(port: port)
        busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        // The task has begun when a later connection has been served on the same loop.
        #expect(try RawClient(port: port).get("/")?.status == 200)
        async let outcome = server.shutdown(graceWithin: 60)
        // Waiting in `recv` could hold the thread that the shutdown needs.
        #expect(try await eventually { idle.isClosedByPeer })
        #expect(throws: RawClient.ConnectionFailure.self) { try RawClient(port: port) }
        opener.yield()
        let response = try #require(busy.readResponse())
        #expect(response.text == "GET /slow 0" && response.header("Connection") == "close")
        #expect(busy.readToEnd().isEmpty)
        #expect(await outcome)
    }

    @Test func shutdownBreaksOffWhatDoesNotFinishInTime() async throws {
        let configuration = FrontConfiguration(requestIDSeed: 1, date: { "Thu, 01 Jan 1970 00:00:00 GMT" })
        let server = try await FrontServer.start(
            configuration, service: ClosureService(body: describingService), accessLog: { _ in },
            logger: Logger(label: "front-tests"))
        let client = try RawClient(port: server.boundAddress.port ?? 0)
        client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.readResponse()?.status == 100)
        #expect(await server.shutdown(graceWithin: 0.05))
        _ = client.readToEnd()
        #expect(client.isAtEnd || client.wasReset)
    }
}
