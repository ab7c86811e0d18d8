import Bytes
import Compression
import HTTPFront
import Items
import NIOCore
import NIOHTTP1

/// How a request wants its answer.
struct AnswerForm {
    /// The media type of the request, without its parameters.
    let requestType: Substring

    /// The `Content-Type`: that of the request, if it is AWS's own.
    var contentType = "application/x-amz-json-1.0"

    /// What the client says of codings, unread: only long answers are compressed.
    private let acceptEncoding: String?

    /// Whether a browser asks, on behalf of a page from anywhere.
    var isCrossOrigin = false

    init(_ headers: HTTPHeaders) {
        requestType = Self.mediaType(headers.first(name: "content-type"))
        if requestType != contentType { contentType = "application/json" }
        acceptEncoding = headers.first(name: "accept-encoding")
        isCrossOrigin = headers.contains(name: "origin")
    }

    /// A media type without its parameters.
    private static func mediaType(_ header: String?) -> Substring {
        guard let header else { return "" }
        return Substring(ASCII.trimmed(header.utf8.prefix { $0 != UInt8(ascii: ";") }))
    }

    // MARK: Answers

    /// What makes the front's id of sixteen characters as long as DynamoDB's of 52, which end alike too.
    private static let requestIDEnd = "VARVE00000VV4KQNSO5AEMVJF66Q9ASUAAJG"

    /// What a page may read of an answer's headers.
    private static let exposedHeaders = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"

    /// The headers of every answer.
    func headers(of request: HTTPRequest) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers.reserveCapacity(7)
        headers.add(name: "x-amzn-RequestId", value: request.id + Self.requestIDEnd)
        if isCrossOrigin {
            headers.add(name: "Access-Control-Allow-Origin", value: "*")
            headers.add(name: "Access-Control-Expose-Headers", value: Self.exposedHeaders)
        }
        return headers
    }

    /// Sends JSON.
    ///
    /// - Parameter largeAnswers: where answers are dealt with that would keep an event loop busy for too long; nil for
    ///   the caller's executor.
    func send(
        _ json: [UInt8], status: HTTPResponseStatus = .ok, with headers: HTTPHeaders, to response: ResponseWriter,
        largeAnswers: (any TaskExecutor)?
    ) async {
        var headers = headers
        headers.add(name: "Content-Type", value: contentType)
        var body = json
        if json.count >= DynamoDBWireLimits.compressedBytesMin, let coding = AnswerCoding.preferred(acceptEncoding) {
            headers.add(name: "Content-Encoding", value: coding.rawValue)
            let wrapper: Gzip.Wrapper = coding == .gzip ? .gzip : .zlib
            let executor = json.count > DynamoDBWireLimits.compressedOnLoopBytesMax ? largeAnswers : nil
            body = await withTaskExecutorPreference(executor) {
                json.withUnsafeBytes { Gzip.compress($0, in: wrapper) }
            }
        }
        guard body.count > DynamoDBWireLimits.loopBytesMax else {
            Self.sendBytes(body, status: status, with: headers, to: response)
            return
        }
        let bytes = body
        let checksum = await withTaskExecutorPreference(largeAnswers) { CRC32.hash(bytes) }
        headers.add(name: "x-amz-crc32", value: String(checksum))
        await Self.stream(bytes, status: status, with: headers, to: response)
    }

    /// Sends bytes and the CRC-32 of them as they are sent, which SDKs compare.
    static func sendBytes(
        _ bytes: [UInt8], status: HTTPResponseStatus, with headers: HTTPHeaders, to response: ResponseWriter
    ) {
        var headers = headers
        headers.add(name: "x-amz-crc32", value: String(CRC32.hash(bytes)))
        response.send(status, headers: headers, body: ByteBuffer(bytes: bytes))
    }

    /// Sends bytes piece by piece, as fast as the client takes them; others have the thread between two pieces.
    private static func stream(
        _ bytes: [UInt8], status: HTTPResponseStatus, with headers: HTTPHeaders, to response: ResponseWriter
    ) async {
        var headers = headers
        headers.add(name: "Content-Length", value: String(bytes.count))
        response.start(status, headers: headers)
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(DynamoDBWireLimits.pieceBytes)
            rest = rest.dropFirst(piece.count)
            do throws(ResponseError) {
                try await response.write(ByteBuffer(bytes: piece))
            } catch {
                // The client has gone.
                return
            }
            await response.pause()
        }
        response.end()
    }

    /// The body of an exception: `{"__type":…,"message":…}` and what else belongs to it.
    static func body(of error: DynamoDBError) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.name("__type")
        json.string(error.code.namespace + "#" + error.code.rawValue)
        if let message = error.message {
            json.name(error.code.messageName)
            json.string(message)
        }
        json.endObject()
        var body = json.copyBytes()
        if !error.members.isEmpty {
            body.removeLast()
            body.append(UInt8(ascii: ","))
            body.append(contentsOf: error.members)
            body.append(UInt8(ascii: "}"))
        }
        return body
    }
}
