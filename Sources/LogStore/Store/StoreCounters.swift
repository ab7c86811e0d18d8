internal import Synchronization

/// What the engine has done since it was opened. Relaxed atomics: read for metrics.
final class StoreCounters: Sendable {
    let commits = Atomic<Int>(0)
    let logWrites = Atomic<Int>(0)
    let logSyncs = Atomic<Int>(0)
    let logBytes = Atomic<Int>(0)
    let flushes = Atomic<Int>(0)
    let flushedBytes = Atomic<Int>(0)
    let compactions = Atomic<Int>(0)
    let compactedBytes = Atomic<Int>(0)
    let unlinkedFiles = Atomic<Int>(0)
}
