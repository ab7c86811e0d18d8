/// One thing that can be configured. The table of all of them is `Setting.all`; flags, environment variables, file
/// keys, `--help`, `--print-config` and `docs/configuration.md` all come from it.
package struct Setting: Sendable {
    package let name: SettingName
    package let kind: SettingKind
    /// The default as one would write it; empty means unset.
    package let defaultText: String
    /// One or two sentences for people.
    package let summary: String

    /// The key in `varve.toml`.
    package var key: String { name.rawValue }
    package var flag: String { "--\(key)" }
    package var environmentName: String { "VARVE_" + key.uppercased().replacing("-", with: "_") }

    init(_ name: SettingName, _ kind: SettingKind, default defaultText: String, _ summary: String) {
        self.name = name
        self.kind = kind
        self.defaultText = defaultText
        self.summary = summary
    }
}

/// The name of every setting, in the order in which they are shown.
package enum SettingName: String, CaseIterable, Sendable {
    case dataDirectory = "data-dir"
    case listen
    case durability
    case memoryBudget = "memory-budget"
    case compression
    case eventLoops = "event-loops"
    case inputOutputThreads = "io-threads"
    case tlsCertificate = "tls-certificate"
    case tlsKey = "tls-key"
    case services
    case baseHosts = "base-host"
    case auth
    case regionCheck = "region-check"
    case headerBytesMax = "header-bytes-max"
    case headerSeconds = "header-seconds"
    case bodyIdleSeconds = "body-idle-seconds"
    case responseIdleSeconds = "response-idle-seconds"
    case keepAliveSeconds = "keep-alive-seconds"
    case connectionsMax = "connections-max"
    case drainSeconds = "drain-seconds"
    case accessLog = "access-log"
    case accessLogFormat = "access-log-format"
    case accessLogFile = "access-log-file"
    case logLevel = "log-level"
    case allowPublicWithDefaultKeys = "allow-public-with-default-keys"
}

extension Setting {
    /// The setting of a name. The table holds every name exactly once (a test says so).
    package static func named(_ name: SettingName) -> Setting {
        guard let setting = all.first(where: { $0.name == name }) else {
            preconditionFailure("no setting is declared for \(name.rawValue)")
        }
        return setting
    }
}
