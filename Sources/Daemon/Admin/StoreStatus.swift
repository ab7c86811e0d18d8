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
            ("low_on_space", numbers.isLowOnSpace ? "true" : "false"),
        ]
        if let poison = numbers.poison { fields.append(("poison", JSONText.quoted(poison))) }
        return "{" + fields.map { "\(JSONText.quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }
}
