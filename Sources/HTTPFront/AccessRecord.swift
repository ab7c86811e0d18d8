/// One finished exchange: a line of the access log, and the source of request metrics.
package struct AccessRecord: Sendable, Equatable {
    /// As in `x-amz-request-id`.
    package var requestID: String
    /// `-` when no head could be read.
    package var method: String
    /// As sent; empty when no head could be read.
    package var target: String
    /// 0 when the connection ended before a head was sent.
    package var status: Int
    /// False when the response was not written to its end.
    package var isComplete: Bool
    /// Body bytes taken from the connection, after removal of HTTP chunk framing.
    package var bytesReceived: Int
    /// Body bytes handed to the connection, without head and chunk framing.
    package var bytesSent: Int
    /// From the arrival of the head to the return of the service; monotonic.
    package var durationNanoseconds: Int64
    /// IP address without port.
    package var remoteAddress: String
    /// Nil when the client sent none.
    package var userAgent: String?
    /// As labelled by the service; empty when not labelled.
    package var service: String
    /// As labelled by the service; empty when not labelled.
    package var operation: String
    /// As labelled by the service, or the front's own fault code.
    package var errorCode: String?

    /// A record in full.
    package init(
        requestID: String, method: String, target: String, status: Int, isComplete: Bool, bytesReceived: Int,
        bytesSent: Int, durationNanoseconds: Int64, remoteAddress: String, userAgent: String?, service: String,
        operation: String, errorCode: String?
    ) {
        self.requestID = requestID
        self.method = method
        self.target = target
        self.status = status
        self.isComplete = isComplete
        self.bytesReceived = bytesReceived
        self.bytesSent = bytesSent
        self.durationNanoseconds = durationNanoseconds
        self.remoteAddress = remoteAddress
        self.userAgent = userAgent
        self.service = service
        self.operation = operation
        self.errorCode = errorCode
    }
}

/// Takes each record once, on the connection's event loop: it must be cheap and must not block.
package typealias AccessLogSink = @Sendable (AccessRecord) -> Void
