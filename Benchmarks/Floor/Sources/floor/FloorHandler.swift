import NIOCore
import NIOHTTP1

/// Answers requests in the pipeline itself: no task, no hop, no state beyond the body of one PUT.
final class FloorHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let body: ByteBuffer
    private let writer: GroupWriter?
    private var method = HTTPMethod.GET
    private var received = ByteBuffer()

    init(body: ByteBuffer, writer: GroupWriter?) {
        self.body = body
        self.writer = writer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            method = head.method
            received.clear()
        case .body(var bytes):
            if writer != nil { received.writeBuffer(&bytes) }
        case .end:
            guard method == .PUT else { return answer(context, body) }
            guard let writer else { return answer(context, ByteBuffer()) }
            let durable = context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            durable.futureResult.whenSuccess {
                let (handler, context) = bound.value
                handler.answer(context, ByteBuffer())
            }
            writer.append(received, durable)
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ bytes: ByteBuffer) {
        var head = HTTPResponseHead(version: .http1_1, status: .ok)
        head.headers.add(name: "Content-Length", value: String(bytes.readableBytes))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if bytes.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
