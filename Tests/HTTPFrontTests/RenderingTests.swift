import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPFront

/// The small renderers of every response's head.
@Suite struct RenderingTests {
    @Test func requestIDsDifferByLoopSeedAndCounter() {
        var texts: Set<String> = []
        for seed: UInt64 in [0, 1] {
            for loop in 0..<4 {
                for counter: UInt64 in 0..<500 {
                    texts.insert(RequestID(seed: seed << 60, loopIndex: loop, counter: counter).text)
                }
            }
        }
        #expect(texts.count == 4000)
        #expect(texts.allSatisfy { $0.utf8.count == 16 })
    }

    @Test func framingFollowsMethodAndStatus() {
        func choose(_ method: HTTPMethod, _ code: Int, _ declared: Int?, chunks: Bool = true) -> ResponseFraming {
            ResponseFraming.choose(
                method: method, status: .init(statusCode: code), declared: declared, allowsChunked: chunks)
        }
        #expect(choose(.GET, 200, 5) == .length(5))
        #expect(choose(.GET, 200, nil) == .chunked)
        #expect(choose(.GET, 200, nil, chunks: false) == .untilClose)
        #expect(choose(.HEAD, 200, 5) == .bodiless(announced: 5))
        #expect(choose(.HEAD, 404, nil) == .bodiless(announced: nil))
        #expect(choose(.PUT, 204, 5) == .bodiless(announced: nil))
        #expect(choose(.GET, 304, 5) == .bodiless(announced: 5))
    }

    @Test func aHeadOfAnySizeFitsItsComputedSpace() {
        for count in [0, 1, 7, 8, 9, 63, 1000, 100_000] {
            let long = String(repeating: "é", count: count)
            let head = ResponseHead(
                status: .custom(code: 999, reasonPhrase: long), headers: ["X-Long": long, "X-Tail": "end"],
                framing: .length(.max), directive: .close, id: RequestID(seed: 1, loopIndex: 0, counter: 1),
                idText: "0123456789ABCDEF")
            var buffer = ByteBuffer()
            head.write(to: &buffer, commonLines: Array("Server: Varve\r\n".utf8))
            let text = String(buffer: buffer)
            #expect(text.hasPrefix("HTTP/1.1 999 \(long)\r\nServer: Varve\r\nx-amz-request-id: 0123456789ABCDEF\r\n"))
            #expect(text.hasSuffix("X-Tail: end\r\nContent-Length: \(Int.max)\r\nConnection: close\r\n\r\n"))
        }
    }

    @Test func anAnswerHasOneKindOfID() {
        var buffer = ByteBuffer()
        ResponseHead(
            status: .ok, headers: ["X-Amzn-RequestId": "ABC"], framing: .length(0), directive: .silent,
            id: RequestID(seed: 1, loopIndex: 0, counter: 1), idText: "0123456789ABCDEF"
        ).write(to: &buffer, commonLines: [])
        #expect(String(buffer: buffer) == "HTTP/1.1 200 OK\r\nX-Amzn-RequestId: ABC\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func headerNamesCompareWithoutCase() {
        #expect("Content-Length".isHeaderName("content-length"))
        #expect("CONTENT-LENGTH".isHeaderName("content-length"))
        #expect(!"Content-Lengts".isHeaderName("content-length"))
        #expect(!"Content_Length".isHeaderName("content-length"))
        #expect(!"x".isHeaderName("content-length"))
    }
}
