private import DynamoDB
internal import HTTPFront
private import IAM
private import LabClock
internal import LogStore
private import Logging
private import NIOCore
private import Synchronization

/// What is put together at the start, in the order in which the pieces need each other.
struct DaemonParts: Sendable {
    /// What is known only once the listener is up.
    struct Late: Sendable {
        var front: FrontServer?
        var endpoint = ""
    }

    final class LateBox: Sendable {
        private let late = Mutex(Late())

        func withLock<Result: Sendable>(_ body: (inout Late) -> Result) -> Result {
            late.withLock { late in body(&late) }
        }
    }

    let configuration: Configuration
    let settings: ResolvedSettings
    let store: LogStore
    let driver: ThreadedDriver
    let logs: DaemonLogs
    let stop: StopRequest
    let startMilliseconds: Int64
    let lab: LabParts
    let state = LateBox()

    /// Threads that serve connections.
    private var eventLoopCount: Int {
        configuration.eventLoopCount > 0 ? configuration.eventLoopCount : ProcessIdentity.processorCount
    }

    func startFront() async throws(StartError) -> FrontServer {
        let token: AdminToken
        do throws(FileText.Failure) {
            token = try AdminToken.load(dataDirectory: configuration.dataDirectory)
        } catch {
            throw StartError(.cannotCreate, "\(error.path) cannot be used: \(error.reason)")
        }
        let logger = logs.logger
        store.damages.listen { damage in
            logger.error(
                "damage on disk: \(damage.what)", metadata: ["file": "\(damage.file)", "offset": "\(damage.offset)"])
        }
        let requestMetrics = RequestMetrics(shardCount: eventLoopCount * 2)
        let sources = MetricSources([
            requestMetrics, ProcessMetrics(startMilliseconds: startMilliseconds),
            DaemonMetrics(driver: driver, logs: logs, late: state), StoreMetrics(store: store),
            lab.metrics,
        ])
        // Services that are not served are built all the same: what they have put off is due all the same.
        let objects = ServiceAssembly.objects(store: store, clock: lab.clock)
        let tables = ServiceAssembly.tables(store: store, lab: lab, objects)
        let own = OwnService(
            health: { [store, services = configuration.services] in
                Health(store.statistics(), services: services)
            }, metrics: sources,
            admin: AdminService(token: token, actions: actions(tables)))
        let s3 = ServiceAssembly.s3(configuration, objects)
        let dynamoDB = ServiceAssembly.dynamoDB(configuration, tables, driver)
        let service = RoutingService(
            own: own, s3: configuration.services.contains(.s3) ? s3 : nil,
            dynamoDB: configuration.services.contains(.dynamoDB) ? dynamoDB : nil, baseHosts: configuration.baseHosts)
        let accessLog = configuration.accessLog.map { choice in
            AccessLog(sink: logs.requests, format: choice.format, realMilliseconds: SystemClock.realMilliseconds)
        }
        let recorder = RequestRecorder(metrics: requestMetrics, log: accessLog)
        do throws(FrontStartError) {
            return try await FrontServer.start(
                frontConfiguration, service: service, accessLog: { recorder.take($0) },
                renderFault: ServiceAssembly.renderFault, logger: logs.logger)
        } catch {
            throw Self.startError(error)
        }
    }

    /// How clients write the address.
    func endpoint(of front: FrontServer) -> String {
        let port = front.boundAddress.port ?? configuration.listen.port
        let scheme = configuration.tls == nil ? "http" : "https"
        // With a wildcard address, this machine is reached by its loopback address.
        let wildcards = ["0.0.0.0": "127.0.0.1", "::": "::1"]
        let host = wildcards[configuration.listen.host] ?? configuration.listen.host
        return "\(scheme)://\(Endpoint(host: host, port: port))"
    }

    /// Part of the memory budget that large bodies, and large answers, may take on top of it.
    private static let roomDivisor = 4

    private var frontConfiguration: FrontConfiguration {
        var limits = FrontLimits()
        limits.headerBytesMax = configuration.headerBytesMax
        limits.headerSeconds = Double(configuration.headerSeconds)
        limits.keepAliveIdleSeconds = Double(configuration.keepAliveSeconds)
        limits.bodyIdleSeconds = Double(configuration.bodyIdleSeconds)
        limits.responseIdleSeconds = Double(configuration.responseIdleSeconds)
        limits.connectionsMax = configuration.connectionsMax
        limits.bodyRoomBytes = max(limits.bodyRoomBytes, configuration.memoryBudgetBytes / Self.roomDivisor)
        limits.answerRoomBytes = max(limits.answerRoomBytes, configuration.memoryBudgetBytes / Self.roomDivisor)
        return FrontConfiguration(
            host: configuration.listen.host, port: configuration.listen.port, eventLoopCount: eventLoopCount,
            tls: configuration.tls.map {
                FrontTLS(certificateChainPath: $0.certificatePath, privateKeyPath: $0.keyPath)
            },
            limits: limits, requestIDSeed: StoreStart.randomSeed(),
            date: { HTTPDate.format(unixSeconds: SystemClock.realMilliseconds() / 1000) })
    }

    private static func startError(_ error: FrontStartError) -> StartError {
        switch error {
        case .addressInUse(let host, let port):
            let holder = PortHolder.find(port: port).map(\.description) ?? "another process"
            return StartError(.unavailable, "\(Endpoint(host: host, port: port)) is taken by \(holder)")
        case .cannotBind(let host, let port, let reason):
            return StartError(.unavailable, "\(Endpoint(host: host, port: port)) cannot be listened on: \(reason)")
        case .badCertificate(let reason):
            return StartError(.configuration, "tls-certificate and tls-key cannot be used: \(reason)")
        }
    }

    private func actions(_ tables: DynamoDBService) -> AdminService.Actions {
        let status = DaemonStatus(parts: self)
        let configurationJSON = ConfigurationPrinter.json(settings)
        let stop = stop
        let lab = lab
        let snapshots = SnapshotService(store: store, now: SystemClock.realMilliseconds) { () throws(StoreError) in
            try await lab.followRestore()
        }
        let clock = lab.service
        let tableService = TableService(tables)
        return AdminService.Actions(
            statusJSON: { status.json }, configurationJSON: { configurationJSON }, requestStop: { stop.ask() },
            snapshots: { await snapshots.carryOut($0) }, clock: { await clock.carryOut($0) },
            tables: { await tableService.carryOut($0) })
    }
}
