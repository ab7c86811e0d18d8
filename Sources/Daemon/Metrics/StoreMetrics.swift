package import LogStore

/// The engine's numbers.
package struct StoreMetrics: MetricSource {
    private let store: LogStore

    package init(store: LogStore) { self.store = store }

    package func collect(into samples: inout MetricSamples) {
        let numbers = store.statistics()
        samples.add(.storeCommits, Double(numbers.commits))
        samples.add(.storeLogWrites, Double(numbers.logWrites))
        samples.add(.storeLogSyncs, Double(numbers.logSyncs))
        samples.add(.storeLogBytes, Double(numbers.logBytes))
        samples.add(.storeFlushes, Double(numbers.flushes))
        samples.add(.storeFlushedBytes, Double(numbers.flushedBytes))
        samples.add(.storeCompactions, Double(numbers.compactions))
        samples.add(.storeCompactedBytes, Double(numbers.compactedBytes))
        samples.add(.storeUnlinkedFiles, Double(numbers.unlinkedFiles))
        samples.add(.storeMemtableBytes, Double(numbers.memtableBytes))
        samples.add(.storeImmutableMemtables, Double(numbers.immutableMemtables))
        samples.add(.storeTables, Double(numbers.tables))
        samples.add(.storeTableBytes, Double(numbers.tableBytes))
        samples.add(.storeRuns, Double(numbers.runs))
        samples.add(.storeReaderStates, Double(numbers.snapshotStates))
        samples.add(.storeReaderAge, Double(numbers.snapshotAge))
        samples.add(.storeReaderMemoryBytes, Double(numbers.snapshotMemoryBytes))
        samples.add(.storeReaderDiskBytes, Double(numbers.snapshotDiskBytes))
        samples.add(.storeReadersGivenUp, Double(numbers.snapshotsGivenUp))
        samples.add(.storeTableResidentBytes, Double(numbers.tableResidentBytes))
        samples.add(.storeExtentBytes, Double(numbers.referencedExtentBytes))
        samples.add(.storeCacheBytes, Double(numbers.blockCacheBytes))
        samples.add(.storeCacheHits, Double(numbers.blockCacheHits))
        samples.add(.storeCacheMisses, Double(numbers.blockCacheMisses))
        samples.add(.storeFreeSegments, Double(numbers.freeSegments))
        samples.add(.storeRetiredSegments, Double(numbers.retiredSegments))
        samples.add(.storeSequence, Double(numbers.publishedSequence))
        samples.add(.storeSnapshots, Double(numbers.checkpoints))
        samples.add(.storeSnapshotBytes, Double(numbers.checkpointOnlyBytes))
        samples.add(.storeLowOnSpace, numbers.isLowOnSpace ? 1 : 0)
        samples.add(.storePoisoned, numbers.poison == nil ? 0 : 1)
        samples.add(.storeCommittedBytes, Double(numbers.committedBytes))
        samples.add(.storeWriteAmplification, numbers.writeAmplification)
        samples.add(.storeCacheHitRate, numbers.cacheHitRate)
        samples.add(.storeExtentFiles, Double(numbers.extentFiles))
        samples.add(.storeExtentFileBytes, Double(numbers.extentBytes))
        samples.add(.storeDeadExtentBytes, Double(numbers.deadExtentBytes))
        samples.add(.storeCleanings, Double(numbers.cleanings))
        samples.add(.storeCopiedExtentBytes, Double(numbers.copiedExtentBytes))
        samples.add(.storeDroppedTables, Double(numbers.droppedTables))
        samples.add(.storeMovedTables, Double(numbers.movedTables))
        samples.add(.storePendingMergeBytes, Double(numbers.pendingMergeBytes))
        samples.add(.storeBackPressure, numbers.backPressure)
        samples.add(.storeDelayedCommits, Double(numbers.delayedCommits))
        samples.add(.storeDamageMet, Double(numbers.damageMet))
        for level in numbers.levels { Self.add(level, to: &samples) }
    }

    private static func add(_ level: LevelStatistics, to samples: inout MetricSamples) {
        let labels = [String(level.level)]
        samples.add(.storeLevelTables, labels: labels, Double(level.tables))
        samples.add(.storeLevelBytes, labels: labels, Double(level.bytes))
        samples.add(.storeLevelEntries, labels: labels, Double(level.entries))
        samples.add(.storeLevelDeletes, labels: labels, Double(level.deletes))
        samples.add(.storeLevelScore, labels: labels, level.score)
        samples.add(.storeLevelReadBytes, labels: labels, Double(level.readBytes))
        samples.add(.storeLevelWrittenBytes, labels: labels, Double(level.writtenBytes))
    }
}
