package import NIOCore
package import NIOHTTP1

/// What a service sees of HTTP: one call for one request.
///
/// The call runs as a task on the event loop that owns the connection: as long as it does not leave that loop, it costs
/// no thread hop. It must end the response exactly once (`ResponseWriter.end` or `send`); if it returns without having
/// done so, the front answers 500 when no head was written, and closes the connection otherwise.
package protocol HTTPService: Sendable {
    func respond(to request: HTTPRequest, with response: ResponseWriter) async
}

/// A request whose head has arrived; its body streams.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// The request target exactly as sent: undecoded path, then `?` and the undecoded query.
    package var target: String
    package var headers: HTTPHeaders
    /// Sixteen upper-case hexadecimal characters, unique within a run: `x-amz-request-id`, and the access log's
    /// `request_id`.
    package var id: String
    package var isSecure: Bool
    /// The peer's IP address, without port.
    package var remoteAddress: String
    package var body: RequestBody
    /// The loop that owns the connection; the task runs on it.
    package var eventLoop: any EventLoop

    /// A request in full; the front makes those that come from connections.
    package init(
        method: HTTPMethod, target: String, headers: HTTPHeaders, id: String, isSecure: Bool, remoteAddress: String,
        body: RequestBody, eventLoop: any EventLoop
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.id = id
        self.isSecure = isSecure
        self.remoteAddress = remoteAddress
        self.body = body
        self.eventLoop = eventLoop
    }

    /// The value of the answer's `x-amz-id-2`, for error bodies that repeat it. Derived from `id`.
    package var hostID: String { RequestID.hostID(forRequestID: id) }
}
