private import Synchronization

/// Tells on standard error how far a long piece of work is: nothing for what takes a few seconds.
package final class ProgressLines: Sendable {
    /// Often enough to see that something happens.
    private static let intervalMilliseconds: Int64 = 5_000

    private let verb: String
    private let nextMilliseconds: Mutex<Int64>

    /// - Parameter verb: what has been done with the bytes.
    package init(verb: String) {
        self.verb = verb
        nextMilliseconds = Mutex(SystemClock.realMilliseconds() + Self.intervalMilliseconds)
    }

    /// Prints a line when the last one is some seconds old.
    package func show(_ doneBytes: UInt64, of totalBytes: UInt64) {
        let now = SystemClock.realMilliseconds()
        let isDue = nextMilliseconds.withLock { next in
            guard now >= next else { return false }
            next = now + Self.intervalMilliseconds
            return true
        }
        guard isDue else { return }
        StandardOutput.writeError("varve: \(verb) \(doneBytes >> 20) of \(totalBytes >> 20) MiB\n")
    }
}
