package import IAM
package import LogStore

/// Everything the daemon needs to know before it starts. Built from `ResolvedSettings` and checked as a whole.
package struct Configuration: Sendable {
    package var dataDirectory: String
    package var listen: Endpoint
    package var durability: Durability
    package var memoryBudgetBytes: Int
    package var compression: Bool
    /// 0: one for each processor.
    package var eventLoopCount: Int
    package var inputOutputThreadCount: Int
    /// Certificate chain and private key, both or neither.
    package var tls: (certificatePath: String, keyPath: String)?
    package var services: Set<ServiceName>
    package var baseHosts: [String]
    package var verifiesSignatures: Bool
    package var checksRegion: Bool
    package var headerBytesMax: Int
    package var headerSeconds: Int
    package var bodyIdleSeconds: Int
    package var responseIdleSeconds: Int
    package var keepAliveSeconds: Int
    package var connectionsMax: Int
    package var drainSeconds: Int
    package var accessLog: AccessLogChoice?
    package var logLevel: String
    package var identities: [Identity]

    /// - Throws: `ConfigurationError.combination` when values contradict each other.
    package init(_ settings: ResolvedSettings) throws(ConfigurationError) {
        let reader = SettingReader(settings: settings)
        dataDirectory = reader.text(.dataDirectory)
        listen = reader.endpoint(.listen)
        durability = reader.durability(.durability)
        memoryBudgetBytes = reader.integer(.memoryBudget)
        compression = reader.boolean(.compression)
        eventLoopCount = reader.integer(.eventLoops)
        inputOutputThreadCount = reader.integer(.inputOutputThreads)
        services = try Self.services(reader.list(.services))
        baseHosts = reader.list(.baseHosts).map { $0.lowercased() }
        verifiesSignatures = reader.text(.auth) == "strict"
        checksRegion = reader.text(.regionCheck) == "strict"
        headerBytesMax = reader.integer(.headerBytesMax)
        headerSeconds = reader.integer(.headerSeconds)
        bodyIdleSeconds = reader.integer(.bodyIdleSeconds)
        responseIdleSeconds = reader.integer(.responseIdleSeconds)
        keepAliveSeconds = reader.integer(.keepAliveSeconds)
        connectionsMax = reader.integer(.connectionsMax)
        drainSeconds = reader.integer(.drainSeconds)
        logLevel = reader.text(.logLevel)
        identities = settings.identities
        if reader.boolean(.accessLog) {
            let file = reader.text(.accessLogFile)
            accessLog = AccessLogChoice(
                format: reader.text(.accessLogFormat) == "json" ? .json : .text, path: file.isEmpty ? nil : file)
        }
        let certificate = reader.text(.tlsCertificate)
        let key = reader.text(.tlsKey)
        if !certificate.isEmpty, !key.isEmpty { tls = (certificate, key) }
        guard certificate.isEmpty == key.isEmpty else {
            throw .combination("tls-certificate and tls-key must be set together")
        }
        try checkTogether(allowsPublic: reader.boolean(.allowPublicWithDefaultKeys))
    }

    private static func services(_ names: [String]) throws(ConfigurationError) -> Set<ServiceName> {
        var services: Set<ServiceName> = []
        for name in names {
            guard let service = ServiceName(rawValue: name.lowercased()) else {
                let known = ServiceName.allCases.map(\.rawValue).joined(separator: ", ")
                throw .combination("services names \"\(name)\", which is none of \(known)")
            }
            services.insert(service)
        }
        guard !services.isEmpty else { throw .combination("services must name at least one service") }
        return services
    }

    private func checkTogether(allowsPublic: Bool) throws(ConfigurationError) {
        guard !dataDirectory.isEmpty else { throw .combination("data-dir must not be empty") }
        guard !identities.isEmpty else { throw .combination("at least one identity is needed") }
        do throws(IdentityError) {
            _ = try IdentityTable(identities)
        } catch {
            switch error {
            case .duplicateAccessKey(let key): throw .combination("two identities have the access key \"\(key)\"")
            }
        }
        guard listen.isLoopback || allowsPublic else {
            if identities.contains(where: { $0.secretKey == Identity.standard.secretKey }) {
                throw .combination(
                    "\(listen) can be reached from other machines, and everybody knows the default key test/test: "
                        + "set [[identity]] in the configuration file, or say --allow-public-with-default-keys")
            }
            guard verifiesSignatures else {
                throw .combination(
                    "\(listen) can be reached from other machines, and auth is relaxed, so that nobody's key is "
                        + "checked: use auth strict, or say --allow-public-with-default-keys")
            }
            return
        }
    }
}

/// Where and how requests are logged.
package struct AccessLogChoice: Sendable, Equatable {
    package enum Format: Sendable { case json, text }

    package var format: Format
    /// Standard error when nil.
    package var path: String?
}

/// Typed access to resolved settings. A kind that does not fit its accessor is a defect of the table.
private struct SettingReader {
    let settings: ResolvedSettings

    func text(_ name: SettingName) -> String {
        guard case .text(let value) = settings[name].value else { preconditionFailure("\(name) is no text") }
        return value
    }

    func endpoint(_ name: SettingName) -> Endpoint {
        guard case .endpoint(let value) = settings[name].value else { preconditionFailure("\(name) is no endpoint") }
        return value
    }

    func integer(_ name: SettingName) -> Int {
        guard case .integer(let value) = settings[name].value else { preconditionFailure("\(name) is no integer") }
        return value
    }

    func boolean(_ name: SettingName) -> Bool {
        guard case .boolean(let value) = settings[name].value else { preconditionFailure("\(name) is no boolean") }
        return value
    }

    func durability(_ name: SettingName) -> Durability {
        guard case .durability(let value) = settings[name].value else {
            preconditionFailure("\(name) is no durability")
        }
        return value.durability
    }

    func list(_ name: SettingName) -> [String] {
        guard case .list(let value) = settings[name].value else { preconditionFailure("\(name) is no list") }
        return value
    }
}
