package import NIOCore
package import NIOHTTP1

/// Writes one response. Used from the request's own task only, on the connection's event loop.
///
/// `Date`, `Server`, `x-amz-request-id` and connection management are the front's; the service writes everything else. For HEAD
/// requests and for 204 and 304 the front sends no body whatever is written.
package struct ResponseWriter: Sendable {
    /// A whole response in one write and one flush: the path of small answers. Sets `Content-Length`.
    package func send(_ status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer?) { preconditionFailure("unbuilt") }

    /// Starts a streamed response. With `Content-Length` in `headers` exactly that many bytes must follow; without it the body is chunked.
    package func start(_ status: HTTPResponseStatus, headers: HTTPHeaders) { preconditionFailure("unbuilt") }

    /// Writes body bytes, waiting while the socket is not writable.
    ///
    /// - Throws: `ResponseError.connectionLost` when the client has gone.
    package func write(_ bytes: ByteBuffer) async throws(ResponseError) { preconditionFailure("unbuilt") }

    /// Ends a streamed response.
    package func end() { preconditionFailure("unbuilt") }

    /// Breaks the connection off: the only honest end when the head has been sent and the body cannot be completed.
    package func abort() { preconditionFailure("unbuilt") }

    /// What the access log and metrics call this request; set by the service once known.
    package func label(service: String, operation: String, errorCode: String?) { preconditionFailure("unbuilt") }
}

package enum ResponseError: Error, Equatable, Sendable {
    case connectionLost
}
