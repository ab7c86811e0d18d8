import ArgumentParser
import Daemon

/// `varve inspect`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Print what a store's files hold, without opening the store.",
        discussion: """
            Example:
              varve inspect log DataDirs/default

            Nothing is written, locked or recovered. A directory that is being served may change while it is read.
            """)

    @Argument(help: "levels; tables; log: frames that are not in tables yet; or extents.")
    var part: StoreInspection.Part

    @Argument(help: "The data directory.")
    var directory: String

    @Flag(help: "Print one JSON object instead.")
    var json = false

    func run() throws {
        do throws(StartError) {
            let inspection = try StoreInspection(directory: directory)
            let report = try inspection.report(part)
            StandardOutput.write(json ? report.json + "\n" : report.text)
        } catch {
            throw fail(error.description, error.status)
        }
    }
}

extension StoreInspection.Part: ExpressibleByArgument {}
