internal import HTTPFront
package import NIOHTTP1

/// What the admin API looks at in a request.
package struct AdminRequest: Sendable {
    package var method: HTTPMethod
    package var host: String?
    package var origin: String?
    package var authorization: String?

    package init(method: HTTPMethod, host: String?, origin: String?, authorization: String?) {
        self.method = method
        self.host = host
        self.origin = origin
        self.authorization = authorization
    }

    init(_ request: HTTPRequest) {
        self.init(
            method: request.method, host: request.headers.first(name: "host"),
            origin: request.headers.first(name: "origin"),
            authorization: request.headers.first(name: "authorization"))
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

        package init(
            statusJSON: @escaping @Sendable () -> String, configurationJSON: @escaping @Sendable () -> String,
            requestStop: @escaping @Sendable () -> Void
        ) {
            self.statusJSON = statusJSON
            self.configurationJSON = configurationJSON
            self.requestStop = requestStop
        }
    }

    private let token: AdminToken
    private let actions: Actions

    package init(token: AdminToken, actions: Actions) {
        self.token = token
        self.actions = actions
    }

    /// Answers a request for a path below `/_varve/admin/`.
    package func answer(_ path: Substring, _ request: AdminRequest) -> OwnAnswer {
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
        default: return .error(.notFound, "there is no \(path)")
        }
    }

    /// The host of a `Host` header: without port, without brackets.
    private static func withoutPort(_ host: String) -> Substring {
        if host.hasPrefix("[") { return host.dropFirst().prefix { $0 != "]" } }
        return host.prefix { $0 != ":" }
    }
}
