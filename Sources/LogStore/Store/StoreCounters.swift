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
    let cleanings = Atomic<Int>(0)
    let copiedExtentBytes = Atomic<Int>(0)
    /// Bytes of commits, encoded, without the log's padding.
    let committedBytes = Atomic<Int>(0)
    let movedTables = Atomic<Int>(0)
    let unlinkedFiles = Atomic<Int>(0)
    let droppedTables = Atomic<Int>(0)
    let snapshotsGivenUp = Atomic<Int>(0)
    private let levels = Lock([LevelTraffic](repeating: LevelTraffic(), count: TreeShape.lastLevel + 1))

    /// Notes a merge: bytes of its inputs by level, and what it wrote.
    func noteCompaction(read: [Int: UInt64], written: Int, toLevel level: Int) {
        levels.withLock { levels in
            for from in levels.indices { levels[from].readBytes += read[from] ?? 0 }
            levels[level].writtenBytes += UInt64(written)
        }
    }

    /// What merges have read from each level and written to it.
    var levelTraffic: [LevelTraffic] { levels.withLock { $0 } }
}

/// What merges have read from a level and written to it, in bytes.
struct LevelTraffic: Sendable {
    var readBytes: UInt64 = 0
    var writtenBytes: UInt64 = 0
}
