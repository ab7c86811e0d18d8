package import NIOCore
package import NIOHTTP1

/// Writes one response. Used from the request's own task only, on the connection's event loop.
///
/// `Date`, `Server`, `x-amz-request-id` and connection management are the front's; the service writes everything else.
/// For HEAD requests and for 204 and 304 the front sends no body whatever is written.
package struct ResponseWriter: Sendable {
    private let sink: any ResponseSink
    private let exchange: UInt64

    /// A writer into a sink; `exchange` is passed back to it with every call. Services never need this.
    package init(sink: any ResponseSink, exchange: UInt64) {
        self.sink = sink
        self.exchange = exchange
    }

    /// A whole response in one write and one flush: the path of small answers. Sets `Content-Length`, except for HEAD,
    /// where the service's own `Content-Length` is kept.
    package func send(_ status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer?) {
        sink.send(exchange: exchange, status: status, headers: headers, body: body)
    }

    /// Starts a streamed response. With `Content-Length` in `headers` exactly that many bytes must follow; without it
    /// the body is chunked.
    package func start(_ status: HTTPResponseStatus, headers: HTTPHeaders) {
        sink.start(exchange: exchange, status: status, headers: headers)
    }

    /// Writes body bytes, waiting while the socket is not writable.
    ///
    /// - Throws: `ResponseError.connectionLost` when the client has gone.
    package func write(_ bytes: ByteBuffer) async throws(ResponseError) {
        try await sink.write(exchange: exchange, bytes: bytes)
    }

    /// Waits until there is room in memory for an answer of that many bytes, which are this request's until it is
    /// answered. Call it once, for all of them, before they are there: see `Room`. From any executor.
    ///
    /// - Throws: `ResponseError.connectionLost` when the client has gone.
    package func takeRoom(for bytes: Int) async throws(ResponseError) {
        try await sink.takeRoom(exchange: exchange, for: bytes)
    }

    /// Lets the event loop look after its other connections, in the middle of something long. From any executor:
    /// another one's tasks have their turn instead. `Task.yield` would let tasks of the loop in, but no sockets: the
    /// loop comes back to them only when it has nothing else to do.
    package func pause() async {
        await sink.pause()
    }

    /// Ends a streamed response. With fewer bytes written than announced, it breaks the connection off.
    package func end() {
        sink.end(exchange: exchange)
    }

    /// Breaks the connection off: the only honest end when the head has been sent and the body cannot be completed.
    package func abort() {
        sink.abort(exchange: exchange)
    }

    /// What the access log and metrics call this request; set by the service once known.
    package func label(service: String, operation: String, errorCode: String?) {
        sink.label(exchange: exchange, service: service, operation: operation, errorCode: errorCode)
    }
}

package enum ResponseError: Error, Equatable, Sendable {
    case connectionLost
}

/// Where a `ResponseWriter` writes: a connection, or a test's recorder. The methods are the writer's.
package protocol ResponseSink: AnyObject, Sendable {
    func send(exchange: UInt64, status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer?)
    func start(exchange: UInt64, status: HTTPResponseStatus, headers: HTTPHeaders)
    func write(exchange: UInt64, bytes: ByteBuffer) async throws(ResponseError)
    func takeRoom(exchange: UInt64, for bytes: Int) async throws(ResponseError)
    func pause() async
    func end(exchange: UInt64)
    func abort(exchange: UInt64)
    func label(exchange: UInt64, service: String, operation: String, errorCode: String?)
}

extension ResponseSink {
    /// A sink that is no connection has room.
    package func takeRoom(exchange: UInt64, for bytes: Int) async throws(ResponseError) {}

    /// A sink that is no connection has no loop.
    package func pause() async { await Task.yield() }
}
