import ArgumentParser
import Daemon

/// `varve table`.
struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Show and split the partitions of a running lab's DynamoDB tables, and let their indexes lag.",
        discussion: """
            Example:
              varve table partitions orders --data-dir DataDirs/default
              varve table split orders 1 --data-dir DataDirs/default

            A table is named by its name, or by its ARN where accounts or regions have tables of one name.
            """,
        subcommands: [Partitions.self, Split.self, IndexDelay.self])

    struct Partitions: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show all partitions that a table has had, with their ranges of hashes.",
            discussion: "Example:\n  varve table partitions orders")

        @Argument(help: "The table.")
        var table: String
        @OptionGroup var daemon: DaemonOptions

        func run() throws { try daemon.ask(.partitions(table: table)) }
    }

    struct Split: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Split a partition in two; shards of the table's stream roll over.",
            discussion: """
                Example:
                  varve table split orders 1
                  varve table split orders 2 --at 4000000000000000
                """)

        @Argument(help: "The table.")
        var table: String
        @Argument(help: "The partition's number.")
        var partition: String
        @Option(help: "The first hash of the upper half, in sixteen hexadecimal digits; the middle when left out.")
        var at: String?
        @OptionGroup var daemon: DaemonOptions

        func run() throws {
            let number = try parsed("PARTITION", partition, TableRequest.partition)
            let hash = try at.map { try parsed("--at", $0, TableRequest.hash) }
            try daemon.ask(.split(table: table, partition: number, hash: hash))
        }
    }

    struct IndexDelay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a table's global indexes lag behind by so much lab time.",
            discussion: """
                Example:
                  varve table index-delay orders 5s
                  varve table index-delay orders 0s

                With 0s they are as the table is, from then on; what they have missed is made up for first.
                """)

        @Argument(help: "The table.")
        var table: String
        @Argument(help: "A length of time, a day at most: 250ms, 5s, 15m.")
        var delay: String
        @OptionGroup var daemon: DaemonOptions

        func run() throws {
            let milliseconds = try parsed("DELAY", delay, DurationText.parse)
            try daemon.ask(.indexDelay(table: table, milliseconds: milliseconds))
        }
    }
}

extension DaemonOptions {
    fileprivate func ask(_ request: TableRequest) throws { try send(request) }
}
