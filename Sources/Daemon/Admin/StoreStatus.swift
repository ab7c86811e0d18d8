internal import LogStore

/// The engine's numbers as JSON, for the admin API. The names are those of the metrics.
enum StoreStatus {
    static func json(_ store: LogStore) -> String {
        let numbers = store.statistics()
        var fields: [(String, String)] = [
            ("commits", String(numbers.commits)),
            ("log_writes", String(numbers.logWrites)),
            ("log_syncs", String(numbers.logSyncs)),
            ("log_bytes", String(numbers.logBytes)),
            ("flushes", String(numbers.flushes)),
            ("flushed_bytes", String(numbers.flushedBytes)),
            ("compactions", String(numbers.compactions)),
            ("compacted_bytes", String(numbers.compactedBytes)),
            ("unlinked_files", String(numbers.unlinkedFiles)),
            ("memtable_bytes", String(numbers.memtableBytes)),
            ("immutable_memtables", String(numbers.immutableMemtables)),
            ("tables", String(numbers.tables)),
            ("table_bytes", String(numbers.tableBytes)),
            ("sorted_runs", String(numbers.runs)),
            ("table_resident_bytes", String(numbers.tableResidentBytes)),
            ("referenced_extent_bytes", String(numbers.referencedExtentBytes)),
            ("block_cache_bytes", String(numbers.blockCacheBytes)),
            ("block_cache_hits", String(numbers.blockCacheHits)),
            ("block_cache_misses", String(numbers.blockCacheMisses)),
            ("free_log_segments", String(numbers.freeSegments)),
            ("retired_log_segments", String(numbers.retiredSegments)),
            ("published_sequence", String(numbers.publishedSequence)),
            ("snapshots", String(numbers.checkpoints)),
            ("snapshot_bytes", String(numbers.checkpointOnlyBytes)),
            ("committed_bytes", String(numbers.committedBytes)),
            ("write_amplification", String(numbers.writeAmplification)),
            ("block_cache_hit_rate", String(numbers.cacheHitRate)),
            ("extent_files", String(numbers.extentFiles)),
            ("extent_bytes", String(numbers.extentBytes)),
            ("dead_extent_bytes", String(numbers.deadExtentBytes)),
            ("cleanings", String(numbers.cleanings)),
            ("copied_extent_bytes", String(numbers.copiedExtentBytes)),
            ("dropped_tables", String(numbers.droppedTables)),
            ("moved_tables", String(numbers.movedTables)),
            ("pending_merge_bytes", String(numbers.pendingMergeBytes)),
            ("back_pressure", String(numbers.backPressure)),
            ("delayed_commits", String(numbers.delayedCommits)),
            ("damage_met", String(numbers.damageMet)),
            ("levels", "[\(numbers.levels.map(json).joined(separator: ","))]"),
            ("low_on_space", numbers.isLowOnSpace ? "true" : "false"),
        ]
        if let poison = numbers.poison { fields.append(("poison", JSONText.quoted(poison))) }
        return object(fields)
    }

    private static func json(_ level: LevelStatistics) -> String {
        object([
            ("level", String(level.level)), ("tables", String(level.tables)), ("bytes", String(level.bytes)),
            ("entries", String(level.entries)), ("deletes", String(level.deletes)), ("score", String(level.score)),
            ("read_bytes", String(level.readBytes)), ("written_bytes", String(level.writtenBytes)),
        ])
    }

    private static func object(_ fields: [(String, String)]) -> String {
        "{" + fields.map { "\(JSONText.quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }
}
