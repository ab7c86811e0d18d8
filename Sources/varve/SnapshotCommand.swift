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

extension DaemonOptions {
    fileprivate func ask(_ request: SnapshotRequest) throws { try send(request) }
}
