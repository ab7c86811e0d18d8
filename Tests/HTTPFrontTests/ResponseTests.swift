import HTTPFront
import NIOCore
import NIOHTTP1
import Testing

/// Responses at the edges of HTTP: without bodies, to old clients, broken by their service.
@Suite struct ResponseTests {
    @Test func headKeepsTheLengthAndCarriesNoBody() async throws {
        try await FrontFixture.run { request, response in
            switch request.target {
            case "/sent": response.send(.ok, headers: ["Content-Length": "12345"], body: nil)
            case "/body": response.send(.notFound, headers: [:], body: ByteBuffer(string: "hello"))
            default:
                response.start(.ok, headers: ["Content-Length": "5"])
                try? await response.write(ByteBuffer(string: "hello"))
                response.end()
            }
        } test: { front in
            let client = try front.connect()
            for (target, length) in [("/sent", "12345"), ("/body", "5"), ("/streamed", "5")] {
                client.send("HEAD \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
                let response = try #require(client.readResponse(hasBody: false))
                #expect(response.header("Content-Length") == length)
            }
            #expect(client.get("/streamed")?.text == "hello")
        }
    }

    @Test(arguments: [204, 304]) func bodilessStatusesCarryNoBody(code: Int) async throws {
        try await FrontFixture.run { request, response in
            let status = HTTPResponseStatus(statusCode: code)
            if request.target == "/sent" {
                response.send(status, headers: [:], body: ByteBuffer(string: "never"))
            } else {
                response.start(status, headers: [:])
                try? await response.write(ByteBuffer(string: "never"))
                response.end()
            }
        } test: { front in
            let client = try front.connect()
            for target in ["/sent", "/streamed", "/sent"] {
                let response = try #require(client.get(target))
                #expect(response.status == code)
                #expect(response.header("Transfer-Encoding") == nil)
                #expect(code != 204 || response.header("Content-Length") == nil)
            }
        }
    }

    @Test func anEmptyAnswerHasLengthZero() async throws {
        try await FrontFixture.run { _, response in
            response.send(.ok, headers: [:], body: nil)
        } test: { front in
            let client = try front.connect()
            #expect(client.get("/")?.header("Content-Length") == "0")
            #expect(client.get("/")?.status == 200)
        }
    }

    @Test func closeIsHonouredAndOldClientsAreServed() async throws {
        try await FrontFixture.run { request, response in
            if request.target == "/stream" {
                response.start(.ok, headers: [:])
                try? await response.write(ByteBuffer(string: "until the end"))
                response.end()
            } else {
                response.send(.ok, headers: [:], body: ByteBuffer(string: "ok"))
            }
        } test: { front in
            let closing = try front.connect()
            closing.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(closing.readResponse()?.header("Connection") == "close")
            #expect(closing.readToEnd().isEmpty && closing.isAtEnd)
            let old = try front.connect()
            old.send("GET / HTTP/1.0\r\n\r\n")
            #expect(old.readResponse()?.text == "ok")
            #expect(old.readToEnd().isEmpty && old.isAtEnd)
            let kept = try front.connect()
            kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(kept.readResponse()?.header("Connection") == "keep-alive")
            kept.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let streamed = try #require(kept.readResponse())
            #expect(streamed.text == "until the end" && streamed.header("Transfer-Encoding") == nil)
            #expect(streamed.header("Connection") == "close")
        }
    }

    @Test func aClientThatOnlySendsOnceIsAnsweredAfterItsEnd() async throws {
        try await FrontFixture.run(service: describingService) { front in
            let client = try front.connect()
            client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n")
            client.finishSending()
            #expect(client.readResponse()?.text == "GET /1 0")
            #expect(client.readResponse()?.text == "GET /2 0")
            #expect(client.readToEnd().isEmpty && client.isAtEnd)
        }
    }

    @Test func aServiceThatDoesNotAnswerIsA500() async throws {
        try await FrontFixture.run { _, _ in
        } test: { front in
            let client = try front.connect()
            #expect(client.get("/")?.status == 500)
            #expect(client.get("/")?.status == 500)
            #expect(front.keeper.records.first?.errorCode == "InternalError")
        }
    }

    @Test(arguments: ["/abort", "/short", "/long", "/forgotten", "/chunked"])
    func aBrokenOffResponseCannotBeTakenForAWholeOne(target: String) async throws {
        try await FrontFixture.run { request, response in
            response.start(.ok, headers: request.target == "/chunked" ? [:] : ["Content-Length": "10"])
            try? await response.write(ByteBuffer(string: "hello"))
            switch request.target {
            case "/abort", "/chunked": response.abort()
            case "/short": response.end()
            case "/long": try? await response.write(ByteBuffer(string: "hello, world"))
            default: break
            }
        } test: { front in
            let client = try front.connect()
            #expect(client.get(target) == nil)
            #expect(client.isAtEnd || client.wasReset)
            #expect(try await eventually { front.keeper.records.first?.isComplete == false })
        }
    }

    @Test func aSecondAnswerIsDropped() async throws {
        try await FrontFixture.run { request, response in
            response.send(.ok, headers: [:], body: ByteBuffer(string: "first"))
            response.send(.ok, headers: [:], body: ByteBuffer(string: "second"))
            response.end()
        } test: { front in
            let client = try front.connect()
            #expect(client.get("/")?.text == "first")
            #expect(client.get("/")?.text == "first")
        }
    }

    @Test func noHeaderValueCanSplitAResponse() async throws {
        try await FrontFixture.run { _, response in
            response.send(
                .ok, headers: ["X-A": "a\r\nX-Injected: yes\r\n\r\nb", "X-Long": "0123456789abcdef\nX-Injected: yes"],
                body: ByteBuffer(string: "ok"))
        } test: { front in
            let response = try #require(try front.connect().get("/"))
            #expect(response.header("X-Injected") == nil)
            #expect(response.header("X-Long") == "0123456789abcdef X-Injected: yes")
            #expect(response.text == "ok")
        }
    }

    @Test func headersOfTheFrontCannotBeDoubled() async throws {
        try await FrontFixture.run { _, response in
            response.send(
                .ok,
                headers: [
                    "date": "never", "Server": "other", "X-AMZ-Request-Id": "none", "Content-Length": "7",
                    "Transfer-Encoding": "chunked", "Connection": "close",
                ], body: ByteBuffer(string: "ok"))
        } test: { front in
            let client = try front.connect()
            let response = try #require(client.get("/"))
            for name in ["Date", "Server", "x-amz-request-id", "Content-Length", "Connection"] {
                #expect(response.headers.count { $0.name.lowercased() == name.lowercased() } == 1)
            }
            #expect(response.header("Server") == "Varve" && response.header("Content-Length") == "2")
            #expect(response.header("Transfer-Encoding") == nil)
            #expect(client.readToEnd().isEmpty && client.isAtEnd)
        }
    }

    @Test func everyExchangeIsRecorded() async throws {
        try await FrontFixture.run { request, response in
            _ = try? await request.body.collect(limit: 100)
            response.label(service: "s3", operation: "PutObject", errorCode: "NoSuchBucket")
            response.send(.notFound, headers: [:], body: ByteBuffer(string: "gone"))
        } test: { front in
            let client = try front.connect()
            client.send("PUT /b/k?x=1 HTTP/1.1\r\nHost: h\r\nUser-Agent: tester\r\nContent-Length: 5\r\n\r\nhello")
            let id = try #require(client.readResponse()?.header("x-amz-request-id"))
            #expect(try await eventually { front.keeper.records.count == 1 })
            var record = try #require(front.keeper.records.first)
            #expect(record.durationNanoseconds >= 0)
            record.durationNanoseconds = 0
            #expect(
                record
                    == AccessRecord(
                        requestID: id, method: "PUT", target: "/b/k?x=1", status: 404, isComplete: true,
                        bytesReceived: 5, bytesSent: 4, durationNanoseconds: 0, remoteAddress: "127.0.0.1",
                        userAgent: "tester", service: "s3", operation: "PutObject", errorCode: "NoSuchBucket"))
        }
    }

    @Test func aClientThatStopsReadingIsGivenUp() async throws {
        var limits = FrontLimits()
        limits.responseIdleSeconds = 0.1
        try await FrontFixture.run(limits: limits) { _, response in
            response.start(.ok, headers: [:])
            while (try? await response.write(ByteBuffer(repeating: 67, count: 1 << 20))) != nil {}
        } test: { front in
            let client = try front.connect()
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await eventually { front.keeper.records.first?.isComplete == false })
        }
    }

    @Test func requestsOfSeveralEventLoopsHaveTheirOwnIDs() async throws {
        try await FrontFixture.run(eventLoopCount: 2, service: describingService) { front in
            let clients = try (0..<4).map { _ in try front.connect() }
            var ids: Set<String> = []
            for _ in 0..<25 {
                for client in clients { ids.insert(try #require(client.get("/")?.header("x-amz-request-id"))) }
            }
            #expect(ids.count == 100)
        }
    }
}
