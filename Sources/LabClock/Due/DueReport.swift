package import LogStore

/// What a look at the queue came to.
package struct DueReport: Equatable, Sendable {
    /// Entries that were handled.
    package var doneCount = 0
    /// Entries that are due and could not be handled; they are tried again.
    package var failingCount = 0
    /// Entries that are due and of a kind that nobody handles.
    package var unknownCount = 0
    /// Whether jobs are under way, which have had a turn.
    package var hasJobs = false
}

/// What went wrong, for the log.
package enum DueProblem: Sendable {
    /// A handler failed, or left entries in the queue without saying why (nil). So many of them are tried again.
    case failed(kind: DueKind, entryCount: Int, error: (any Error)?)
    /// Entries of a kind that nobody handles are due. Said once a kind.
    case unknown(kind: DueKind)
    /// The queue could not be looked at, or the clock's progress not be kept.
    case store(StoreError)
}
