extension Metric {
    /// The declarations of the engine's numbers.
    var storeDeclaration: Declaration {
        switch self {
        case .storeCommits: Declaration(kind: .counter, help: "Commits acknowledged since the start.")
        case .storeLogWrites: Declaration(kind: .counter, help: "Frames written to the commit log.")
        case .storeLogSyncs: Declaration(kind: .counter, help: "Syncs of the commit log.")
        case .storeLogBytes: Declaration(kind: .counter, help: "Bytes of frames written to the commit log.")
        case .storeFlushes: Declaration(kind: .counter, help: "Memtable sets written to tables.")
        case .storeFlushedBytes: Declaration(kind: .counter, help: "Bytes of tables and extents written by flushes.")
        case .storeCompactions: Declaration(kind: .counter, help: "Compactions done.")
        case .storeCompactedBytes: Declaration(kind: .counter, help: "Bytes of tables written by compactions.")
        case .storeUnlinkedFiles: Declaration(kind: .counter, help: "Files removed because nothing refers to them.")
        case .storeMemtableBytes: Declaration(kind: .gauge, help: "Memory in memtables.")
        case .storeImmutableMemtables: Declaration(kind: .gauge, help: "Memtables that wait for their flush.")
        case .storeTables: Declaration(kind: .gauge, help: "Sorted tables.")
        case .storeTableBytes: Declaration(kind: .gauge, help: "Bytes of sorted tables on disk.")
        case .storeRuns: Declaration(kind: .gauge, help: "Sorted runs over all keyspaces: what a scan merges.")
        case .storeReaderStates: Declaration(kind: .gauge, help: "Older states of the store that readers hold.")
        case .storeReaderAge:
            Declaration(kind: .gauge, help: "Flushes and merges since the oldest state that readers hold.")
        case .storeReaderMemoryBytes: Declaration(kind: .gauge, help: "Flushed memtables that readers hold.")
        case .storeReaderDiskBytes: Declaration(kind: .gauge, help: "Bytes of replaced files that readers hold.")
        case .storeReadersGivenUp:
            Declaration(kind: .counter, help: "Older states taken from readers because they held too much.")
        case .storeTableResidentBytes: Declaration(kind: .gauge, help: "Memory in filters and indexes of open tables.")
        case .storeExtentBytes: Declaration(kind: .gauge, help: "Bytes in extent files that tables name.")
        case .storeCacheBytes: Declaration(kind: .gauge, help: "Memory in the block cache.")
        case .storeCacheHits: Declaration(kind: .counter, help: "Blocks found in the cache.")
        case .storeCacheMisses: Declaration(kind: .counter, help: "Blocks read from disk.")
        case .storeFreeSegments: Declaration(kind: .gauge, help: "Log segments that wait to be used.")
        case .storeRetiredSegments:
            Declaration(kind: .gauge, help: "Log segments that wait for a flush before they can be used again.")
        case .storeSequence: Declaration(kind: .gauge, help: "The newest commit that readers see.")
        case .storeSnapshots: Declaration(kind: .gauge, help: "Snapshots of the whole store.")
        case .storeSnapshotBytes:
            Declaration(kind: .gauge, help: "Bytes that only snapshots hold: the store itself needs them no longer.")
        case .storeLowOnSpace: Declaration(kind: .gauge, help: "1 while writes are refused because the disk is full.")
        case .storePoisoned:
            Declaration(kind: .gauge, help: "1 after a failed write or sync: only reads go on until a restart.")
        case .storeCommittedBytes:
            Declaration(kind: .counter, help: "Bytes of commits as encoded, without content written into extents.")
        case .storeWriteAmplification:
            Declaration(
                kind: .gauge,
                help: "Bytes written to log, tables and extents for each committed byte.")
        case .storeCacheHitRate:
            Declaration(kind: .gauge, help: "The part of block reads that the cache answered since the start, 0 to 1.")
        case .storeExtentFiles: Declaration(kind: .gauge, help: "Extent files.")
        case .storeExtentFileBytes: Declaration(kind: .gauge, help: "Bytes that extent files take on the disk.")
        case .storeDeadExtentBytes:
            Declaration(kind: .gauge, help: "Bytes of extent files that nothing names and cleaning may free.")
        case .storeCleanings: Declaration(kind: .counter, help: "Merges done only to empty dying extent files.")
        case .storeCopiedExtentBytes:
            Declaration(kind: .counter, help: "Bytes that merges have moved out of dying extent files.")
        case .storeDroppedTables:
            Declaration(kind: .counter, help: "Tables dropped unread because range deletes covered them.")
        case .storeMovedTables:
            Declaration(kind: .counter, help: "Tables that went a level down without being rewritten.")
        case .storePendingMergeBytes:
            Declaration(kind: .gauge, help: "Bytes that merges have to rewrite until every level has its size.")
        case .storeBackPressure:
            Declaration(kind: .gauge, help: "How much the background slows commits now, from 0 to 1.")
        case .storeDelayedCommits: Declaration(kind: .counter, help: "Times that a commit waited for the background.")
        case .storeDamageMet: Declaration(kind: .counter, help: "Times that damage was met on disk.")
        default: levelDeclaration
        }
    }

    private var levelDeclaration: Declaration {
        switch self {
        case .storeLevelTables: Declaration(kind: .gauge, labels: ["level"], help: "Tables of a level.")
        case .storeLevelBytes: Declaration(kind: .gauge, labels: ["level"], help: "Bytes of a level's tables.")
        case .storeLevelEntries: Declaration(kind: .gauge, labels: ["level"], help: "Entries of a level.")
        case .storeLevelDeletes:
            Declaration(kind: .gauge, labels: ["level"], help: "Entries of a level that are deletes.")
        case .storeLevelScore:
            Declaration(kind: .gauge, labels: ["level"], help: "How urgent a merge out of a level is: due above 1.")
        case .storeLevelReadBytes:
            Declaration(kind: .counter, labels: ["level"], help: "Bytes that merges have read from a level.")
        case .storeLevelWrittenBytes:
            Declaration(kind: .counter, labels: ["level"], help: "Bytes that merges have written to a level.")
        default: preconditionFailure("\(rawValue) is not declared")
        }
    }
}
