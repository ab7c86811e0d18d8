package import HTTPFront
package import LogStore
private import NIOCore
package import NIOHTTP1

/// Answers Varve's own paths: health, metrics, and the admin API.
package struct OwnService: Sendable {
    private let health: @Sendable () -> Health
    private let metrics: MetricSources
    private let admin: AdminService

    package init(health: @escaping @Sendable () -> Health, metrics: MetricSources, admin: AdminService) {
        self.health = health
        self.metrics = metrics
        self.admin = admin
    }

    package func respond(to path: OwnPath, request: HTTPRequest, with response: ResponseWriter) async {
        response.label(service: "varve", operation: Self.operation(path), errorCode: nil)
        if case .admin(let rest) = path {
            await admin.answer(rest, AdminRequest(request)).send(with: response)
            return
        }
        guard request.method == .GET || request.method == .HEAD else {
            OwnAnswer.error(.methodNotAllowed, "only GET and HEAD are answered here").send(with: response)
            return
        }
        switch path {
        case .health: health().answer.send(with: response)
        case .localStackHealth: health().localStackAnswer.send(with: response)
        case .metrics:
            OwnAnswer(.ok, contentType: PrometheusText.contentType, body: PrometheusText.render(metrics.collect()))
                .send(with: response)
        case .unknown, .admin: OwnAnswer.error(.notFound, "there is nothing here").send(with: response)
        }
    }

    private static func operation(_ path: OwnPath) -> String {
        switch path {
        case .health: "Health"
        case .metrics: "Metrics"
        case .localStackHealth: "LocalStackHealth"
        case .admin: "Admin"
        case .unknown: "Unknown"
        }
    }
}

/// Whether the store serves reads and writes.
package struct Health: Sendable, Equatable {
    /// Why writes are refused; nil while all is well.
    package var problem: String?

    /// What is served.
    package var services: Set<ServiceName>

    package init(problem: String? = nil, services: Set<ServiceName> = Set(ServiceName.allCases)) {
        self.problem = problem
        self.services = services
    }

    package init(_ store: StoreStatistics, services: Set<ServiceName>) {
        self.services = services
        if let poison = store.poison {
            problem = "the store takes no writes until a restart: \(poison)"
        } else if store.isLowOnSpace {
            problem = "the disk is full: deletes work, writes do not"
        }
    }

    var answer: OwnAnswer {
        if let problem {
            return .json(.serviceUnavailable, "{\"status\":\"degraded\",\"problem\":\(JSONText.quoted(problem))}")
        }
        return .json(.ok, "{\"status\":\"ok\",\"version\":\(JSONText.quoted(VarveVersion.current))}")
    }

    /// The services that run, in the words of LocalStack. Only those that are served are listed.
    var localStackAnswer: OwnAnswer {
        let state = problem == nil ? "running" : "error"
        let names = ServiceName.allCases.filter(services.contains).flatMap(\.localStackNames).sorted()
        let members = names.map { "\"\($0)\":\"\(state)\"" }.joined(separator: ",")
        return .json(
            .ok,
            "{\"services\":{\(members)},\"edition\":\"varve\",\"version\":"
                + "\(JSONText.quoted(VarveVersion.current))}")
    }
}

/// An answer to one of Varve's own paths.
package struct OwnAnswer: Sendable {
    package var status: HTTPResponseStatus
    package var headers: HTTPHeaders
    package var body: [UInt8]

    init(_ status: HTTPResponseStatus, contentType: String, body: [UInt8]) {
        self.status = status
        self.body = body
        // Answers about the state of the moment; and no page may take them for a script.
        headers = [
            "content-type": contentType, "cache-control": "no-store", "x-content-type-options": "nosniff",
        ]
    }

    static func json(_ status: HTTPResponseStatus, _ text: String) -> OwnAnswer {
        OwnAnswer(status, contentType: "application/json", body: Array(text.utf8) + [UInt8(ascii: "\n")])
    }

    static func error(_ status: HTTPResponseStatus, _ message: String) -> OwnAnswer {
        json(status, "{\"error\":\(JSONText.quoted(message))}")
    }

    func send(with response: ResponseWriter) {
        response.send(status, headers: headers, body: ByteBuffer(bytes: body))
    }
}
