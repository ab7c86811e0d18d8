/// Why a configuration cannot be used. The text says where and what; the exit code tells wrong usage from a wrong file.
package enum ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A flag that does not exist, lacks its value, or has a wrong one.
    case flag(String)
    /// A `VARVE_` variable with a wrong value.
    case environment(String)
    /// The file cannot be read, is not TOML, or says something that is not known.
    case file(path: String, line: Int?, problem: String)
    /// Values that are right alone and wrong together.
    case combination(String)

    package var description: String {
        switch self {
        case .flag(let text), .environment(let text), .combination(let text): text
        case .file(let path, let line?, let problem): "\(path):\(line): \(problem)"
        case .file(let path, nil, let problem): "\(path): \(problem)"
        }
    }

    /// The process's answer: usage errors are the caller's, everything else is the configuration's.
    package var exitStatus: ExitStatus {
        if case .flag = self { .usage } else { .configuration }
    }
}
