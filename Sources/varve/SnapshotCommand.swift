import ArgumentParser
import Daemon

/// `varve snapshot`.
struct SnapshotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Save, restore and branch the whole store of a running lab, in no time whatever it holds.",
        discussion: """
            Example:
              varve snapshot save before-the-test --data-dir DataDirs/default
              varve snapshot restore before-the-test --data-dir DataDirs/default

            The daemon that serves the data directory does the work; the token comes from there. Its address is that of
            the configuration, or the one that --endpoint names.
            """,
        subcommands: [Save.self, List.self, Restore.self, Branch.self, Remove.self])

    struct Save: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Save everything as it is now, under a name.",
            discussion: "Example:\n  varve snapshot save before-the-test")

        @Argument(help: "Up to 64 printable ASCII characters without spaces.")
        var name: String
        @OptionGroup var daemon: DaemonOptions

        func run() throws { try daemon.ask(.save(name: name)) }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show all snapshots and the space they take.",
            discussion: """
                Example:
                  varve snapshot list

                SIZE is what a snapshot consists of; HELD what of it the store itself no longer needs; OWN what of that
                no other snapshot holds either, so that removing this one frees it.
                """)

        @OptionGroup var daemon: DaemonOptions

        func run() throws { try daemon.ask(.list) }
    }

    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a snapshot in the place of what there is, which is kept as a snapshot of its own.",
            discussion: "Example:\n  varve snapshot restore before-the-test")

        @Argument(help: "The snapshot.")
        var name: String
        @OptionGroup var daemon: DaemonOptions

        func run() throws { try daemon.ask(.restore(name: name)) }
    }

    struct Branch: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a data directory of its own from a snapshot.",
            discussion: """
                Example:
                  varve snapshot branch before-the-test DataDirs/experiment
                  varve serve --data-dir DataDirs/experiment --listen 127.0.0.1:0

                On the same file system nothing is copied: both directories share files that neither changes.
                """)

        @Argument(help: "The snapshot.")
        var name: String
        @Argument(help: "Where the branch shall be: nothing, or an empty directory.")
        var directory: String
        @OptionGroup var daemon: DaemonOptions

        func run() throws {
            try daemon.ask(.branch(name: name, directory: WorkingDirectory.absolute(directory)))
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm", abstract: "Remove a snapshot; the space that only it held comes back.",
            discussion: "Example:\n  varve snapshot rm before-the-test")

        @Argument(help: "The snapshot.")
        var name: String
        @OptionGroup var daemon: DaemonOptions

        func run() throws { try daemon.ask(.remove(name: name)) }
    }
}

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
    func ask(_ request: SnapshotRequest) throws {
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
            let (method, target) = request.target
            answer = try client.send(method, target, wantsText: !json)
        } catch {
            throw fail(error.description, error.status)
        }
        guard (200..<300).contains(answer.status) else {
            let why = answer.body.hasSuffix("\n") ? String(answer.body.dropLast()) : answer.body
            throw fail(why, AdminClient.exitStatus(ofRefusal: answer.status))
        }
        StandardOutput.write(answer.body)
    }
}
