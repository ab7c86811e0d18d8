internal import Disk

/// How a store is opened.
package struct StoreOptions: Sendable {
    /// One budget over memtables, block cache, filters and buffers, in bytes.
    package var memoryBudgetBytes: Int = 256 << 20
    /// What a commit that does not say otherwise waits for.
    package var durability: Durability = .always
    /// Bytes of a commit-log segment. The first is smaller, so that a new store opens at once.
    package var segmentBytes: UInt64 = 64 << 20
    package var firstSegmentBytes: UInt64 = 17 << 20
    /// Commits that are written together have at most this many bytes, encoded; a segment must hold several. At most
    /// `EngineLimits.groupBytesMax`.
    package var groupBytesMax: Int = EngineLimits.groupBytesMax
    /// One commit has at most this many bytes, encoded, and no more than segments of `segmentBytes` carry. At most
    /// `EngineLimits.commitBytesMax`.
    package var commitBytesMax: Int = EngineLimits.commitBytesMax
    /// Active memtables are frozen and flushed past this many bytes; nil derives it from the budget.
    package var memtableBytes: Int?
    /// Bytes of data blocks kept in memory, beside what filters and indexes take; nil derives one number for all three
    /// from the budget.
    package var blockCacheBytes: Int?
    /// Memory and disk that snapshots may keep from being freed; nil derives them from the memtables' size and from
    /// what the store holds.
    package var snapshotMemoryBytes: Int?
    package var snapshotDiskBytes: UInt64?
    /// Whether data blocks are read past the page cache, so that nothing but the block cache keeps them in memory.
    package var directReads: Bool = false
    /// Tables of deeper levels are cut at about this size; nil derives it from the memtables'.
    package var tableBytes: UInt64?
    /// Bytes of the first deeper level in use at most, before a larger store uses one more; nil derives it from the
    /// memtables'.
    package var levelBaseBytes: UInt64?
    /// Runs of level 0 that start a merge into the first deeper level, if nothing asks for one before (`ReadHints`).
    package var level0RunsMin = level0RunsMinDefault
    /// A third as many would cost three times as much to merge; more would cost writers little less, and reads more.
    static let level0RunsMinDefault = 12
    /// A manifest longer than this is replaced by one that begins with the whole state.
    package var manifestRollBytes = StoreOptions.manifestRollBytesDefault
    /// An extent file is sealed past this many bytes.
    package var extentFileBytes: UInt64 = 256 << 20
    /// Whether content is compressed with LZ4 where that saves at least an eighth.
    package var compression: Bool = true
    /// Mistakes made on purpose, to show that the tests find them. None in a release build, whatever this says.
    package var plantedBugs: PlantedBugs = []

    package init() {}

    /// Some thousand edits: reading them back takes milliseconds.
    static let manifestRollBytesDefault: UInt64 = 4 << 20
}

/// What follows from the options.
extension StoreOptions {
    /// Bytes of memtables, being written and waiting for flush together, above which commits wait.
    var memtableBytesTotalMax: Int { memtableBytesMax * 3 }
    /// Bytes above which the active memtables are frozen.
    var memtableBytesMax: Int { max(64 << 10, memtableBytes ?? max(1 << 20, memoryBudgetBytes / 6)) }
    /// Bytes for data blocks, filters and indexes: of the budget, memtables take half, a twelfth is left to buffers,
    /// and about as much to the program itself, so that a process with the default budget stays near it.
    var blockCacheBytesMax: Int { blockCacheBytes ?? memoryBudgetBytes * 3 / 10 }
    /// Bytes of commits that are written together, at most.
    var groupBytesAllowed: Int { min(groupBytesMax, commitBytesMax) }
    /// Log bytes that puts leave for deletes.
    var logRoomKeptForDeletes: UInt64 { min(1 << 20, segmentBytes / 16) }
    /// Bytes of one commit, at most: it is let in as soon as there is one fresh segment (`StoreCore.logBytesSetAside`),
    /// since of a second one nobody can be sure on a disk that is nearly full.
    var commitBytesAllowed: Int {
        let unused =
            UInt64(FileHeader.byteCount) + LogFrame.lengthMax(payload: groupBytesAllowed) + logRoomKeptForDeletes
        guard segmentBytes > unused else { return groupBytesAllowed }
        let frame = (segmentBytes - unused) / 2
        return max(groupBytesAllowed, min(commitBytesMax, Int(frame) - Int(LogFrame.lengthMax(payload: diskBlockSize))))
    }
    /// What the reserve holds beside what can be counted.
    static let reserveSlackBytes: UInt64 = 8 << 20
}

/// Mistakes that the crash tests must find: each leaves out one step of a protocol.
package struct PlantedBugs: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Bytes of a segment's earlier use are taken for new ones.
    package static let staleFramesAccepted = PlantedBugs(rawValue: 1)
    /// Segments are used again before the manifest has let them go.
    package static let earlyRecycling = PlantedBugs(rawValue: 2)
    /// File numbers start from the manifest's bound alone, whatever the directory and the log name.
    package static let numbersReused = PlantedBugs(rawValue: 4)
    /// Files are unlinked though a checkpoint names them.
    package static let checkpointsUnpinned = PlantedBugs(rawValue: 1 << 10)
    /// Transactions and updates are not checked against what was committed since they read.
    package static let readsNotValidated = PlantedBugs(rawValue: 8)
    /// The log moves on to the next segment without having synced the last.
    package static let segmentsNotSynced = PlantedBugs(rawValue: 16)
    /// Deletes are dropped though older entries lie in a deeper level.
    package static let deletesDropped = PlantedBugs(rawValue: 32)
    /// Readers see commits that are not on disk.
    package static let publishedEarly = PlantedBugs(rawValue: 64)
    /// Tables are written without the range deletes of what they are made of.
    package static let rangeDeletesLost = PlantedBugs(rawValue: 128)
}

extension StoreOptions {
    /// Whether a mistake is made; never in a release build.
    func makes(_ bug: PlantedBugs) -> Bool {
        #if DEBUG
        plantedBugs.contains(bug)
        #else
        false
        #endif
    }
}

/// The store's default for when a commit is acknowledged.
package enum Durability: Sendable, Hashable {
    /// After the log is on disk.
    case always
    /// After the log is written; synced at least every so many milliseconds.
    case every(milliseconds: Int)
    /// After the log is written; synced only when a segment ends or the store closes.
    case never
}

/// What one commit waits for.
package enum CommitMode: Sendable, Hashable {
    case storeDefault
    /// On disk before it is acknowledged.
    case synced
    /// In order, durable at the next `barrier()` or synced commit.
    case ordered
}
