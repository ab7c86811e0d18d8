internal import Synchronization

/// One compaction of one keyspace on its way: merges neighbouring runs into one, a slice at a time.
///
/// Unchecked: used under the maintenance turn only.
final class CompactionJob: @unchecked Sendable {
    let keyspace: Keyspace
    /// The runs that are merged, newest first.
    let inputs: [SortedRun]
    let merge: MergeIterator
    let output: TableOutput

    init(store: LogStore, keyspace: Keyspace, inputs: [SortedRun], isBottom: Bool) {
        self.keyspace = keyspace
        self.inputs = inputs
        merge = MergeIterator(sources: inputs.map { RunSource(run: $0, fillCache: false) })
        output = TableOutput(store: store)
        guard let newest = inputs.first else { preconditionFailure("a compaction has inputs") }
        output.begin(keyspace: keyspace, run: newest.id, isBottom: isBottom, separates: false)
    }
}

/// How near the disk is to being full.
enum SpaceState {
    case enough
    /// What deletes free is wanted at once.
    case nearlyShort
    /// So is what was overwritten.
    case short

    init(_ core: borrowing StoreCore) {
        self = core.isLowOnSpace ? .short : core.isNearlyLowOnSpace ? .nearlyShort : .enough
    }
}

/// Which runs to merge. Runs are merged with neighbours of about their size, so that an entry is rewritten a
/// logarithmic number of times and a read looks at a logarithmic number of runs; the whole keyspace is merged when what
/// is obsolete may be as much as what is not.
enum CompactionPolicy {
    /// Fewer runs than this are left alone: reading them is cheaper than merging them.
    static let runsMin = 4
    /// More runs than this are merged whatever their sizes.
    static let runsMax = 12
    /// A run joins when it is at most this many times as large as all newer ones together.
    private static let sizeRatio = 1.25

    /// How many of the newest runs to merge; nil: none. `runs` are newest first.
    static func choose(_ runs: [SortedRun], space: SpaceState) -> Int? {
        guard let oldest = runs.last else { return nil }
        let deletes = runs.reduce(0) { $0 + $1.deleteCount }
        let entries = runs.reduce(0) { $0 + $1.entryCount }
        if deletes * 2 > entries { return runs.count }
        switch space {
        case .enough: break
        case .nearlyShort: if deletes > 0 { return runs.count }
        case .short: if deletes > 0 || runs.count > 1 { return runs.count }
        }
        guard runs.count >= runsMin else { return nil }
        let newer = runs.dropLast().reduce(0) { $0 + $1.byteCount }
        if newer >= oldest.byteCount { return runs.count }
        var bytes = Double(runs[0].byteCount)
        var count = 1
        while count < runs.count, Double(runs[count].byteCount) <= bytes * sizeRatio {
            bytes += Double(runs[count].byteCount)
            count += 1
        }
        if count >= runsMin { return count }
        return runs.count > runsMax ? runsMin : nil
    }
}

extension LogStore {
    /// Entries that one step merges: some tens of milliseconds, after which a flush may go first.
    private static let entriesPerStep = 50_000

    /// Starts, continues or ends a compaction. False when none is due.
    func compactStep() throws(StoreError) -> Bool {
        guard let job = janitor.compaction ?? startCompaction() else { return false }
        janitor.compaction = job
        do {
            let until = job.output.entriesSeen + Self.entriesPerStep
            var hasMore = true
            while hasMore, job.output.entriesSeen < until { hasMore = try job.output.append(next: job.merge) }
            if !hasMore {
                try finish(job)
                janitor.compaction = nil
            }
        } catch {
            janitor.compaction = nil
            job.output.abandon()
            if case .damaged = error {
                // The inputs stay; reads of the damaged range say so, everything else goes on.
                janitor.markDamaged(job.keyspace)
                return true
            }
            throw error
        }
        return true
    }

    private func startCompaction() -> CompactionJob? {
        let (version, space) = core.withLock { ($0.version, SpaceState($0)) }
        for keyspace in Keyspace.allCases where !janitor.isDamaged(keyspace) {
            let runs = version.runs(keyspace)
            guard let count = CompactionPolicy.choose(runs, space: space) else { continue }
            return CompactionJob(
                store: self, keyspace: keyspace, inputs: Array(runs.prefix(count)), isBottom: count == runs.count)
        }
        return nil
    }

    private func finish(_ job: CompactionJob) throws(StoreError) {
        let (records, tables) = try job.output.finishKeyspace()
        try job.output.finishFiles()
        let old = job.inputs.flatMap(\.tables)
        var edit = ManifestEdit(old.map { .removeTable(file: $0.number) })
        edit.records += records.map { .addTable($0) }
        edit.records.append(countersRecord(lastSequence: 0))
        try manifest.append(edit, numbers: numbers)
        let inputs = Set(job.inputs.map(\.id))
        core.withLock { core in
            var runs = core.version.runs(job.keyspace)
            guard let place = runs.firstIndex(where: { inputs.contains($0.id) }) else {
                preconditionFailure("a compaction's inputs stay until it ends")
            }
            runs.removeAll { inputs.contains($0.id) }
            if !tables.isEmpty { runs.insert(SortedRun(id: job.inputs[0].id, tables: tables), at: place) }
            core.version = core.version.replacing(runs: [job.keyspace: runs])
        }
        for table in old { table.markObsolete() }
        counters.compactions.wrappingAdd(1, ordering: .relaxed)
        counters.compactedBytes.wrappingAdd(job.output.writtenBytes, ordering: .relaxed)
    }
}
