import ArgumentParser
import Daemon

/// `varve inspect`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Print what a store's files hold without opening the store, or what its daemon counts.",
        discussion: """
            Example:
              varve inspect log DataDirs/default

            Nothing is written, locked or recovered. A directory that is being served may change while it is read.

              varve inspect live DataDirs/default

            asks the daemon that serves the directory for the engine's numbers: levels, amplification, cache hit rate,
            space. Its address is that of the configuration, or the one that --endpoint names.
            """)

    @Argument(help: "levels; tables; log: frames that are not in tables yet; extents; or live.")
    var part: Subject

    @Argument(help: "The data directory.")
    var directory: String

    @Flag(help: "Print one JSON object instead.")
    var json = false

    @Option(help: ArgumentHelp("For live: the daemon's address, as the ready line names it.", valueName: "url"))
    var endpoint: String?

    @Option(help: ArgumentHelp("For live over https: trust the certificates in this PEM file.", valueName: "file"))
    var ca: String?

    /// What to look at.
    enum Subject: ExpressibleByArgument, Equatable {
        case files(StoreInspection.Part)
        case live

        init?(argument: String) {
            if argument == "live" {
                self = .live
            } else if let part = StoreInspection.Part(rawValue: argument) {
                self = .files(part)
            } else {
                return nil
            }
        }
    }

    func run() throws {
        let address = try part == .live ? daemonAddress() : nil
        do throws(StartError) {
            let inspection = try StoreInspection(directory: directory)
            let report =
                switch part {
                case .files(let part): try inspection.report(part)
                case .live:
                    try inspection.live(
                        endpoint: address?.endpoint ?? "", trustedCertificates: address?.trustedCertificates)
                }
            StandardOutput.write(json ? report.json + "\n" : report.text)
        } catch {
            throw fail(error.description, error.status)
        }
    }

    /// Where the daemon is, and what its certificate is to be checked against.
    private func daemonAddress() throws -> (endpoint: String, trustedCertificates: String?) {
        let flags = [Setting.named(.dataDirectory).flag, directory]
        let configuration = try makeConfiguration(try loadSettings(flags: flags, file: nil))
        return (
            endpoint ?? ClientEnvironment.endpoint(configuration), ca ?? configuration.tls?.certificatePath
        )
    }
}
