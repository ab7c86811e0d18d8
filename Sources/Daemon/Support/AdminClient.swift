private import NIOCore
package import NIOHTTP1
private import NIOPosix
private import NIOSSL

/// A request to the admin API.
package protocol AdminCall: Sendable {
    /// How it is made.
    var target: (method: HTTPMethod, target: String) { get }
    /// How much longer than usual the answer may take because of what it waits for.
    var waitMilliseconds: Int64 { get }
}

extension AdminCall {
    package var waitMilliseconds: Int64 { 0 }
}

/// Asks the admin API of a daemon on this machine, as the command line does. Blocks the calling thread.
package struct AdminClient {
    package struct Answer: Sendable, Equatable {
        package var status: Int
        package var body: String
    }

    /// A daemon that answers nothing for longer has gone. A snapshot waits for a flush, which takes seconds at worst.
    private static let silenceMax = TimeAmount.minutes(5)

    private let scheme: String
    private let address: Endpoint
    private let token: String
    private let trustedCertificates: String?

    /// - Parameters:
    ///   - endpoint: `http://HOST:PORT` or `https://HOST:PORT`.
    ///   - dataDirectory: what the daemon serves; the token is read from it.
    ///   - trustedCertificates: a PEM file; nil trusts what the system does.
    /// - Throws: `StartError`: `.usage` for an endpoint that is none, `.cannotCreate` when the token cannot be read.
    package init(endpoint: String, dataDirectory: String, trustedCertificates: String?) throws(StartError) {
        let pieces = endpoint.split(separator: "://", maxSplits: 1)
        guard pieces.count == 2, ["http", "https"].contains(pieces[0]),
            let address = try? Endpoint(parsing: String(pieces[1].prefix { $0 != "/" }))
        else { throw StartError(.usage, "\(endpoint) is no endpoint: http://HOST:PORT") }
        // The token is nobody else's business, and a daemon refuses such a name anyway.
        guard address.isLoopback else { throw StartError(.usage, "\(endpoint) is not this machine: use 127.0.0.1") }
        scheme = String(pieces[0])
        self.address = address
        self.trustedCertificates = trustedCertificates
        do throws(FileText.Failure) {
            token = String(try FileText.read("\(dataDirectory)/\(AdminToken.fileName)").prefix { !$0.isWhitespace })
        } catch {
            throw StartError(
                .cannotCreate, "\(error.path) cannot be read: \(error.reason) (name the data directory: --data-dir)")
        }
    }

    /// Sends one request and returns its answer.
    ///
    /// - Throws: `StartError` with `.unavailable` when nobody answers.
    package func send(_ call: some AdminCall, wantsText: Bool) throws(StartError) -> Answer {
        let (method, target) = call.target
        return try send(
            method, target, wantsText: wantsText, silence: Self.silenceMax + .milliseconds(call.waitMilliseconds))
    }

    /// As above, for what has no type of its own.
    package func send(_ method: HTTPMethod, _ target: String, wantsText: Bool) throws(StartError) -> Answer {
        try send(method, target, wantsText: wantsText, silence: Self.silenceMax)
    }

    private func send(
        _ method: HTTPMethod, _ target: String, wantsText: Bool, silence: TimeAmount
    ) throws(StartError) -> Answer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: target)
        head.headers = [
            "host": address.description, "authorization": "Bearer \(token)", "connection": "close",
            "content-length": "0", "accept": wantsText ? "text/plain" : "application/json",
        ]
        do {
            let context = try tlsContext()
            let answer = group.any().makePromise(of: Answer.self)
            let (request, host) = (head, address.host)
            let isAddress = (try? SocketAddress(ipAddress: host, port: address.port)) != nil
            let connection = ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let context {
                            // Of an address the certificate's own addresses are checked instead.
                            try pipeline.addHandler(
                                try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host))
                        }
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(IdleStateHandler(readTimeout: silence))
                        try pipeline.addHandler(AnswerCollector(request: request, answer: answer))
                    }
                }
                .connect(host: address.host, port: address.port)
            connection.cascadeFailure(to: answer)
            return try answer.futureResult.wait()
        } catch {
            throw StartError(.unavailable, "no daemon answers at \(scheme)://\(address): \(error)")
        }
    }

    private func tlsContext() throws -> NIOSSLContext? {
        guard scheme == "https" else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let trustedCertificates {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(trustedCertificates))
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Sends a request when the connection is up, and puts its answer together.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private struct CutShort: Error, CustomStringConvertible {
        let description = "the connection ended before the answer did"
    }

    private let request: HTTPRequestHead
    private let answer: EventLoopPromise<AdminClient.Answer>
    private var status = 0
    private var body = ByteBuffer()

    init(request: HTTPRequestHead, answer: EventLoopPromise<AdminClient.Answer>) {
        self.request = request
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body(var piece): body.writeBuffer(&piece)
        case .end:
            answer.succeed(AdminClient.Answer(status: status, body: String(buffer: body)))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(CutShort()) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}

extension AdminClient {
    /// How a command ends whose request was refused with an HTTP status.
    package static func exitStatus(ofRefusal status: Int) -> ExitStatus {
        switch status {
        case 400: .usage
        case 401, 403: .cannotCreate
        case 503: .unavailable
        case 507: .cannotCreate
        case 500...: .inputOutput
        default: .failure
        }
    }
}
