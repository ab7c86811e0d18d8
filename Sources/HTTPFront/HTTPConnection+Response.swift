import Logging
import NIOCore
import NIOHTTP1

extension HTTPConnection: ResponseSink {
    /// Bodies up to this size are copied behind their head into one buffer: the copy costs less than a second buffer's
    /// way through the pipeline and a gathering write.
    private static let inlineBodyBytes = 16 * 1024

    /// Long enough for the loop to find no task that is due, and to turn to its sockets.
    private static let pauseTime = TimeAmount.microseconds(50)

    func send(exchange number: UInt64, status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer?) {
        loop.eventLoop.preconditionInEventLoop()
        guard mayRespond(number, with: "send") else { return }
        var declared = body?.readableBytes
        if declared == nil || exchange.method == .HEAD { declared = Self.announcedLength(headers) ?? declared }
        if body == nil && exchange.method != .HEAD && status.code != 304 { declared = 0 }
        let framing = ResponseFraming.choose(
            method: exchange.method, status: status, declared: declared, allowsChunked: false)
        let body = if case .length = framing { body } else { ByteBuffer?.none }
        writeHead(status: status, headers: headers, framing: framing, inlineBody: body)
        exchange.bytesSent = body?.readableBytes ?? 0
        finishResponse()
    }

    func start(exchange number: UInt64, status: HTTPResponseStatus, headers: HTTPHeaders) {
        loop.eventLoop.preconditionInEventLoop()
        guard mayRespond(number, with: "start") else { return }
        let declared = Self.announcedLength(headers)
        let framing = ResponseFraming.choose(
            method: exchange.method, status: status, declared: declared, allowsChunked: exchange.allowsChunkedResponse)
        if framing == .untilClose { exchange.allowsKeepAlive = false }
        exchange.responseState = .streaming(framing, remaining: declared ?? 0)
        writeHead(status: status, headers: headers, framing: framing, inlineBody: nil)
        flushSoon()
    }

    func write(exchange number: UInt64, bytes: ByteBuffer) async throws(ResponseError) {
        loop.eventLoop.preconditionInEventLoop()
        guard number == exchange.number, phase == .running, let context else { throw .connectionLost }
        guard case .streaming(let framing, let remaining) = exchange.responseState else { throw .connectionLost }
        if case .bodiless = framing { return }
        let count = bytes.readableBytes
        guard count > 0 else { return }
        if case .length = framing {
            guard count <= remaining else {
                breakPromise("the service wrote more than the length it announced")
                throw .connectionLost
            }
            exchange.responseState = .streaming(framing, remaining: remaining - count)
        }
        exchange.bytesSent += count
        if framing == .chunked {
            let size = String(count, radix: 16)
            context.write(wrapOutboundOut(ByteBuffer(string: size + "\r\n")), promise: nil)
            context.write(wrapOutboundOut(bytes), promise: nil)
            context.write(wrapOutboundOut(ByteBuffer(staticString: "\r\n")), promise: nil)
        } else {
            context.write(wrapOutboundOut(bytes), promise: nil)
        }
        flushSoon()
        while phase == .running, number == exchange.number, !context.channel.isWritable {
            deadline = .now() + .nanoseconds(Int64(shared.limits.responseIdleSeconds * 1e9))
            await withCheckedContinuation { exchange.writeWaiter = $0 }
        }
        guard phase == .running, number == exchange.number else { throw .connectionLost }
    }

    func pause() async {
        guard loop.eventLoop.inEventLoop else { return await Task.yield() }
        await withCheckedContinuation { waiter in
            loop.eventLoop.scheduleTask(in: Self.pauseTime) { waiter.resume() }
        }
    }

    func end(exchange number: UInt64) {
        loop.eventLoop.preconditionInEventLoop()
        guard number == exchange.number, phase == .running, let context else { return }
        guard case .streaming(let framing, let remaining) = exchange.responseState else { return }
        switch framing {
        case .length where remaining > 0:
            breakPromise("the service wrote less than the length it announced")
            return
        case .chunked:
            context.write(wrapOutboundOut(ByteBuffer(staticString: "0\r\n\r\n")), promise: nil)
        case .length, .bodiless, .untilClose: break
        }
        finishResponse()
    }

    func abort(exchange number: UInt64) {
        loop.eventLoop.preconditionInEventLoop()
        guard number == exchange.number, phase == .running, exchange.responseState != .ended else { return }
        exchange.responseState = .aborted
        resetConnection()
    }

    func label(exchange number: UInt64, service: String, operation: String, errorCode: String?) {
        loop.eventLoop.preconditionInEventLoop()
        guard number == exchange.number else { return }
        exchange.service = service
        exchange.operation = operation
        exchange.errorCode = errorCode
    }

    // MARK: Parts of the above

    /// Whether a head may be written now; a vanished client is not the service's fault, a second response is.
    private func mayRespond(_ number: UInt64, with call: StaticString) -> Bool {
        guard number == exchange.number, phase == .running, context != nil else { return false }
        guard exchange.responseState == .none else {
            if exchange.responseState != .aborted {
                shared.logger.error(
                    "a service answered twice", metadata: ["call": "\(call)", "id": "\(exchange.idText)"])
            }
            return false
        }
        return true
    }

    private static func announcedLength(_ headers: HTTPHeaders) -> Int? {
        for (name, value) in headers where name.isHeaderName("content-length") {
            guard let length = Int(value), length >= 0 else {
                preconditionFailure("a service announced a length that is no number")
            }
            return length
        }
        return nil
    }

    private func writeHead(
        status: HTTPResponseStatus, headers: HTTPHeaders, framing: ResponseFraming, inlineBody body: ByteBuffer?
    ) {
        guard let context else { return }
        exchange.status = Int(status.code)
        exchange.closesAfterResponse = !canKeepAlive || Self.asksToClose(headers)
        let directive: ConnectionDirective =
            exchange.closesAfterResponse ? .close : exchange.needsKeepAliveHeader ? .keepAlive : .silent
        let head = ResponseHead(
            status: status, headers: headers, framing: framing, directive: directive, id: exchange.id,
            idText: exchange.idText)
        loop.scratch.clear()
        head.write(to: &loop.scratch, commonLines: loop.commonLines(now: exchange.started))
        if let body, body.readableBytes <= Self.inlineBodyBytes {
            loop.scratch.writeImmutableBuffer(body)
            context.write(wrapOutboundOut(loop.scratch), promise: nil)
        } else {
            context.write(wrapOutboundOut(loop.scratch), promise: nil)
            if let body { context.write(wrapOutboundOut(body), promise: nil) }
        }
    }

    private static func asksToClose(_ headers: HTTPHeaders) -> Bool {
        for (name, value) in headers where name.utf8.count == 10 && name.isHeaderName("connection") {
            return value.isHeaderName("close")
        }
        return false
    }

    /// Whether this response can leave the connection open, known when its head is written.
    private var canKeepAlive: Bool {
        guard exchange.allowsKeepAlive, !loop.isDraining else { return false }
        switch exchange.bodyState {
        case .complete: return !exchange.expectsContinue || exchange.declaredLength != 0
        case .failed: return false
        case .receiving:
            // A client that was not told to continue may send the body or not: its next bytes could mean either.
            if exchange.expectsContinue { return false }
            guard let declared = exchange.declaredLength else { return false }
            return declared - exchange.bytesReceived <= shared.limits.drainBytesMax
        }
    }

    private func finishResponse() {
        exchange.responseState = .ended
        flushSoon()
    }

    /// The service broke the contract after the head was sent.
    private func breakPromise(_ message: String) {
        shared.logger.error("response broken off: \(message)", metadata: ["id": "\(exchange.idText)"])
        exchange.responseState = .aborted
        resetConnection()
    }

    func flushSoon() {
        if isPumping {
            needsFlush = true
        } else {
            context?.flush()
        }
    }

    func resumeWriteWaiter() {
        guard let waiter = exchange.writeWaiter else { return }
        exchange.writeWaiter = nil
        deadline = .distantFuture
        waiter.resume()
    }
}
