import HTTPFront
import NIOCore
import NIOHTTP1
import Testing

/// Whole exchanges on one connection: what a well-behaved client sees.
@Suite struct ExchangeTests {
    @Test func aConnectionCarriesRequestAfterRequest() async throws {
        try await FrontFixture.run(service: describingService) { front in
            let client = try front.connect()
            for index in 0..<5 {
                let response = try #require(client.get("/key?n=\(index)"))
                #expect(response.status == 200)
                #expect(response.text == "GET /key?n=\(index) 0")
                #expect(response.header("X-Test") == "yes")
                #expect(response.header("Connection") == nil)
            }
        }
    }

    @Test func everyResponseCarriesTheFrontsHeaders() async throws {
        try await FrontFixture.run(service: describingService) { front in
            let client = try front.connect()
            let first = try #require(client.get("/"))
            let second = try #require(client.get("/"))
            #expect(first.header("Date") == "Sun, 06 Nov 1994 08:49:37 GMT")
            #expect(first.header("Server") == "Varve")
            let id = try #require(first.header("x-amz-request-id"))
            #expect(id.count == 16 && id.allSatisfy { "0123456789ABCDEF".contains($0) })
            #expect(second.header("x-amz-request-id") != id)
            let hostID = try #require(first.header("x-amz-id-2"))
            #expect(hostID.count == 32 && hostID != second.header("x-amz-id-2"))
        }
    }

    @Test func theRequestKnowsTheHostIDOfItsResponse() async throws {
        try await FrontFixture.run { request, response in
            response.send(.ok, headers: [:], body: ByteBuffer(string: "\(request.id) \(request.hostID)"))
        } test: { front in
            let response = try #require(try front.connect().get("/"))
            let id = try #require(response.header("x-amz-request-id"))
            let hostID = try #require(response.header("x-amz-id-2"))
            #expect(response.text == "\(id) \(hostID)")
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await FrontFixture.run { request, response in
            // Later requests would overtake earlier ones if they ran side by side.
            if request.target.hasSuffix("0") { try? await Task.sleep(for: .milliseconds(5)) }
            await describingService(request, response)
        } test: { front in
            let client = try front.connect()
            let requests = (0..<300).map { index in
                index % 2 == 0
                    ? "GET /\(index) HTTP/1.1\r\nHost: h\r\n\r\n"
                    : "PUT /\(index) HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
            }
            client.send(requests.joined())
            for index in 0..<300 {
                let response = try #require(client.readResponse())
                #expect(response.text == (index % 2 == 0 ? "GET /\(index) 0" : "PUT /\(index) 5"))
            }
        }
    }

    @Test(arguments: [1, 4096, 300_000, 5_000_000])
    func bodiesOfAnySizeArriveWhole(size: Int) async throws {
        try await FrontFixture.run { request, response in
            guard let bytes = try? await request.body.collect(limit: 10_000_000) else { return response.abort() }
            response.send(.ok, headers: [:], body: ByteBuffer(bytes: bytes))
        } test: { front in
            let client = try front.connect()
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
            for _ in 0..<2 {
                client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
                client.send(body)
                let response = try #require(client.readResponse())
                #expect(response.body == body)
            }
        }
    }

    @Test func chunkedBodiesAreDecoded() async throws {
        try await FrontFixture.run { request, response in
            let bytes = try? await request.body.collect(limit: 100)
            let declared = request.body.declaredLength.map { "\($0)" } ?? "none"
            let text = String(decoding: bytes ?? [], as: UTF8.self)
            response.send(.ok, headers: [:], body: ByteBuffer(string: "\(declared) \(text)"))
        } test: { front in
            let client = try front.connect()
            client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            client.send("A;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n")
            #expect(client.readResponse()?.text == "none abc0123456789")
            #expect(client.get("/next")?.text == "0 ")
        }
    }

    @Test func collectRefusesWhatIsTooLarge() async throws {
        try await FrontFixture.run { request, response in
            do throws(BodyError) {
                _ = try await request.body.collect(limit: 4)
                response.send(.ok, headers: [:], body: nil)
            } catch {
                response.send(.payloadTooLarge, headers: [:], body: ByteBuffer(string: "\(error)"))
            }
        } test: { front in
            let client = try front.connect()
            client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
            #expect(client.readResponse()?.text == "tooLarge(limit: 4)")
            client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
            #expect(client.readResponse()?.status == 413)
        }
    }

    @Test func streamedResponsesAreChunkedUnlessTheirLengthIsKnown() async throws {
        try await FrontFixture.run { request, response in
            response.start(.ok, headers: request.target == "/known" ? ["Content-Length": "6"] : [:])
            try? await response.write(ByteBuffer(string: "abc"))
            try? await Task.sleep(for: .milliseconds(1))
            try? await response.write(ByteBuffer(string: "def"))
            response.end()
        } test: { front in
            let client = try front.connect()
            let chunked = try #require(client.get("/unknown"))
            #expect(chunked.text == "abcdef" && chunked.header("Transfer-Encoding") == "chunked")
            let known = try #require(client.get("/known"))
            #expect(known.text == "abcdef" && known.header("Content-Length") == "6")
            #expect(known.header("Transfer-Encoding") == nil)
        }
    }
}
