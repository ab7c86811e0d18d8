private import Glibc

/// Finds the sources of the configuration on this machine and puts them together.
package enum ConfigurationLoader {
    /// Names the file when no flag does.
    package static let environmentName = "VARVE_CONFIG"
    /// Taken from the current directory when nobody names a file.
    package static let defaultFile = "varve.toml"

    /// - Parameters:
    ///   - flags: the command line's words for settings.
    ///   - file: the file that the command line names.
    package static func load(
        flags: [String], file: String?, environment: [String: String]
    ) throws(ConfigurationError) -> ResolvedSettings {
        try ResolvedSettings(
            flags: flags, environment: environment, file: try configurationFile(named: file, environment: environment))
    }

    private static func configurationFile(
        named name: String?, environment: [String: String]
    ) throws(ConfigurationError) -> ConfigurationFile? {
        var path = name ?? environment[environmentName]
        if path == nil, access(defaultFile, F_OK) == 0 { path = defaultFile }
        guard let path else { return nil }
        let text: String
        do throws(FileText.Failure) {
            text = try FileText.read(path)
        } catch {
            throw .file(path: path, line: nil, problem: "cannot be read: \(error.reason)")
        }
        return try ConfigurationFile(path: path, text: text)
    }

    /// The process's environment.
    package static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var cursor = environ
        while let entry = cursor.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            cursor += 1
        }
        return variables
    }
}
