import ArgumentParser
import Daemon

/// `varve generate-docs`: for maintainers, so that pages which list what the program declares are written by the
/// program.
struct GenerateDocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-docs",
        abstract: "Print a page of docs/ that comes from a declared table.",
        discussion: """
            Example:
              varve generate-docs configuration > docs/configuration.md
            """,
        shouldDisplay: false)

    enum Page: String, CaseIterable, ExpressibleByArgument {
        case configuration, metrics
    }

    @Argument(help: "configuration, or metrics (the table in docs/operations.md).")
    var page: Page

    func run() throws {
        switch page {
        case .configuration: StandardOutput.write(ConfigurationReference.markdown)
        case .metrics: StandardOutput.write(MetricReference.markdown)
        }
    }
}
