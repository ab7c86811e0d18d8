import ArgumentParser
import Daemon

/// The one executable.
@main
struct Varve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "varve",
        abstract: "A storage lab: Amazon S3 over a log-structured engine on local disk.",
        discussion: """
            Example:
              varve serve --data-dir DataDirs/default --listen 127.0.0.1:4566
            """,
        version: VarveVersion.current,
        subcommands: [
            ServeCommand.self, EnvironmentCommand.self, SnapshotCommand.self, ClockCommand.self, TableCommand.self,
            DoctorCommand.self, InspectCommand.self, GenerateDocsCommand.self,
        ])
}

/// Ends the process with a message and a documented status.
func fail(_ message: String, _ status: ExitStatus) -> ExitCode {
    StandardOutput.writeError("varve: \(message)\n")
    return ExitCode(status.rawValue)
}

/// Puts the configuration together as every command does.
func loadSettings(flags: [String], file: String?) throws -> ResolvedSettings {
    do throws(ConfigurationError) {
        return try ConfigurationLoader.load(
            flags: flags, file: file, environment: ConfigurationLoader.environment())
    } catch {
        throw fail(error.description, error.exitStatus)
    }
}

/// Checks settings as a whole.
func makeConfiguration(_ settings: ResolvedSettings) throws -> Configuration {
    do throws(ConfigurationError) {
        return try Configuration(settings)
    } catch {
        throw fail(error.description, error.exitStatus)
    }
}
