internal import HTTPFront
package import NIOHTTP1

/// What the admin API looks at in a request.
package struct AdminRequest: Sendable {
    package var method: HTTPMethod
    package var host: String?
    package var origin: String?
    package var authorization: String?
    /// What of the target follows `?`, as sent.
    package var query: Substring
    /// Whether the answer shall be lines for people and not JSON.
    package var wantsText: Bool

    package init(
        method: HTTPMethod, host: String?, origin: String?, authorization: String?, query: Substring = "",
        wantsText: Bool = false
    ) {
        self.method = method
        self.host = host
        self.origin = origin
        self.authorization = authorization
        self.query = query
        self.wantsText = wantsText
    }

    init(_ request: HTTPRequest) {
        self.init(
            method: request.method, host: request.headers.first(name: "host"),
            origin: request.headers.first(name: "origin"),
            authorization: request.headers.first(name: "authorization"),
            query: request.target.drop { $0 != "?" }.dropFirst(),
            wantsText: request.headers.first(name: "accept")?.hasPrefix("text/plain") ?? false)
    }
}

/// The admin API: for programs on this machine that can read the data directory.
///
/// Three gates, in this order: no request that a web page made (it has an `Origin`), no name but this machine's own in
/// `Host` (a foreign name that resolves here is how a page gets around the first gate), and the token.
package struct AdminService: Sendable {
    /// What the API can show and do.
    package struct Actions: Sendable {
        package var statusJSON: @Sendable () -> String
        package var configurationJSON: @Sendable () -> String
        package var requestStop: @Sendable () -> Void
        package var snapshots: @Sendable (SnapshotRequest) async -> AdminOutcome
        package var clock: @Sendable (ClockRequest) async -> AdminOutcome
        package var tables: @Sendable (TableRequest) async -> AdminOutcome

        package init(
            statusJSON: @escaping @Sendable () -> String, configurationJSON: @escaping @Sendable () -> String,
            requestStop: @escaping @Sendable () -> Void,
            snapshots: @escaping @Sendable (SnapshotRequest) async -> AdminOutcome,
            clock: @escaping @Sendable (ClockRequest) async -> AdminOutcome,
            tables: @escaping @Sendable (TableRequest) async -> AdminOutcome
        ) {
            self.statusJSON = statusJSON
            self.configurationJSON = configurationJSON
            self.requestStop = requestStop
            self.snapshots = snapshots
            self.clock = clock
            self.tables = tables
        }
    }

    private let token: AdminToken
    private let actions: Actions

    package init(token: AdminToken, actions: Actions) {
        self.token = token
        self.actions = actions
    }

    /// Answers a request for a path below `/_varve/admin/`.
    package func answer(_ path: Substring, _ request: AdminRequest) async -> OwnAnswer {
        guard request.origin == nil else { return .error(.forbidden, "the admin API answers no web page") }
        guard let host = request.host, LoopbackHost.matches(Self.withoutPort(host)) else {
            return .error(.forbidden, "the admin API answers on a loopback address only")
        }
        guard token.isCarried(by: request.authorization) else {
            var answer = OwnAnswer.error(.unauthorized, "the admin API needs the token of the data directory")
            answer.headers.add(name: "www-authenticate", value: "Bearer realm=\"varve\"")
            return answer
        }
        switch (path, request.method) {
        case ("status", .GET): return .json(.ok, actions.statusJSON())
        case ("config", .GET): return .json(.ok, actions.configurationJSON())
        case ("shutdown", .POST):
            actions.requestStop()
            return .json(.accepted, "{\"status\":\"stopping\"}")
        case ("status", _), ("config", _), ("shutdown", _):
            return .error(.methodNotAllowed, "\(path) is asked for in another way")
        default:
            let area = path.prefix { $0 != "/" }
            let rest = path.dropFirst(area.count)
            do throws(AdminRefusal) {
                return Self.answer(try await outcome(area, rest, request), request)
            } catch {
                switch error {
                case .unknownPath: return .error(.notFound, "there is no \(path)")
                case .wrongMethod: return .error(.methodNotAllowed, "\(path) is asked for in another way")
                case .malformed(let why): return .error(.badRequest, why)
                }
            }
        }
    }

    private func outcome(
        _ area: Substring, _ path: Substring, _ request: AdminRequest
    ) async throws(AdminRefusal) -> AdminOutcome {
        let (method, query) = (request.method, request.query)
        switch area {
        case "snapshots": return await actions.snapshots(try SnapshotRequest(method, path: path, query: query))
        case "clock": return await actions.clock(try ClockRequest(method, path: path, query: query))
        case "tables": return await actions.tables(try TableRequest(method, path: path, query: query))
        default: throw .unknownPath
        }
    }

    private static func answer(_ outcome: AdminOutcome, _ request: AdminRequest) -> OwnAnswer {
        guard request.wantsText else { return .json(outcome.status, outcome.json) }
        return OwnAnswer(outcome.status, contentType: "text/plain; charset=utf-8", body: Array(outcome.text.utf8))
    }

    /// The host of a `Host` header: without port, without brackets.
    private static func withoutPort(_ host: String) -> Substring {
        if host.hasPrefix("[") { return host.dropFirst().prefix { $0 != "]" } }
        return host.prefix { $0 != ":" }
    }
}
