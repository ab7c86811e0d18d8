import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

extension HTTPConnection {
    // MARK: The end of an exchange

    /// The request's task has returned from the service.
    func taskReturned() {
        exchange.isTaskRunning = false
        giveRoom()
        guard phase == .running else {
            record()
            leaveLoop()
            return
        }
        switch exchange.responseState {
        case .none:
            shared.logger.error("a service returned without a response", metadata: ["id": "\(exchange.idText)"])
            exchange.errorCode = FrontFault.internalError.code
            let answer = shared.renderFault(.internalError, exchange.idText)
            send(
                exchange: exchange.number, status: answer.status, headers: ["Content-Type": answer.contentType],
                body: answer.body)
        case .streaming:
            shared.logger.error("a service returned amid its response", metadata: ["id": "\(exchange.idText)"])
            abort(exchange: exchange.number)
        case .ended, .aborted: break
        }
        record()
        guard phase == .running else {
            leaveLoop()
            return
        }
        finishExchange()
        pump()
    }

    private func finishExchange() {
        dropInbound()
        switch exchange.bodyState {
        case .failed: beginLinger()
        case _ where exchange.closesAfterResponse || exchange.responseState == .aborted: beginLinger()
        case .receiving:
            phase = .discarding
            deadline = .now() + .nanoseconds(Int64(shared.limits.lingerSeconds * 1e9))
        case .complete: becomeIdle(now: .now())
        }
    }

    func becomeIdle(now: NIODeadline) {
        phase = .idle
        deadline = now + .nanoseconds(Int64(shared.limits.keepAliveIdleSeconds * 1e9))
        if queue.isEmpty && pendingFault == nil && (isInputClosed || loop.isDraining) { beginLinger() }
    }

    private func record() {
        shared.accessLog(
            AccessRecord(
                requestID: exchange.idText, method: exchange.methodText, target: exchange.target,
                status: exchange.status,
                isComplete: exchange.responseState == .ended, bytesReceived: exchange.bytesReceived,
                bytesSent: exchange.bytesSent,
                durationNanoseconds: (NIODeadline.now() - exchange.started).nanoseconds, remoteAddress: remoteAddress,
                userAgent: exchange.userAgent, service: exchange.service, operation: exchange.operation,
                errorCode: exchange.errorCode))
    }

    // MARK: Faults

    /// Answers something that is not a request, and closes.
    func answerFault(_ fault: FrontFault) {
        let number = exchange.number &+ 1
        exchange = Exchange()
        exchange.number = number
        exchange.id = loop.nextRequestID()
        exchange.idText = exchange.id.text
        exchange.started = .now()
        writeFault(fault)
    }

    /// Answers the exchange begun with a fault, and closes.
    func writeFault(_ fault: FrontFault) {
        phase = .running
        isFaulted = true
        exchange.allowsKeepAlive = false
        exchange.errorCode = fault.code
        let answer = shared.renderFault(fault, exchange.idText)
        send(
            exchange: exchange.number, status: answer.status, headers: ["Content-Type": answer.contentType],
            body: answer.body)
        record()
        beginLinger()
    }

    // MARK: Closing

    /// Closes our side once everything is written. When the client may still be sending, reads on until it closes its
    /// own: closing with unread bytes would reset the connection, and the client might never see the answer.
    func beginLinger() {
        guard phase != .closed, phase != .lingering, let context else { return }
        let isInputRead = phase != .idle && exchange.bodyState == .complete && queue.isEmpty && pendingFault == nil
        phase = .lingering
        deadline = .now() + .nanoseconds(Int64(shared.limits.lingerSeconds * 1e9))
        clearQueue()
        receiveAllocator.expectedBytes = 0
        needsFlush = false
        // With the client's side closed, half-closing would close in full and drop what is not yet written.
        if isInputClosed || (isInputRead && !isFaulted) {
            let written = context.eventLoop.makePromise(of: Void.self)
            written.futureResult.whenComplete { _ in self.breakOff() }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        } else {
            context.flush()
            context.close(mode: .output, promise: nil)
            resumeReading()
        }
    }

    /// Closes with a reset, which no client can take for the end of a body.
    func resetConnection() {
        guard let context else { return }
        let noLinger = linger(l_onoff: 1, l_linger: 0)
        _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(noLinger)
        context.close(promise: nil)
    }

    // MARK: Deadlines

    /// Ends a wait that has lasted too long. Called about once a second.
    func checkDeadline(now: NIODeadline) {
        if exchange.bodyShare.bytes > 0 || exchange.answerShare.bytes > 0 { endSlowClient(now: now) }
        guard now >= deadline else { return }
        switch phase {
        case .idle:
            if hasWriteProgress(now: now, extension: shared.limits.keepAliveIdleSeconds) { return }
            isHeadPartial ? answerFault(.requestTimeout) : breakOff()
        case .running:
            if exchange.bodyWaiter != nil {
                failBody(.timedOut)
            } else if exchange.writeWaiter != nil {
                if !hasWriteProgress(now: now, extension: shared.limits.responseIdleSeconds) { resetConnection() }
            }
        case .discarding: beginLinger()
        case .lingering:
            if !hasWriteProgress(now: now, extension: shared.limits.lingerSeconds) { breakOff() }
        case .closed: break
        }
    }

    /// Whether bytes wait for the socket and some have gone since the last look; then the wait goes on.
    private func hasWriteProgress(now: NIODeadline, extension seconds: Double) -> Bool {
        let pending = (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let hasMoved = pending > 0 && pending != lastPendingBytes
        lastPendingBytes = pending
        if hasMoved { deadline = now + .nanoseconds(Int64(seconds * 1e9)) }
        return hasMoved
    }
}
