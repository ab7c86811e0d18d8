import ArgumentParser
import Daemon

/// `varve clock`.
struct ClockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock",
        abstract: "Show the time of a running lab, stop it, move it on, and let it run at another speed.",
        discussion: """
            Example:
              varve clock freeze --data-dir DataDirs/default
              varve clock advance 30d --data-dir DataDirs/default
              varve clock run --data-dir DataDirs/default

            Lab time is what Last-Modified and everything that ages is measured by. It never goes back in a store. \
            Signatures, TLS and HTTP's Date always go by the machine's time.
            """,
        subcommands: [Now.self, SetTime.self, Advance.self, Freeze.self, Run.self])

    struct Now: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show lab time, and how it passes.",
            discussion: "Example:\n  varve clock now")

        @OptionGroup var daemon: DaemonOptions

        func run() throws { try daemon.ask(.show) }
    }

    struct SetTime: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Move lab time on to a moment, and wait until what has become due is done.",
            discussion: """
                Example:
                  varve clock set 2027-01-01T00:00:00Z

                It goes on from there, or stands still there, as before. Ends with status 1 when what became due is \
                not done in time, or some of it fails: lab time has moved all the same, and what is left goes on.
                """)

        @Argument(help: "RFC 3339: 2027-01-01T00:00:00Z. Not before the present lab time.")
        var time: String
        @OptionGroup var wait: WaitOptions
        @OptionGroup var daemon: DaemonOptions

        func run() throws {
            let time = try parsed("TIME", time, TimeText.parse)
            try daemon.ask(.set(time, timeoutMilliseconds: try wait.milliseconds))
        }
    }

    struct Advance: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move lab time on by so much, and wait until what has become due is done.",
            discussion: """
                Example:
                  varve clock advance 7d

                It goes on from there, or stands still there, as before. Ends with status 1 when what became due is \
                not done in time, or some of it fails: lab time has moved all the same, and what is left goes on.
                """)

        @Argument(help: "A length of time: 90s, 15m, 24h, 7d, 1h30m.")
        var duration: String
        @OptionGroup var wait: WaitOptions
        @OptionGroup var daemon: DaemonOptions

        func run() throws {
            let milliseconds = try parsed("DURATION", duration, DurationText.parse)
            try daemon.ask(.advance(milliseconds: milliseconds, timeoutMilliseconds: try wait.milliseconds))
        }
    }

    struct Freeze: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop lab time where it is, until it is moved on or let run.",
            discussion: "Example:\n  varve clock freeze")

        @OptionGroup var daemon: DaemonOptions

        func run() throws { try daemon.ask(.freeze) }
    }

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let lab time go on from where it is, at the machine's pace or another.",
            discussion: """
                Example:
                  varve clock run --speed 3600

                Lab time then passes at that speed while no daemon serves the store, too: freeze it first if it shall \
                not. With --real it is the machine's time again, which is refused while it is ahead of that.
                """)

        @Option(help: "Lab time for each unit of the machine's, 0.001 to 1000000.")
        var speed: String?
        @Flag(help: "Make lab time the machine's again.")
        var real = false
        @OptionGroup var daemon: DaemonOptions

        func run() throws {
            if real {
                guard speed == nil else { throw fail("--real and --speed exclude each other", .usage) }
                return try daemon.ask(.follow)
            }
            try daemon.ask(.run(speed: try parsed("--speed", speed ?? "1", ClockRequest.speed)))
        }
    }
}

/// How long to wait for what a step makes due.
struct WaitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to wait until what has become due is done; 0s: not at all. An hour at most.",
            valueName: "duration"))
    var timeout = "60s"

    var milliseconds: Int64 {
        get throws { try parsed("--timeout", timeout, ClockRequest.timeout) }
    }
}

extension DaemonOptions {
    fileprivate func ask(_ request: ClockRequest) throws { try send(request) }
}

/// Reads a value of the command line, or ends the process with what it must be.
func parsed<Value>(
    _ name: String, _ text: String, _ parse: (String) throws(ValueError) -> Value
) throws -> Value {
    do throws(ValueError) { return try parse(text) } catch {
        throw fail("\(name) \(error.problem)", .usage)
    }
}
