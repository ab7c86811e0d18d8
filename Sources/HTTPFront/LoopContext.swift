import Logging
import NIOCore
import Synchronization

/// What all connections of a front share.
final class FrontShared: Sendable {
    let service: any HTTPService
    let limits: FrontLimits
    let isSecure: Bool
    let requestIDSeed: UInt64
    let date: @Sendable () -> String
    let accessLog: AccessLogSink
    let renderFault: FrontFaultRenderer
    let logger: Logger
    /// Connections served now, over all loops.
    let connectionCount = Counter()
    /// Connections being refused now, over all loops.
    let refusedCount = Counter()
    /// For bodies that services hold whole.
    let bodyRoom: Room
    /// For answers that are made in one piece.
    let answerRoom: Room
    /// Bytes that came beyond what may wait for services, over all loops.
    let overrunBytes = Counter()

    init(
        configuration: FrontConfiguration, service: any HTTPService, accessLog: @escaping AccessLogSink,
        renderFault: @escaping FrontFaultRenderer, logger: Logger
    ) {
        self.service = service
        limits = configuration.limits
        bodyRoom = Room(capacity: configuration.limits.bodyRoomBytes)
        answerRoom = Room(capacity: configuration.limits.answerRoomBytes)
        isSecure = configuration.tls != nil
        requestIDSeed = configuration.requestIDSeed
        date = configuration.date
        self.accessLog = accessLog
        self.renderFault = renderFault
        self.logger = logger
    }

    /// Counts something of all loops.
    final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    /// Counts a connection until it closes, unless `max` are counted already; returns whether it was.
    func admit(_ closed: EventLoopFuture<Void>, to counter: Counter, max: Int) -> Bool {
        guard counter.value.add(1, ordering: .relaxed).newValue <= max else {
            counter.value.subtract(1, ordering: .relaxed)
            return false
        }
        closed.whenComplete { _ in counter.value.subtract(1, ordering: .relaxed) }
        return true
    }
}

/// What the connections of one event loop share, and the clockwork that ends their waits.
///
/// Deadlines are fields of the connections, checked by one timer a loop: a request sets and forgets them at the cost of
/// a store, where a timer each would cost two heap operations.
///
/// `@unchecked Sendable`: all state is touched on `eventLoop` only.
final class LoopContext: @unchecked Sendable {
    let eventLoop: any EventLoop
    let shared: FrontShared
    let executor: EventLoopTaskExecutor
    /// Heads of responses are rendered here; reused as soon as the socket has taken it.
    var scratch: ByteBuffer
    private let loopIndex: Int
    private var requestCounter: UInt64 = 0
    private var connections: [HTTPConnection] = []
    private var isTicking = false
    private var lines: [UInt8] = []
    private var linesExpire = NIODeadline.uptimeNanoseconds(0)
    private var drained: EventLoopPromise<Void>?

    /// Initial size of `scratch`: a head and a small body.
    private static let scratchBytes = 8 * 1024

    init(eventLoop: any EventLoop, loopIndex: Int, shared: FrontShared) {
        self.eventLoop = eventLoop
        self.loopIndex = loopIndex
        self.shared = shared
        executor = EventLoopTaskExecutor(eventLoop: eventLoop)
        scratch = ByteBufferAllocator().buffer(capacity: Self.scratchBytes)
    }

    /// Whether the loop has stopped keeping connections.
    var isDraining: Bool { drained != nil }

    func nextRequestID() -> RequestID {
        requestCounter &+= 1
        return RequestID(seed: shared.requestIDSeed, loopIndex: loopIndex, counter: requestCounter)
    }

    /// `Date` and `Server`, rendered once a second.
    func commonLines(now: NIODeadline) -> [UInt8] {
        if now >= linesExpire {
            lines = Array("Date: \(shared.date())\r\nServer: Varve\r\n".utf8)
            linesExpire = now + .seconds(1)
        }
        return lines
    }

    // MARK: Connections

    func add(_ connection: HTTPConnection) {
        connection.listIndex = connections.count
        connections.append(connection)
        startTicking()
    }

    /// Forgets a connection that is closed and whose task has returned.
    func remove(_ connection: HTTPConnection) {
        let index = connection.listIndex
        precondition(index >= 0 && connections[index] === connection, "connection list out of step")
        connections[index] = connections[connections.count - 1]
        connections[index].listIndex = index
        connections.removeLast()
        connection.listIndex = -1
        if connections.isEmpty { drained?.succeed() }
    }

    /// Half the shortest wait, so that no limit is overrun by more than half, but never a busy loop.
    private var tickInterval: TimeAmount {
        let limits = shared.limits
        let shortest = min(
            limits.headerSeconds, limits.keepAliveIdleSeconds, limits.bodyIdleSeconds, limits.responseIdleSeconds,
            limits.lingerSeconds, limits.contendedIdleSeconds)
        return .nanoseconds(Int64(min(max(shortest / 2, 0.01), 1) * 1e9))
    }

    private func startTicking() {
        guard !isTicking else { return }
        isTicking = true
        eventLoop.scheduleTask(in: tickInterval) { self.tick() }
    }

    private func tick() {
        isTicking = false
        let now = NIODeadline.now()
        // A copy, since an expiring connection may remove itself.
        for connection in connections { connection.checkDeadline(now: now) }
        if !connections.isEmpty { startTicking() }
    }

    // MARK: Shutdown

    /// Closes idle connections and lets the others finish. Succeeds when none is left.
    func drain() -> EventLoopFuture<Void> {
        let promise = drained ?? eventLoop.makePromise(of: Void.self)
        drained = promise
        if connections.isEmpty { promise.succeed() }
        for connection in connections { connection.beginDrain() }
        return promise.futureResult
    }

    /// Breaks all connections off. Their tasks see it at their next read or write.
    func closeAll() {
        for connection in connections { connection.breakOff() }
    }
}
