/// Where and how a front listens.
package struct FrontConfiguration: Sendable {
    /// An address or a name that resolves to one of this machine.
    package var host: String
    /// 0 lets the system pick one; `FrontServer.boundAddress` names it.
    package var port: Int
    /// Threads that serve connections.
    package var eventLoopCount: Int
    /// Nil serves plain HTTP.
    package var tls: FrontTLS?
    /// The bounds of what one client can hold.
    package var limits: FrontLimits
    /// Mixed into request ids, so that two runs do not repeat each other's. Pass real randomness.
    package var requestIDSeed: UInt64
    /// The `Date` header's value for now; called at most once a second for each event loop.
    package var date: @Sendable () -> String

    /// A configuration without TLS and with default limits.
    package init(
        host: String = "127.0.0.1", port: Int = 0, eventLoopCount: Int = 1, tls: FrontTLS? = nil,
        limits: FrontLimits = FrontLimits(), requestIDSeed: UInt64, date: @escaping @Sendable () -> String
    ) {
        self.host = host
        self.port = port
        self.eventLoopCount = eventLoopCount
        self.tls = tls
        self.limits = limits
        self.requestIDSeed = requestIDSeed
        self.date = date
    }
}

/// The server's certificate, from files.
package struct FrontTLS: Sendable, Equatable {
    /// PEM, the server's certificate first.
    package var certificateChainPath: String
    /// PEM, unencrypted.
    package var privateKeyPath: String

    /// Names the two files; they are read by `FrontServer.start`.
    package init(certificateChainPath: String, privateKeyPath: String) {
        self.certificateChainPath = certificateChainPath
        self.privateKeyPath = privateKeyPath
    }
}

/// Why a front could not start.
package enum FrontStartError: Error, Equatable, Sendable {
    /// Another process listens there (EADDRINUSE).
    case addressInUse(host: String, port: Int)
    /// The address cannot be bound for another reason: not of this machine, not permitted, not resolvable.
    case cannotBind(host: String, port: Int, reason: String)
    /// The certificate or the key cannot be read or do not fit together.
    case badCertificate(reason: String)
}
