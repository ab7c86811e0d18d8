/// Every metric there is: its name, kind, labels and meaning. The text of `/_varve/metrics` and the list in
/// `docs/operations.md` come from here.
package enum Metric: String, CaseIterable, Sendable {
    case buildInformation = "varve_build_info"
    case httpRequests = "varve_http_requests_total"
    case httpDuration = "varve_http_request_duration_seconds"
    case httpRequestBytes = "varve_http_request_bytes_total"
    case httpResponseBytes = "varve_http_response_bytes_total"
    case httpConnections = "varve_http_connections"
    case httpRoomBytes = "varve_http_room_bytes"
    case httpRoomWaiting = "varve_http_room_waiting"
    case storeCommits = "varve_store_commits_total"
    case storeLogWrites = "varve_store_log_writes_total"
    case storeLogSyncs = "varve_store_log_syncs_total"
    case storeLogBytes = "varve_store_log_bytes_total"
    case storeFlushes = "varve_store_flushes_total"
    case storeFlushedBytes = "varve_store_flushed_bytes_total"
    case storeCompactions = "varve_store_compactions_total"
    case storeCompactedBytes = "varve_store_compacted_bytes_total"
    case storeUnlinkedFiles = "varve_store_unlinked_files_total"
    case storeMemtableBytes = "varve_store_memtable_bytes"
    case storeImmutableMemtables = "varve_store_immutable_memtables"
    case storeTables = "varve_store_tables"
    case storeTableBytes = "varve_store_table_bytes"
    case storeRuns = "varve_store_sorted_runs"
    case storeReaderStates = "varve_store_reader_states"
    case storeReaderAge = "varve_store_reader_age_changes"
    case storeReaderMemoryBytes = "varve_store_reader_memory_bytes"
    case storeReaderDiskBytes = "varve_store_reader_disk_bytes"
    case storeReadersGivenUp = "varve_store_readers_given_up_total"
    case storeTableResidentBytes = "varve_store_table_resident_bytes"
    case storeExtentBytes = "varve_store_referenced_extent_bytes"
    case storeCacheBytes = "varve_store_block_cache_bytes"
    case storeCacheHits = "varve_store_block_cache_hits_total"
    case storeCacheMisses = "varve_store_block_cache_misses_total"
    case storeFreeSegments = "varve_store_free_log_segments"
    case storeRetiredSegments = "varve_store_retired_log_segments"
    case storeSequence = "varve_store_published_sequence"
    case storeSnapshots = "varve_store_snapshots"
    case storeSnapshotBytes = "varve_store_snapshot_bytes"
    case storeLowOnSpace = "varve_store_low_on_space"
    case storePoisoned = "varve_store_poisoned"
    case storeCommittedBytes = "varve_store_committed_bytes_total"
    case storeWriteAmplification = "varve_store_write_amplification"
    case storeCacheHitRate = "varve_store_block_cache_hit_rate"
    case storeExtentFiles = "varve_store_extent_files"
    case storeExtentFileBytes = "varve_store_extent_bytes"
    case storeDeadExtentBytes = "varve_store_dead_extent_bytes"
    case storeCleanings = "varve_store_cleanings_total"
    case storeCopiedExtentBytes = "varve_store_copied_extent_bytes_total"
    case storeDroppedTables = "varve_store_dropped_tables_total"
    case storeMovedTables = "varve_store_moved_tables_total"
    case storePendingMergeBytes = "varve_store_pending_merge_bytes"
    case storeBackPressure = "varve_store_back_pressure"
    case storeDelayedCommits = "varve_store_delayed_commits_total"
    case storeLevelTables = "varve_store_level_tables"
    case storeLevelBytes = "varve_store_level_bytes"
    case storeLevelEntries = "varve_store_level_entries"
    case storeLevelDeletes = "varve_store_level_deletes"
    case storeLevelScore = "varve_store_level_score"
    case storeLevelReadBytes = "varve_store_level_read_bytes_total"
    case storeLevelWrittenBytes = "varve_store_level_written_bytes_total"
    case storeDamageMet = "varve_store_damage_met_total"
    case labTime = "varve_lab_time_seconds"
    case labClock = "varve_lab_clock_speed"
    case dueDone = "varve_due_done_total"
    case dueFailing = "varve_due_failing"
    case offloadWaiting = "varve_offload_waiting"
    case offloadFinished = "varve_offload_finished_total"
    case logLinesDropped = "varve_log_lines_dropped_total"
    case processResidentBytes = "process_resident_memory_bytes"
    case processSeconds = "process_cpu_seconds_total"
    case processOpenFiles = "process_open_fds"
    case processOpenFilesMax = "process_max_fds"
    case processThreads = "process_threads"
    case processStart = "process_start_time_seconds"

    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package struct Declaration: Sendable {
        package var kind: Kind
        package var labels: [String] = []
        package var help: String
    }

    package var declaration: Declaration {
        switch self {
        case .buildInformation:
            Declaration(kind: .gauge, labels: ["version"], help: "Always 1; the label says which version runs.")
        case .httpRequests:
            Declaration(
                kind: .counter, labels: ["service", "operation", "code"],
                help: "Requests answered, by service, operation and class of status.")
        case .httpDuration:
            Declaration(
                kind: .histogram, labels: ["service", "operation"],
                help: "Seconds from the head of a request to the end of its answer.")
        case .httpRequestBytes:
            Declaration(kind: .counter, labels: ["service"], help: "Bytes of request bodies read.")
        case .httpResponseBytes:
            Declaration(kind: .counter, labels: ["service"], help: "Bytes of response bodies written.")
        case .httpConnections: Declaration(kind: .gauge, help: "Connections open now.")
        case .httpRoomBytes:
            Declaration(
                kind: .gauge, labels: ["use"], help: "Memory taken by what is held whole: bodies, and long answers.")
        case .httpRoomWaiting:
            Declaration(kind: .gauge, labels: ["use"], help: "Requests that wait for such memory.")
        case .labTime: Declaration(kind: .gauge, help: "Lab time, in seconds since 1970.")
        case .labClock:
            Declaration(
                kind: .gauge, labels: ["mode"],
                help: "Lab time for each unit of the machine's, 0 when frozen; the mode is real, running or frozen.")
        case .dueDone: Declaration(kind: .counter, help: "Things done because they were due on the lab clock.")
        case .dueFailing: Declaration(kind: .gauge, help: "Things that are due, fail and are tried again.")
        case .offloadWaiting: Declaration(kind: .gauge, help: "Pieces of blocking work that wait for a thread.")
        case .offloadFinished: Declaration(kind: .counter, help: "Pieces of blocking work done.")
        case .logLinesDropped:
            Declaration(kind: .counter, help: "Log lines lost because their reader was too slow or a write failed.")
        case .processResidentBytes: Declaration(kind: .gauge, help: "Resident memory in bytes.")
        case .processSeconds: Declaration(kind: .counter, help: "Seconds of processor time, user and system.")
        case .processOpenFiles: Declaration(kind: .gauge, help: "Open file descriptors.")
        case .processOpenFilesMax: Declaration(kind: .gauge, help: "The limit of open file descriptors.")
        case .processThreads: Declaration(kind: .gauge, help: "Threads.")
        case .processStart: Declaration(kind: .gauge, help: "When the process started, in seconds since 1970.")
        default: storeDeclaration
        }
    }
}
