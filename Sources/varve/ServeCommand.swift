import ArgumentParser
import Daemon

/// `varve serve`.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve a data directory until told to stop (SIGTERM, SIGINT or the admin API).",
        usage: "varve serve [--config FILE] [--print-config] [--json] [SETTINGS]",
        discussion: """
            Prints one line on standard output when it accepts connections:
              varve ready endpoint=http://127.0.0.1:4566 data-dir=DataDirs/default durability=always pid=4711

            Example:
              varve serve --data-dir /srv/lab --listen 127.0.0.1:0 --durability 'every(50)'

            SETTINGS, each also a VARVE_ environment variable and a key of varve.toml (flags win, then the environment):
            \(ConfigurationPrinter.help)
            """)

    @Option(help: ArgumentHelp("Read settings from this file.", valueName: "file"))
    var config: String?

    @Flag(help: "Show every setting's value and where it came from, and start nothing.")
    var printConfig = false

    @Flag(help: "With --print-config: as JSON.")
    var json = false

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var settings: [String] = []

    func run() throws {
        if settings.contains("--help") || settings.contains("-h") { throw CleanExit.helpRequest(self) }
        let resolved = try loadSettings(flags: settings, file: config)
        let configuration = try makeConfiguration(resolved)
        if printConfig {
            StandardOutput.write(
                json ? ConfigurationPrinter.json(resolved) + "\n" : ConfigurationPrinter.text(resolved))
            return
        }
        guard !json else { throw fail("--json goes with --print-config", .usage) }
        VarveDaemon.prepareProcess()
        let stop = StopRequest()
        do throws(StartError) {
            let daemon = try BlockingCall.run { () async throws(StartError) in
                try await VarveDaemon.start(configuration, settings: resolved, stop: stop)
            }
            StandardOutput.write(daemon.readyLine + "\n")
            stop.watchSignals { daemon.log("stopping after \($0)") }
            stop.wait()
            try BlockingCall.run { () async throws(StartError) in try await daemon.stop() }
        } catch {
            throw fail(error.description, error.status)
        }
    }
}
