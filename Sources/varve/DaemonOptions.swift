import ArgumentParser
import Daemon

/// Which daemon to ask, and how to show its answer.
struct DaemonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The data directory that the daemon serves.", valueName: "dir"))
    var dataDir: String?

    @Option(help: ArgumentHelp("The daemon's address, as the ready line names it.", valueName: "url"))
    var endpoint: String?

    @Option(help: ArgumentHelp("For https: trust the certificates in this PEM file.", valueName: "file"))
    var ca: String?

    @Option(help: ArgumentHelp("Read settings from this file.", valueName: "file"))
    var config: String?

    @Flag(help: "Print one JSON object instead.")
    var json = false

    /// Prints the daemon's answer, or ends the process with its refusal.
    func send(_ request: some AdminCall) throws {
        let flags = dataDir.map { [Setting.named(.dataDirectory).flag, $0] } ?? []
        let configuration = try makeConfiguration(try loadSettings(flags: flags, file: config))
        guard endpoint != nil || configuration.listen.port != 0 else {
            throw fail("the configuration lets the system pick a port: name the lab's address with --endpoint", .usage)
        }
        let answer: AdminClient.Answer
        do throws(StartError) {
            let client = try AdminClient(
                endpoint: endpoint ?? ClientEnvironment.endpoint(configuration),
                dataDirectory: configuration.dataDirectory,
                trustedCertificates: ca ?? configuration.tls?.certificatePath)
            answer = try client.send(request, wantsText: !json)
        } catch {
            throw fail(error.description, error.status)
        }
        guard (200..<300).contains(answer.status) else {
            let why = answer.body.hasSuffix("\n") ? String(answer.body.dropLast()) : answer.body
            throw fail(why, AdminClient.exitStatus(ofRefusal: answer.status))
        }
        StandardOutput.write(answer.body)
        // Done, but not to its end: the answer says what is left.
        if answer.status == 202 { throw ExitCode(ExitStatus.failure.rawValue) }
    }
}
