import NIOCore
import NIOHTTP1

/// One connection: takes decoded request parts, runs each request as one task on the event loop, writes the responses.
///
/// Requests are processed strictly one after another: a request's exchange lasts from its head until its body has
/// ended, its response has ended and its task has returned. Parts of pipelined requests wait in `queue`, during which
/// nothing is read.
///
/// `@unchecked Sendable`: all state is touched on the channel's event loop only, which the entries used by tasks check.
final class HTTPConnection: ChannelInboundHandler, ChannelOutboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Waiting for a head.
        case idle
        /// An exchange is in progress.
        case running
        /// The response and its task have ended; the rest of the request's body is read and thrown away.
        case discarding
        /// The last response has been written and our side closed; the client's bytes are thrown away until it closes
        /// too.
        case lingering
        case closed
    }

    let loop: LoopContext
    let shared: FrontShared
    let receiveAllocator: ReceiveAllocator
    /// Accepted beyond the limit: answered 503 at once.
    private let isRefused: Bool
    private(set) var context: ChannelHandlerContext?
    private(set) var remoteAddress = ""
    /// Place in the loop's list of connections; kept by `LoopContext`.
    var listIndex = -1

    var phase = Phase.idle
    /// The exchange in progress, or the last one.
    var exchange: Exchange
    var queue = CircularBuffer<HTTPServerRequestPart>()
    /// Bytes of bodies in `queue`, counted over all connections.
    var queuedBytes = 0
    /// Answered once the requests before it have been: the connection's input is broken from there on.
    var pendingFault: FrontFault?
    /// A fault has been answered: what the client still sends was not read as requests.
    var isFaulted = false
    /// The client has closed its sending side.
    var isInputClosed = false
    /// The channel asked to read and was told to wait.
    var isReadHeld = false
    /// A head has begun to arrive.
    var isHeadPartial = false
    /// The current read has brought parts, not only bytes of a head.
    private var hasReadParts = false
    /// `pump` is on the stack: flushes wait for its end, so that pipelined answers leave together.
    var isPumping = false
    var needsFlush = false
    /// Meaning depends on the phase; `distantFuture` when nothing is waited for.
    var deadline = NIODeadline.distantFuture
    /// Bytes thrown away while lingering.
    var discardedBytes = 0
    /// Bytes waiting for the socket when last looked at, to tell a slow client from a vanished one.
    var lastPendingBytes = 0

    init(loop: LoopContext, receiveAllocator: ReceiveAllocator, isRefused: Bool) {
        self.loop = loop
        shared = loop.shared
        self.receiveAllocator = receiveAllocator
        self.isRefused = isRefused
        exchange = Exchange()
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { activate(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        activate(context)
        context.fireChannelActive()
    }

    private func activate(_ context: ChannelHandlerContext) {
        guard listIndex < 0 else { return }
        remoteAddress = context.remoteAddress?.ipAddress ?? ""
        loop.add(self)
        becomeIdle(now: .now())
        if isRefused {
            answerFault(.tooManyConnections)
        } else if loop.isDraining {
            breakOff()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        isInputClosed = true
        clearQueue()
        dropInbound()
        if exchange.bodyState == .receiving { exchange.bodyState = .failed(.incomplete) }
        resumeWaiters()
        giveUpRoom()
        if !exchange.isTaskRunning { leaveLoop() }
        context.fireChannelInactive()
    }

    /// Called when the connection is closed and no task uses it any more.
    func leaveLoop() {
        if listIndex >= 0 { loop.remove(self) }
    }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        hasReadParts = true
        switch phase {
        case .idle: accept(part)
        case .running where exchange.bodyState == .receiving && queue.isEmpty: accept(part)
        case .running: if !exchange.isBodyFailed { enqueue(part) }
        case .discarding: queue.isEmpty ? discard(part) : enqueue(part)
        case .lingering: if case .body(let bytes) = part { countDiscarded(bytes.readableBytes) }
        case .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if phase == .idle && !hasReadParts && !isHeadPartial && !isInputClosed {
            isHeadPartial = true
            deadline = .now() + .nanoseconds(Int64(shared.limits.headerSeconds * 1e9))
        }
        hasReadParts = false
        pump()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? ChannelEvent {
        case .inputClosed?:
            isInputClosed = true
            inputEnded()
        case .outputClosed? where isInputClosed:
            context.close(promise: nil)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The client will send nothing more.
    private func inputEnded() {
        if exchange.bodyState == .receiving && (phase == .running || phase == .discarding) { failBody(.incomplete) }
        switch phase {
        case .idle where queue.isEmpty && pendingFault == nil, .discarding: beginLinger()
        case .idle, .running, .lingering, .closed: break
        }
        pump()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            resumeWriteWaiter()
            pump()
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case ByteToMessageDecoderError.dataReceivedInErrorState(_, let bytes):
            if phase == .lingering { countDiscarded(bytes.readableBytes) }
        case let error as HTTPParserError:
            inputBroke(error)
        default:
            // TLS and socket errors: nothing sensible can be exchanged any more.
            breakOff()
        }
    }

    /// The decoder gave up: the bytes from here on mean nothing.
    private func inputBroke(_ error: HTTPParserError) {
        if exchange.bodyState == .receiving && (phase == .running || phase == .discarding) && queue.isEmpty {
            failBody(.incomplete)
            if phase == .discarding { beginLinger() }
        } else if error != .invalidEOFState && pendingFault == nil && phase != .lingering {
            pendingFault = error == .headerOverflow ? .headersTooLarge : .malformedRequest
        }
        pump()
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        if mayRead {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    /// Reading stops while a body waits for the service beyond the limit or for room, while a pipelined request waits
    /// for its turn, and while a client that asks for more has not read what it was answered.
    private var mayRead: Bool {
        switch phase {
        case .idle: queue.isEmpty && isAnswerTaken
        case .running:
            queue.isEmpty && exchange.inboundBytes < shared.limits.inboundBufferBytes && !exchange.isWaitingForRoom
                && !exchange.isBodyFailed
        case .discarding, .lingering: true
        case .closed: false
        }
    }

    /// Whether the client has read all answers but for what may wait on a connection.
    var isAnswerTaken: Bool { context?.channel.isWritable ?? true }

    /// Lets a held read go once there is room.
    func resumeReading() {
        if isReadHeld && mayRead, let context {
            isReadHeld = false
            context.read()
        }
    }

    // MARK: Leaving

    /// Closes at once, dropping what has not been written.
    func breakOff() {
        context?.close(promise: nil)
    }

    /// The front is shutting down: an idle connection closes, a busy one after its response.
    func beginDrain() {
        if phase == .idle && queue.isEmpty && !isHeadPartial { breakOff() }
    }

    private func countDiscarded(_ count: Int) {
        discardedBytes += count
        if discardedBytes > shared.limits.lingerBytesMax { breakOff() }
    }
}
