package import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A listening HTTP/1.1 server: accepts connections, and calls one service for every request.
package final class FrontServer: Sendable {
    /// Where it listens; names the port that the system picked.
    package let boundAddress: SocketAddress
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let loops: [LoopContext]
    let shared: FrontShared

    /// Connections the kernel holds until they are accepted.
    private static let backlog: Int32 = 1024
    /// Part of `outboundBufferBytes` at which a waiting writer goes on.
    private static let lowWaterDivisor = 4

    /// Binds and begins to serve.
    ///
    /// - Parameters:
    ///   - accessLog: Receives every finished exchange.
    ///   - renderFault: Gives errors of the front's own the form of the service's.
    ///   - logger: For what the operator should know; never once a request.
    /// - Throws: `FrontStartError`.
    package static func start(
        _ configuration: FrontConfiguration, service: any HTTPService, accessLog: @escaping AccessLogSink,
        renderFault: @escaping FrontFaultRenderer = FrontFault.plainText, logger: Logger
    ) async throws(FrontStartError) -> FrontServer {
        let tls = try configuration.tls.map { tls throws(FrontStartError) in try makeTLSContext(tls) }
        let shared = FrontShared(
            configuration: configuration, service: service, accessLog: accessLog, renderFault: renderFault,
            logger: logger)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopCount)
        let loops = group.makeIterator().enumerated().map { index, loop in
            LoopContext(eventLoop: loop, loopIndex: index, shared: shared)
        }
        do {
            let listener = try await bootstrap(group: group, loops: loops, tls: tls, shared: shared)
                .bind(host: configuration.host, port: configuration.port).get()
            guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
            return FrontServer(
                boundAddress: address, group: group, listener: listener, loops: loops, shared: shared)
        } catch {
            try? await group.shutdownGracefully()
            throw startError(error, configuration)
        }
    }

    private init(
        boundAddress: SocketAddress, group: MultiThreadedEventLoopGroup, listener: any Channel, loops: [LoopContext],
        shared: FrontShared
    ) {
        self.boundAddress = boundAddress
        self.group = group
        self.listener = listener
        self.loops = loops
        self.shared = shared
    }

    /// Connections that are served now.
    package var connectionCount: Int { shared.connectionCount.value.load(ordering: .relaxed) }

    /// Memory taken by bodies that services hold whole, and requests that wait for it.
    package var bodyRoomUse: (bytes: Int, waiting: Int) { (shared.bodyRoom.taken, shared.bodyRoom.waiterCount) }

    /// The same for long answers.
    package var answerRoomUse: (bytes: Int, waiting: Int) { (shared.answerRoom.taken, shared.answerRoom.waiterCount) }

    /// Stops accepting, closes idle connections, lets requests in progress finish, and after `seconds` breaks off the
    /// rest.
    ///
    /// - Returns: whether every request's task returned. If not (a service that waits for something else than its
    ///   client), the event loops are left running for it.
    @discardableResult
    package func shutdown(graceWithin seconds: Double) async -> Bool {
        try? await listener.close()
        let loops = self.loops
        var isDone = await Self.drain(loops, within: seconds)
        if !isDone {
            for loop in loops { loop.eventLoop.execute { loop.closeAll() } }
            isDone = await Self.drain(loops, within: Self.abandonSeconds)
        }
        if isDone { try? await group.shutdownGracefully() }
        return isDone
    }

    /// Time for tasks to notice that their connection was broken off.
    private static let abandonSeconds = 2.0

    /// Waits until no loop has a connection left, or the time is over.
    private static func drain(_ loops: [LoopContext], within seconds: Double) async -> Bool {
        guard let first = loops.first?.eventLoop else { return true }
        let result = first.makePromise(of: Bool.self)
        let all = EventLoopFuture.andAllSucceed(
            loops.map { loop in loop.eventLoop.flatSubmit { loop.drain() } }, on: first)
        let timer = first.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) { result.succeed(false) }
        all.whenComplete { _ in
            timer.cancel()
            result.succeed(true)
        }
        return (try? await result.futureResult.get()) ?? false
    }

    // MARK: Starting

    private static func bootstrap(
        group: MultiThreadedEventLoopGroup, loops: [LoopContext], tls: NIOSSLContext?, shared: FrontShared
    ) -> ServerBootstrap {
        let byLoop = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
        let limits = shared.limits
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // One read a turn keeps what can arrive beyond the inbound limit to one receive buffer.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: limits.outboundBufferBytes / lowWaterDivisor, high: limits.outboundBufferBytes)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = byLoop[ObjectIdentifier(channel.eventLoop)] else {
                        preconditionFailure("a connection on a foreign event loop")
                    }
                    try configure(channel, loop: loop, tls: tls)
                }
            }
    }

    /// Builds one connection's pipeline.
    private static func configure(_ channel: any Channel, loop: LoopContext, tls: NIOSSLContext?) throws {
        let shared = loop.shared
        let limits = shared.limits
        let isRefused = !shared.admit(channel.closeFuture, to: shared.connectionCount, max: limits.connectionsMax)
        if isRefused,
            !shared.admit(channel.closeFuture, to: shared.refusedCount, max: limits.refusedConnectionsMax)
        {
            throw ChannelError.operationUnsupported
        }
        let allocator = ReceiveAllocator(limits: limits)
        try channel.syncOptions?.setOption(.recvAllocator, value: allocator)
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        var decoderLimits = NIOHTTPDecoderLimitConfiguration()
        decoderLimits.maxHeaderFieldSize = limits.headerBytesMax
        decoderLimits.maxHeaderListSize = limits.headerBytesMax
        decoderLimits.maxHeaderFieldCount = limits.headerFieldsMax
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: decoderLimits)))
        try pipeline.addHandler(
            HTTPConnection(loop: loop, receiveAllocator: allocator, isRefused: isRefused))
    }

    private static func makeTLSContext(_ tls: FrontTLS) throws(FrontStartError) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(tls.certificateChainPath)
            let key = try NIOSSLPrivateKey(file: tls.privateKeyPath, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .badCertificate(reason: "\(error)")
        }
    }

    private static func startError(_ error: any Error, _ configuration: FrontConfiguration) -> FrontStartError {
        let host = configuration.host
        let port = configuration.port
        if let error = error as? IOError, error.errnoCode == addressInUseCode {
            return .addressInUse(host: host, port: port)
        }
        return .cannotBind(host: host, port: port, reason: "\(error)")
    }
}
