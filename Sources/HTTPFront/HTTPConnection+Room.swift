import NIOCore
import NIOHTTP1
import Synchronization

/// Room for what a service holds whole, and for what comes whether there is any or not.
extension HTTPConnection {
    /// Room for a body; see `RequestBody.takeRoom`.
    func takeBodyRoom(for bytes: Int, exchange number: UInt64) async throws(BodyError) {
        guard bytes > shared.limits.roomlessBytes else { return }
        guard await takeRoom(shared.bodyRoom, \.bodyShare, bytes, exchange: number) else { throw .incomplete }
    }

    /// Room for an answer; see `ResponseWriter.takeRoom`.
    func takeRoom(exchange number: UInt64, for bytes: Int) async throws(ResponseError) {
        guard bytes > shared.limits.roomlessBytes else { return }
        let isTaken = await withTaskExecutorPreference(loop.executor) {
            await self.takeRoom(self.shared.answerRoom, \.answerShare, bytes, exchange: number)
        }
        guard isTaken else { throw .connectionLost }
    }

    /// Takes room, waiting for it if need be.
    ///
    /// - Returns: false when the client has gone.
    private func takeRoom(
        _ room: Room, _ share: WritableKeyPath<Exchange, RoomShare>, _ bytes: Int, exchange number: UInt64
    ) async -> Bool {
        loop.eventLoop.preconditionInEventLoop()
        guard number == exchange.number, phase == .running else { return false }
        precondition(exchange[keyPath: share].bytes == 0, "a service took room for what it holds twice")
        let bytes = min(bytes, room.capacity)
        if !room.tryTake(bytes) {
            let isTaken = await withCheckedContinuation { exchange[keyPath: share].ticket = room.take(bytes, $0) }
            exchange[keyPath: share].ticket = nil
            guard isTaken else { return false }
        }
        exchange[keyPath: share].add(bytes, now: .now())
        resumeReading()
        return true
    }

    /// The connection is gone: nobody waits for room any more.
    func giveUpRoom() {
        if let ticket = exchange.bodyShare.ticket { shared.bodyRoom.giveUp(ticket) }
        if let ticket = exchange.answerShare.ticket { shared.answerRoom.giveUp(ticket) }
    }

    /// The exchange's task has returned: what it had is others'.
    func giveRoom() {
        if exchange.bodyShare.bytes > 0 { shared.bodyRoom.give(exchange.bodyShare.bytes) }
        if exchange.answerShare.bytes > 0 { shared.answerRoom.give(exchange.answerShare.bytes) }
        exchange.bodyShare = RoomShare()
        exchange.answerShare = RoomShare()
    }

    /// Ends the body or the answer of a client that has room and is too slow, while others wait for it.
    func endSlowClient(now: NIODeadline) {
        guard phase == .running else { return }
        if exchange.bodyShare.bytes > 0, exchange.bodyState == .receiving,
            exchange.bodyShare.isTooSlow(
                moved: exchange.bytesReceived, contendedSince: shared.bodyRoom.contendedSince, now: now,
                limits: shared.limits)
        {
            failBody(.timedOut)
        }
        if exchange.answerShare.bytes > 0, exchange.writeWaiter != nil {
            let pending = (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
            if exchange.answerShare.isTooSlow(
                moved: exchange.bytesSent - pending, contendedSince: shared.answerRoom.contendedSince, now: now,
                limits: shared.limits)
            {
                resetConnection()
            }
        }
    }

    // MARK: What comes all the same

    /// Keeps a part of a request whose turn has not come. There are more of them than in one receive buffer only when
    /// the client has closed its side.
    func enqueue(_ part: HTTPServerRequestPart) {
        queue.append(part)
        if case .body(let bytes) = part {
            queuedBytes += bytes.readableBytes
            shared.overrunBytes.value.add(bytes.readableBytes, ordering: .relaxed)
        }
        let limits = shared.limits
        let isTooMuch = queuedBytes > 0 && shared.overrunBytes.value.load(ordering: .relaxed) > limits.overrunBytesMax
        if queue.count > limits.queuedPartsMax || isTooMuch { breakOff() }
    }

    /// The part whose turn has come.
    func dequeue() -> HTTPServerRequestPart {
        let part = queue.removeFirst()
        if case .body(let bytes) = part { giveQueued(bytes.readableBytes) }
        return part
    }

    /// Throws away all parts that wait.
    func clearQueue() {
        queue.removeAll()
        giveQueued(queuedBytes)
    }

    private func giveQueued(_ count: Int) {
        guard count > 0 else { return }
        queuedBytes -= count
        shared.overrunBytes.value.subtract(count, ordering: .relaxed)
    }

    /// Counts body bytes beyond what may wait for the service, which come only when the client has closed its side.
    /// With too many of them over all connections the body ends here; returns false then.
    func admitOverrun(_ count: Int) -> Bool {
        let limits = shared.limits
        let bound = limits.inboundBufferBytes + limits.receiveBytesStreaming
        guard exchange.inboundBytes + count > bound else { return true }
        exchange.overrunBytes += count
        let total = shared.overrunBytes.value.add(count, ordering: .relaxed).newValue
        guard total > limits.overrunBytesMax else { return true }
        dropInbound()
        failBody(.incomplete)
        return false
    }

    /// The service has taken bytes that were waiting for it.
    func giveOverrun(_ count: Int) {
        guard exchange.overrunBytes > 0 else { return }
        let given = min(count, exchange.overrunBytes)
        exchange.overrunBytes -= given
        shared.overrunBytes.value.subtract(given, ordering: .relaxed)
    }

    /// Throws away what waits for the service.
    func dropInbound() {
        // Nothing is left in it as a rule, and forgetting its memory costs more.
        if !exchange.inbound.isEmpty { exchange.inbound.removeAll() }
        exchange.inboundBytes = 0
        giveOverrun(exchange.overrunBytes)
    }
}
