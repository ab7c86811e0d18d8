/// Which chores that can wait may run now: those that would disturb commits more than they hurry.
///
/// There is no clock in here. While commits are being written, one such step is allowed for so many of them; once none
/// was written between two pauses of the driver the store is idle, and everything is.
struct ChorePace: Sendable {
    /// Writes of the log for each step: at most one sync in so many meets a step, and what a file of 16 MiB costs to
    /// cut is about one slow sync.
    static let logWritesPerStep = 512

    private var writesAtStep = 0
    private var writesAtPause = -1
    private var writesWhenIdle: Int?
    /// Pauses in a row that found the store idle.
    private var idlePauses = 0
    /// After so many the store counts as quiet: a writer that was only held up has come back by then.
    private static let idlePausesWhenQuiet = 3

    /// The driver has let some milliseconds pass.
    mutating func notePause(logWrites: Int) {
        writesWhenIdle = logWrites == writesAtPause ? logWrites : nil
        idlePauses = writesWhenIdle == nil ? 0 : idlePauses + 1
        writesAtPause = logWrites
    }

    func isIdle(logWrites: Int) -> Bool { writesWhenIdle == logWrites }

    /// Whether it is worth while to begin what takes long.
    func isQuiet(logWrites: Int) -> Bool { isIdle(logWrites: logWrites) && idlePauses >= Self.idlePausesWhenQuiet }

    func allowsStep(logWrites: Int) -> Bool {
        isIdle(logWrites: logWrites) || logWrites - writesAtStep >= Self.logWritesPerStep
    }

    mutating func noteStep(logWrites: Int) { writesAtStep = logWrites }
}
