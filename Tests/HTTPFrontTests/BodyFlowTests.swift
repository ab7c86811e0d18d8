import HTTPFront
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// How bodies begin, stall, break and wait.
@Suite struct BodyFlowTests {
    // MARK: Expect: 100-continue

    @Test func continueIsAnsweredWhenTheServiceReads() async throws {
        try await FrontFixture.run(service: describingService) { front in
            let client = try front.connect()
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.readResponse()?.status == 100)
            client.send("hello")
            let response = try #require(client.readResponse())
            #expect(response.text == "PUT /a 5" && response.header("Connection") == nil)
            #expect(client.get("/b")?.text == "GET /b 0")
        }
    }

    @Test func continueIsNotSentWhenTheServiceAnswersFirst() async throws {
        try await FrontFixture.run { _, response in
            response.send(.forbidden, headers: [:], body: ByteBuffer(string: "no"))
        } test: { front in
            let client = try front.connect()
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            let response = try #require(client.readResponse())
            #expect(response.status == 403)
            #expect(response.header("Connection") == "close")
            #expect(client.readToEnd().isEmpty && client.isAtEnd)
        }
    }

    @Test func continueIsAnsweredForAnEmptyBodyToo() async throws {
        try await FrontFixture.run(service: describingService) { front in
            let client = try front.connect()
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.readResponse()?.status == 100)
            #expect(client.readResponse()?.text == "PUT /a 0")
        }
    }

    @Test(arguments: ["miracles", ""])
    func otherExpectationsArePassedOver(value: String) async throws {
        try await FrontFixture.run(service: describingService) { front in
            let client = try front.connect()
            client.send("GET /a HTTP/1.1\r\nHost: h\r\nExpect: \(value)\r\n\r\n")
            #expect(client.readResponse()?.text == "GET /a 0")
        }
    }

    // MARK: Early answers

    @Test func aSmallUnreadBodyIsDrainedAndTheConnectionKept() async throws {
        try await FrontFixture.run { request, response in
            response.send(.notFound, headers: [:], body: ByteBuffer(string: request.target))
        } test: { front in
            let client = try front.connect()
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
            let early = try #require(client.readResponse())
            #expect(early.text == "/a" && early.header("Connection") == nil)
            client.send([UInt8](repeating: 65, count: 100_000))
            #expect(client.get("/b")?.text == "/b")
        }
    }

    @Test func theAnswerIsReadableThoughALargeBodyIsStillBeingSent() async throws {
        try await FrontFixture.run { _, response in
            response.send(.forbidden, headers: [:], body: ByteBuffer(string: "no room"))
        } test: { front in
            let client = try front.connect()
            let size = 8_000_000
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
            client.send([UInt8](repeating: 65, count: size))
            let response = try #require(client.readResponse())
            #expect(response.text == "no room" && response.header("Connection") == "close")
            #expect(client.readToEnd().isEmpty)
            #expect(client.isAtEnd && !client.wasReset)
        }
    }

    // MARK: Broken bodies

    @Test func aBodyCutShortIsIncomplete() async throws {
        try await FrontFixture.run(service: describingService) { front in
            for head in ["Content-Length: 10\r\n\r\nhel", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"] {
                let client = try front.connect()
                client.send("PUT /a HTTP/1.1\r\nHost: h\r\n" + head)
                client.finishSending()
                let response = try #require(client.readResponse())
                #expect(response.status == 400 && response.text == "incomplete")
                #expect(client.readToEnd().isEmpty && client.isAtEnd)
            }
        }
    }

    @Test func bytesBeyondTheDeclaredLengthAreNotPartOfTheBody() async throws {
        try await FrontFixture.run(service: describingService) { front in
            let client = try front.connect()
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nhello")
            #expect(client.readResponse()?.text == "PUT /a 3")
            #expect(client.readResponse()?.status == 400)
            #expect(client.readToEnd().isEmpty)
        }
    }

    @Test func brokenChunkFramingIsIncomplete() async throws {
        try await FrontFixture.run(service: describingService) { front in
            let client = try front.connect()
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n")
            let response = try #require(client.readResponse())
            #expect(response.status == 400 && response.text == "incomplete")
            #expect(response.header("Connection") == "close")
        }
    }

    @Test func aStalledBodyTimesOut() async throws {
        var limits = FrontLimits()
        limits.bodyIdleSeconds = 0.1
        try await FrontFixture.run(limits: limits, service: describingService) { front in
            let client = try front.connect()
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhel")
            let response = try #require(client.readResponse())
            #expect(response.text == "timedOut" && response.header("Connection") == "close")
        }
    }

    @Test func aBodyBeyondTheLimitIsRefused() async throws {
        var limits = FrontLimits()
        limits.bodyBytesMax = 1000
        try await FrontFixture.run(limits: limits, service: describingService) { front in
            let declared = try front.connect()
            declared.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n")
            #expect(declared.readResponse()?.status == 413)
            let chunked = try front.connect()
            chunked.send("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            chunked.send("3E9\r\n" + String(repeating: "x", count: 1001) + "\r\n0\r\n\r\n")
            #expect(chunked.readResponse()?.text == "tooLarge(limit: 1000)")
        }
    }

    @Test func aVanishedClientEndsTheTask() async throws {
        let outcome = Mutex<[String]>([])
        try await FrontFixture.run { request, response in
            do throws(BodyError) {
                _ = try await request.body.collect(limit: 100)
            } catch {
                outcome.withLock { $0.append("\(error)") }
            }
            response.start(.ok, headers: [:])
            do throws(ResponseError) {
                while true { try await response.write(ByteBuffer(repeating: 1, count: 100_000)) }
            } catch {
                outcome.withLock { $0.append("\(error)") }
            }
        } test: { front in
            do {
                let client = try front.connect()
                client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhel")
            }
            #expect(try await eventually { outcome.withLock { $0 } == ["incomplete", "connectionLost"] })
            #expect(try await eventually { front.keeper.records.count == 1 })
            #expect(front.keeper.records.first?.isComplete == false)
        }
    }

    // MARK: Back-pressure

    @Test func aServiceThatDoesNotReadHoldsTheSenderBack() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let size = 64 << 20
        try await FrontFixture.run { request, response in
            for await _ in gate { break }
            await describingService(request, response)
        } test: { front in
            let client = try front.connect()
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
            let sent = client.sendWhileAccepted(upTo: size, patienceMilliseconds: 150)
            // What the kernel's two socket buffers take is out of our hands; what we take on top is not.
            #expect(sent < 24 << 20)
            opener.yield()
            client.send([UInt8](repeating: 66, count: size - sent))
            #expect(client.readResponse()?.text == "PUT /a \(size)")
        }
    }

    @Test func aClientThatDoesNotReadHoldsTheServiceBack() async throws {
        let written = Mutex(0)
        let size = 64 << 20
        try await FrontFixture.run { _, response in
            response.start(.ok, headers: ["Content-Length": "\(size)"])
            let chunk = ByteBuffer(repeating: 67, count: 1 << 18)
            for _ in 0..<(size >> 18) {
                guard (try? await response.write(chunk)) != nil else { return response.abort() }
                written.withLock { $0 += 1 << 18 }
            }
            response.end()
        } test: { front in
            let client = try front.connect()
            client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            var seen = -1
            _ = try await eventually {
                let now = written.withLock { $0 }
                defer { seen = now }
                return now > 0 && now == seen
            }
            #expect(written.withLock { $0 } < 24 << 20)
            #expect(client.readResponse()?.body.count == size)
        }
    }

    @Test func manySmallPartsAreGathered() async throws {
        let calls = Mutex(0)
        let (gate, opener) = AsyncStream<Void>.makeStream()
        try await FrontFixture.run { request, response in
            for await _ in gate { break }
            var bytes = 0
            while let part = try? await request.body.next() {
                calls.withLock { $0 += 1 }
                bytes += part.readableBytes
            }
            response.send(.ok, headers: [:], body: ByteBuffer(string: "\(bytes)"))
        } test: { front in
            let client = try front.connect()
            client.send("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            client.send(String(repeating: "1\r\nx\r\n", count: 20_000) + "0\r\n\r\n")
            opener.yield()
            #expect(client.readResponse()?.text == "20000")
            #expect(calls.withLock { $0 } < 200)
        }
    }
}
