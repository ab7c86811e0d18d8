import NIOCore
import NIOHTTP1

/// The state of one request and its response on a connection.
struct Exchange {
    enum BodyState: Equatable {
        case receiving
        case complete
        case failed(BodyError)
    }

    enum ResponseState: Equatable {
        case none
        /// The head is written; `remaining` counts down when the length was announced.
        case streaming(ResponseFraming, remaining: Int)
        case ended
        /// Broken off by the service, or by the front because the service broke its word.
        case aborted
    }

    /// Distinguishes exchanges of a connection, so that a handle kept too long touches nothing.
    var number: UInt64 = 0
    var id = RequestID(seed: 0, loopIndex: 0, counter: 0)
    var idText = ""
    var method = HTTPMethod.GET
    var methodText = "-"
    var target = ""
    var userAgent: String?
    var started = NIODeadline.uptimeNanoseconds(0)

    // The request's body.
    var bodyState = BodyState.complete
    var declaredLength: Int? = 0
    var expectsContinue = false
    var inbound: CircularBuffer<ByteBuffer>
    var inboundBytes = 0
    var bytesReceived = 0
    var bodyWaiter: CheckedContinuation<Void, Never>?
    var bodyShare = RoomShare()
    /// Bytes that came beyond what may wait for the service, counted over all connections.
    var overrunBytes = 0

    // The response.
    var allowsChunkedResponse = true
    var allowsKeepAlive = true
    var needsKeepAliveHeader = false
    var responseState = ResponseState.none
    var closesAfterResponse = false
    var status = 0
    var bytesSent = 0
    var writeWaiter: CheckedContinuation<Void, Never>?
    var answerShare = RoomShare()

    // The task.
    var pendingHead: HTTPRequestHead?
    var isTaskRunning = false

    // Labels of the access log.
    var service = ""
    var operation = ""
    var errorCode: String?

    /// What follows on the connection is not part of anything.
    var isBodyFailed: Bool { if case .failed = bodyState { true } else { false } }

    /// Nothing is read from the connection meanwhile.
    var isWaitingForRoom: Bool { bodyShare.ticket != nil || answerShare.ticket != nil }

    init() { inbound = CircularBuffer() }

    /// The exchange that follows on the same connection. Takes over the memory of the buffer of what has come in.
    init(after last: Exchange) {
        number = last.number &+ 1
        inbound = last.inbound
        if !inbound.isEmpty { inbound.removeAll(keepingCapacity: true) }
    }
}
