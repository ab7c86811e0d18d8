private import IAM

/// The variables that point AWS command lines and SDKs at a lab.
package struct ClientEnvironment: Sendable {
    /// Whose syntax to write.
    package enum Shell: String, CaseIterable, Sendable {
        case sh, fish, powershell
    }

    /// Names and values, in the order in which they are printed.
    package let variables: [(name: String, value: String)]

    /// - Parameter endpoint: nil derives it from the configuration's address.
    package init(_ configuration: Configuration, endpoint: String?, region: String) {
        let identity = configuration.identities[0]
        variables = [
            ("AWS_ENDPOINT_URL", endpoint ?? Self.endpoint(configuration)),
            ("AWS_ACCESS_KEY_ID", identity.accessKey),
            ("AWS_SECRET_ACCESS_KEY", identity.secretKey),
            // The command line reads one, SDKs the other.
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", region),
        ]
    }

    /// Loopback as an address and not as `localhost`: SDKs use path-style requests with addresses, which need no name
    /// resolution for each bucket.
    package static func endpoint(_ configuration: Configuration) -> String {
        let scheme = configuration.tls == nil ? "http" : "https"
        let addresses = ["localhost": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"]
        let host = addresses[configuration.listen.host] ?? configuration.listen.host
        return "\(scheme)://\(Endpoint(host: host, port: configuration.listen.port))"
    }

    /// Lines to be evaluated by a shell.
    package func text(for shell: Shell) -> String {
        variables.map { name, value in
            switch shell {
            case .sh: "export \(name)=\(Self.quoted(value, quoteEscape: "'\\''"))\n"
            case .fish: "set -gx \(name) \(Self.quoted(Self.doublingBackslashes(value), quoteEscape: "\\'"))\n"
            case .powershell: "$env:\(name) = \(Self.quoted(value, quoteEscape: "''"))\n"
            }
        }.joined()
    }

    /// The variables as one JSON object.
    package var json: String {
        "{" + variables.map { "\(JSONText.quoted($0.name)):\(JSONText.quoted($0.value))" }.joined(separator: ",") + "}"
    }

    /// In single quotes, within which nothing is expanded.
    private static func quoted(_ value: String, quoteEscape: String) -> String {
        "'" + value.replacing("'", with: quoteEscape) + "'"
    }

    private static func doublingBackslashes(_ value: String) -> String { value.replacing("\\", with: "\\\\") }
}
