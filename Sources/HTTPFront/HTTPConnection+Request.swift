import NIOCore
import NIOHTTP1

extension HTTPConnection {
    /// Body parts smaller than this are gathered in one buffer, so that many small reads neither hold many large
    /// buffers nor reach the service one by one.
    private static let gatherBytes = 64 * 1024

    // MARK: Parts

    /// Takes a part that continues the current exchange, or begins one.
    func accept(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head): begin(head)
        case .body(let bytes): if phase == .running { acceptBody(bytes) }
        case .end:
            guard phase == .running, exchange.bodyState == .receiving else { return }
            exchange.bodyState = .complete
            receiveAllocator.expectedBytes = 0
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        isHeadPartial = false
        exchange = Exchange(after: exchange)
        exchange.id = loop.nextRequestID()
        exchange.idText = exchange.id.text
        exchange.started = .now()
        exchange.method = head.method
        exchange.methodText = head.method.rawValue
        exchange.target = head.uri
        deadline = .distantFuture
        do throws(FrontFault) {
            let framing = try RequestFraming(head: head, limits: shared.limits)
            exchange.userAgent = framing.userAgent
            exchange.declaredLength = framing.declaredLength
            exchange.expectsContinue = framing.expectsContinue
            exchange.allowsChunkedResponse = framing.allowsChunkedResponse
            exchange.allowsKeepAlive = framing.allowsKeepAlive
            exchange.needsKeepAliveHeader = framing.needsKeepAliveHeader
            exchange.bodyState = .receiving
            exchange.pendingHead = head
            phase = .running
            receiveAllocator.expectedBytes = framing.declaredLength ?? shared.limits.receiveBytesIdle
        } catch {
            // What the client sends of this request's body is thrown away unread.
            writeFault(error)
        }
    }

    private func acceptBody(_ bytes: ByteBuffer) {
        guard exchange.bodyState == .receiving else { return }
        exchange.bytesReceived += bytes.readableBytes
        // What nobody has declared is taken to be as long again as it is.
        if exchange.declaredLength == nil { receiveAllocator.expectedBytes = exchange.bytesReceived }
        if exchange.bytesReceived > shared.limits.bodyBytesMax {
            failBody(.tooLarge(limit: shared.limits.bodyBytesMax))
            return
        }
        // After the response nobody will read; the bytes only pass.
        if exchange.responseState == .ended && !exchange.isTaskRunning { return }
        guard admitOverrun(bytes.readableBytes) else { return }
        exchange.inboundBytes += bytes.readableBytes
        if bytes.readableBytes < Self.gatherBytes, let lastCount = exchange.inbound.last?.readableBytes,
            lastCount < Self.gatherBytes
        {
            // Taken out and put back: written through the subscript, it would be shared and copied each time.
            var gathered = exchange.inbound.removeLast()
            gathered.writeImmutableBuffer(bytes)
            exchange.inbound.append(gathered)
        } else {
            exchange.inbound.append(bytes)
        }
    }

    /// Ends the body early: the service learns it at its next read, and the connection cannot be kept.
    func failBody(_ error: BodyError) {
        exchange.bodyState = .failed(error)
        exchange.allowsKeepAlive = false
        receiveAllocator.expectedBytes = 0
        if let ticket = exchange.bodyShare.ticket { shared.bodyRoom.giveUp(ticket) }
        resumeBodyWaiter()
    }

    /// A part of a body that is not wanted any more.
    func discard(_ part: HTTPServerRequestPart) {
        switch part {
        case .head: preconditionFailure("a head arrived inside a body")
        case .body(let bytes): exchange.bytesReceived += bytes.readableBytes
        case .end:
            exchange.bodyState = .complete
            receiveAllocator.expectedBytes = 0
            becomeIdle(now: .now())
        }
    }

    // MARK: The pump

    /// Moves everything that can move: queued parts into exchanges, a begun exchange into its task, bytes to the
    /// waiting service. A loop and not a recursion, since thousands of pipelined requests may be answered in one call.
    func pump() {
        guard !isPumping else { return }
        isPumping = true
        repeat {
            feedFromQueue()
            if exchange.pendingHead != nil { startTask() }
        } while canFeed
        isPumping = false
        if phase == .idle, let fault = pendingFault, queue.isEmpty {
            pendingFault = nil
            answerFault(fault)
        }
        if exchange.inboundBytes > 0 || exchange.bodyState != .receiving { resumeBodyWaiter() }
        if needsFlush {
            needsFlush = false
            context?.flush()
        }
        resumeReading()
    }

    /// Whether the head of the queue may be taken.
    private var canFeed: Bool {
        guard !queue.isEmpty else { return false }
        switch phase {
        case .idle: return isAnswerTaken
        case .discarding: return true
        case .running: return exchange.bodyState == .receiving
        case .lingering, .closed: return false
        }
    }

    private func feedFromQueue() {
        while canFeed {
            let part = dequeue()
            if phase == .discarding { discard(part) } else { accept(part) }
        }
    }

    private func startTask() {
        guard let head = exchange.pendingHead, let context else { return }
        exchange.pendingHead = nil
        exchange.isTaskRunning = true
        let number = exchange.number
        let request = HTTPRequest(
            method: head.method, target: head.uri, headers: head.headers, id: exchange.idText,
            isSecure: shared.isSecure,
            remoteAddress: remoteAddress,
            body: RequestBody(declaredLength: exchange.declaredLength, connection: self, exchange: number),
            eventLoop: context.eventLoop)
        let response = ResponseWriter(sink: self, exchange: number)
        let service = shared.service
        // Begins here and now, in this call; only what follows a suspension goes through the loop's queue.
        Task.immediate(executorPreference: loop.executor) {
            await service.respond(to: request, with: response)
            self.taskReturned()
        }
    }

    // MARK: Pulling

    /// The next bytes of the exchange's body; see `RequestBody.next`.
    func nextBody(exchange number: UInt64) async throws(BodyError) -> ByteBuffer? {
        loop.eventLoop.preconditionInEventLoop()
        guard number == exchange.number else { throw .incomplete }
        while exchange.inbound.isEmpty {
            switch exchange.bodyState {
            case .complete:
                if exchange.responseState == .none { sendContinueIfExpected() }
                return nil
            case .failed(let error): throw error
            case .receiving: break
            }
            // The client has been told that the body is not wanted.
            if exchange.expectsContinue && exchange.responseState != .none { throw .incomplete }
            sendContinueIfExpected()
            deadline = .now() + .nanoseconds(Int64(shared.limits.bodyIdleSeconds * 1e9))
            resumeReading()
            await withCheckedContinuation { exchange.bodyWaiter = $0 }
            guard number == exchange.number else { throw .incomplete }
        }
        let bytes = exchange.inbound.removeFirst()
        exchange.inboundBytes -= bytes.readableBytes
        giveOverrun(bytes.readableBytes)
        exchange.expectsContinue = false
        resumeReading()
        return bytes
    }

    private func sendContinueIfExpected() {
        guard exchange.expectsContinue, let context else { return }
        exchange.expectsContinue = false
        context.write(wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        flushSoon()
    }

    func resumeBodyWaiter() {
        guard let waiter = exchange.bodyWaiter else { return }
        exchange.bodyWaiter = nil
        deadline = .distantFuture
        waiter.resume()
    }

    func resumeWaiters() {
        resumeBodyWaiter()
        resumeWriteWaiter()
    }
}
