internal import Synchronization

/// The engine's numbers at one moment, for metrics and the admin API. Counters count from the opening of the store.
package struct StoreStatistics: Sendable {
    /// Commits acknowledged, frames written for them, syncs of the log, and bytes of those frames.
    package var commits = 0
    package var logWrites = 0
    package var logSyncs = 0
    package var logBytes = 0
    /// Memtable sets written to tables, and the bytes of tables and extents written for them.
    package var flushes = 0
    package var flushedBytes = 0
    package var compactions = 0
    package var compactedBytes = 0
    /// Tables that got another level without being rewritten.
    package var movedTables = 0
    /// Bytes of all commits, encoded, before the log's padding: what amplification is measured against. (Content
    /// written straight into extents is not among them.)
    package var committedBytes = 0
    package var unlinkedFiles = 0
    /// Tables that a range delete took out of the store without their being read, and range deletes that tables hold.
    package var droppedTables = 0
    package var tableRangeDeletes = 0
    /// Merges that only emptied dying extent files, and the bytes that these and others moved out of such.
    package var cleanings = 0
    package var copiedExtentBytes = 0
    /// Memory in memtables, being written and waiting for their flush.
    package var memtableBytes = 0
    package var immutableMemtables = 0
    package var tables = 0
    package var tableBytes = 0
    /// Sorted runs over all keyspaces: what a scan merges.
    package var runs = 0
    /// From level 0 to the last, over all keyspaces.
    package var levels: [LevelStatistics] = []
    /// Bytes that merges have to rewrite until every level has its size.
    package var pendingMergeBytes: UInt64 = 0
    /// From 0 (commits do not wait) to 1: how much the background's debt slows commits now.
    package var backPressure = 0.0
    /// Times that a commit waited for the background.
    package var delayedCommits = 0
    /// Memory that filters and indexes of open tables take.
    package var tableResidentBytes = 0
    /// Bytes in extent files that some table names. (Memtables may name more.)
    package var referencedExtentBytes = 0
    /// Extent files in use, what they take on the disk, and what of that no table names. (Memtables may name it; the
    /// files that they name count as wanted.)
    package var extentFiles = 0
    package var extentBytes = 0
    package var deadExtentBytes = 0
    package var blockCacheBytes = 0
    package var blockCacheHits = 0
    package var blockCacheMisses = 0
    /// Older states that snapshots hold, memory and disk that cannot be freed for them, and how many changes of the
    /// tables the oldest has outlived.
    package var snapshotStates = 0
    package var snapshotMemoryBytes = 0
    package var snapshotDiskBytes = 0
    package var snapshotAge = 0
    /// Older states that were given up because snapshots held too much.
    package var snapshotsGivenUp = 0
    package var checkpoints = 0
    /// Bytes that only checkpoints keep.
    package var checkpointOnlyBytes = 0
    package var freeSegments = 0
    package var retiredSegments = 0
    /// The newest commit that readers see.
    package var publishedSequence: UInt64 = 0
    package var isLowOnSpace = false
    /// Times that damage was met, on any file.
    package var damageMet = 0
    package var poison: String?

    /// Bytes written to log, tables and extents for each byte of commits since the opening; 0 without commits.
    package var writeAmplification: Double {
        guard committedBytes > 0 else { return 0 }
        return Double(logBytes + flushedBytes + compactedBytes) / Double(committedBytes)
    }

    /// The part of block reads that the cache answered, from 0 to 1; 0 without reads.
    package var cacheHitRate: Double {
        let reads = blockCacheHits + blockCacheMisses
        return reads > 0 ? Double(blockCacheHits) / Double(reads) : 0
    }
}

extension LogStore {
    /// Takes the store's numbers. Costs microseconds plus a walk over the tables.
    package func statistics() -> StoreStatistics {
        var numbers = StoreStatistics()
        let version = core.withLock { core -> StoreVersion in
            numbers.freeSegments = core.freeSegments.count
            numbers.retiredSegments = core.retiredSegments.count
            numbers.publishedSequence = core.published
            numbers.isLowOnSpace = core.isLowOnSpace
            numbers.poison = core.poison
            numbers.pendingMergeBytes = core.admission.debt.pendingBytes
            numbers.backPressure = core.admission.pressure
            numbers.delayedCommits = core.admission.delays
            numbers.memtableBytes = core.version.memtables.reduce(0) { $0 + $1.allocatedBytes }
            return core.version
        }
        numbers.levels = levelStatistics(of: version)
        let liveness = extentLiveness()
        numbers.extentFiles = liveness.files.count
        numbers.extentBytes = Int(liveness.byteCount)
        numbers.deadExtentBytes = Int(liveness.deadBytes)
        numbers.cleanings = counters.cleanings.load(ordering: .relaxed)
        numbers.copiedExtentBytes = counters.copiedExtentBytes.load(ordering: .relaxed)
        numbers.immutableMemtables = version.memtables.count - 1
        numbers.runs = Keyspace.allCases.reduce(0) { $0 + version.runs($1).count }
        for table in version.allTables {
            numbers.tables += 1
            numbers.tableBytes += Int(table.length)
            numbers.tableRangeDeletes += table.properties.rangeDeletes.count
            numbers.tableResidentBytes += table.residentBytes
            for reference in table.properties.extentReferences {
                numbers.referencedExtentBytes += Int(reference.storedBytes)
            }
        }
        let holdings = snapshotHoldings()
        numbers.snapshotStates = holdings.states
        numbers.snapshotMemoryBytes = holdings.memoryBytes
        numbers.snapshotDiskBytes = Int(holdings.diskBytes)
        numbers.snapshotAge = Int(holdings.oldestAge)
        numbers.snapshotsGivenUp = counters.snapshotsGivenUp.load(ordering: .relaxed)
        numbers.damageMet = damages.count
        (numbers.blockCacheBytes, numbers.blockCacheHits, numbers.blockCacheMisses) = cache.statistics
        let state = manifest.current
        numbers.checkpoints = state.checkpoints.all.count
        numbers.checkpointOnlyBytes = Int(state.bytesHeldByCheckpoints)
        numbers.commits = counters.commits.load(ordering: .relaxed)
        numbers.logWrites = counters.logWrites.load(ordering: .relaxed)
        numbers.logSyncs = counters.logSyncs.load(ordering: .relaxed)
        numbers.logBytes = counters.logBytes.load(ordering: .relaxed)
        numbers.flushes = counters.flushes.load(ordering: .relaxed)
        numbers.flushedBytes = counters.flushedBytes.load(ordering: .relaxed)
        numbers.compactions = counters.compactions.load(ordering: .relaxed)
        numbers.compactedBytes = counters.compactedBytes.load(ordering: .relaxed)
        numbers.movedTables = counters.movedTables.load(ordering: .relaxed)
        numbers.committedBytes = counters.committedBytes.load(ordering: .relaxed)
        numbers.unlinkedFiles = counters.unlinkedFiles.load(ordering: .relaxed)
        numbers.droppedTables = counters.droppedTables.load(ordering: .relaxed)
        return numbers
    }
}
