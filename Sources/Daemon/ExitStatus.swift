/// How the program ends. The numbers are those of `sysexits.h`, so that scripts and service managers can tell them
/// apart.
package enum ExitStatus: Int32, CaseIterable, Sendable {
    case success = 0
    /// A check of `varve doctor` or an inspection found something wrong, a snapshot is not what was asked for, or
    /// the lab clock cannot do what was asked for.
    case failure = 1
    /// The command line is wrong.
    case usage = 64
    /// A defect in Varve.
    case software = 70
    /// The address cannot be listened on: taken, not this machine's, or not allowed. Nobody answers at it.
    case unavailable = 69
    /// The data directory cannot be created, written or locked.
    case cannotCreate = 73
    /// The store is damaged, or the disk failed.
    case inputOutput = 74
    /// The configuration is wrong.
    case configuration = 78

    /// One line for `docs/cli.md`.
    package var meaning: String {
        switch self {
        case .success: "Done; for `serve`: stopped cleanly."
        case .failure:
            "`doctor` or `inspect` found something wrong; `snapshot` found no such name, or a taken one; `clock` was "
                + "asked to go back, or what became due is not all done; `table` found no such table."
        case .usage: "The command line is wrong."
        case .software: "A defect in Varve."
        case .unavailable:
            "The address cannot be listened on (taken, not of this machine, not allowed), or nobody answers."
        case .cannotCreate:
            "The data directory cannot be created, read or written, or another process has it; a full disk."
        case .inputOutput: "The store is damaged or of an unknown format, or the disk failed."
        case .configuration: "The configuration file, an environment variable or a combination of settings is wrong."
        }
    }
}
