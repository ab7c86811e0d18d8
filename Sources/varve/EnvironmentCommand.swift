import ArgumentParser
import Daemon

/// `varve env`.
struct EnvironmentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Print the variables that point AWS tools at this lab.",
        discussion: """
            Example:
              eval "$(varve env)" && aws s3 ls

            Endpoint and keys are those of the configuration; a lab on another port is named with --endpoint.
            """)

    @Option(help: ArgumentHelp("The lab's address, as the ready line names it.", valueName: "url"))
    var endpoint: String?

    @Option(help: "The shell to write for: sh (also bash, zsh), fish or powershell.")
    var shell = ClientEnvironment.Shell.sh

    @Option(help: "The region to name.")
    var region = "us-east-1"

    @Option(help: ArgumentHelp("Read settings from this file.", valueName: "file"))
    var config: String?

    @Flag(help: "Print one JSON object instead.")
    var json = false

    func run() throws {
        let configuration = try makeConfiguration(try loadSettings(flags: [], file: config))
        guard endpoint != nil || configuration.listen.port != 0 else {
            throw fail("the configuration lets the system pick a port: name the lab's address with --endpoint", .usage)
        }
        let environment = ClientEnvironment(configuration, endpoint: endpoint, region: region)
        StandardOutput.write(json ? environment.json + "\n" : environment.text(for: shell))
    }
}

extension ClientEnvironment.Shell: ExpressibleByArgument {}
