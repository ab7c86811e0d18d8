internal import Synchronization

/// Compaction's steps: under the maintenance turn.
extension LogStore {
    /// Bytes that one step merges: some tens of milliseconds, after which a flush may go first.
    private static let bytesPerStep = 4 << 20

    /// Starts, continues or ends a merge. False when none is due.
    func compactStep() throws(StoreError) -> Bool {
        let job: CompactionJob
        if let running = janitor.compaction {
            job = running
        } else {
            if let (keyspace, plan, version) = choosePlan() {
                let runs = version.runs(keyspace)
                if plan.isMove {
                    try move(keyspace, plan, CompactionJob.inputs(of: plan, in: runs))
                    return true
                }
                job = CompactionJob(
                    store: self, keyspace: keyspace, plan: plan, version: version,
                    copier: copierForMerge(of: plan, runs))
            } else {
                guard let cleaning = cleaningJob() else { return false }
                job = cleaning
            }
            janitor.compaction = job
        }
        do {
            let until = job.output.bytesSeen + Self.bytesPerStep
            var hasMore = true
            while hasMore, job.output.bytesSeen < until {
                let before = job.output.bytesSeen
                let piece = min(until, before + Self.progressBytes)
                while hasMore, job.output.bytesSeen < piece { hasMore = try job.output.append(next: job.merge) }
                noteProgress(job.output.bytesSeen - before)
            }
            if !hasMore {
                try finish(job)
                janitor.compaction = nil
            }
        } catch {
            janitor.compaction = nil
            job.output.abandon()
            if case .damaged = error {
                // The inputs stay; reads of the damaged range say so, everything else goes on.
                Self.markUnfit(job.inputs, error)
                return true
            }
            throw error
        }
        return true
    }

    /// The most urgent merge over all keyspaces.
    private func choosePlan() -> (Keyspace, CompactionPlan, StoreVersion)? {
        let (version, space) = core.withLock { ($0.version, SpaceState($0)) }
        let isQuiet = isQuiet
        if janitor.isSettled(version, space, isQuiet: isQuiet), hints.isEmpty { return nil }
        var policy = CompactionPolicy(settings: options.compactionSettings, space: space, isQuiet: isQuiet)
        var waitsForQuiet = false
        var best: (keyspace: Keyspace, plan: CompactionPlan, score: Double)?
        for keyspace in Keyspace.allCases {
            let runs = version.runs(keyspace)
            policy.scansPassDeletes = hints.hasPassedDeletes(keyspace)
            policy.readsPayForLevel0 = hints.wantsLevel0Merged(keyspace)
            guard !runs.isEmpty, let (plan, score) = policy.choose(TreeShape(runs)) else {
                forgetHints(keyspace, version)
                policy.isQuiet = true
                waitsForQuiet = waitsForQuiet || (!isQuiet && policy.choose(TreeShape(runs)) != nil)
                policy.isQuiet = isQuiet
                continue
            }
            if score > best?.score ?? 0 { best = (keyspace, plan, score) }
        }
        guard let best else {
            janitor.noteSettled(version, space, isQuiet: isQuiet, waitsForQuiet: waitsForQuiet)
            return nil
        }
        if best.plan.reason == .level0 || best.plan.reason == .level0Runs { hints.forgetLooks(best.keyspace) }
        return (best.keyspace, best.plan, version)
    }

    /// There is no merge for what readers have left word of. Deletes in memory may still call for one.
    private func forgetHints(_ keyspace: Keyspace, _ version: StoreVersion) {
        if hints.wantsLevel0Merged(keyspace) { hints.forgetLooks(keyspace) }
        guard hints.hasPassedDeletes(keyspace) else { return }
        let isInMemory = version.memtables.contains {
            $0.memtable(keyspace).deleteCount >= Int(CompactionPolicy.denseDeletesMin)
        }
        if !isInMemory { hints.forgetPassedDeletes(keyspace) }
    }

    private func finish(_ job: CompactionJob) throws(StoreError) {
        let (records, tables) = try job.output.finishKeyspace()
        try job.output.finishFiles()
        let old = job.inputs.flatMap(\.tables) + spentTables(job, tables)
        try install(job.keyspace, removing: old, adding: records, tables, at: job.plan)
        for table in old { table.markObsolete() }
        boundSnapshots()
        counters.compactions.wrappingAdd(1, ordering: .relaxed)
        counters.compactedBytes.wrappingAdd(job.output.writtenBytes, ordering: .relaxed)
        noteCleaning(of: job)
        counters.noteCompaction(
            read: job.readBytes, written: job.output.writtenBytes, toLevel: job.plan.outputLevel)
    }

    /// Takes the table that a merge could not read out of further merges; all of them when the damage names none.
    private static func markUnfit(_ inputs: [SortedRun], _ error: StoreError) {
        guard case .damaged(let file, _, _) = error else { return }
        let tables = inputs.flatMap(\.tables)
        let named = tables.filter { $0.name == file }
        for table in named.isEmpty ? tables : named { table.markUnfit() }
    }

    /// Tables of range deletes alone under which the merge has left nothing.
    private func spentTables(_ job: CompactionJob, _ output: [Table]) -> [Table] {
        let runs = core.withLock { $0.version.runs(job.keyspace) }
        let inputs = Set(job.inputs.flatMap(\.tables).map(\.number))
        let left = runs.flatMap(\.tables).filter { !inputs.contains($0.number) }
        return RangeDeleteScope(tables: left + output).spent.filter { table in !output.contains { $0 === table } }
    }

    /// Gives tables another level without touching their files.
    private func move(
        _ keyspace: Keyspace, _ plan: CompactionPlan, _ inputs: [SortedRun]
    ) throws(StoreError) {
        let tables = inputs.flatMap(\.tables)
        let records = tables.map { table in
            ManifestEdit.TableRecord(
                keyspace: keyspace, level: UInt8(plan.outputLevel), run: plan.outputRun, file: table.number,
                length: table.length, properties: table.properties)
        }
        try install(keyspace, removing: tables, adding: records, tables, at: plan)
        counters.movedTables.wrappingAdd(tables.count, ordering: .relaxed)
    }

    /// Puts tables in the place of others: in the manifest, then for readers.
    private func install(
        _ keyspace: Keyspace, removing old: [Table], adding records: [ManifestEdit.TableRecord], _ tables: [Table],
        at plan: CompactionPlan
    ) throws(StoreError) {
        var edit = ManifestEdit(old.map { .removeTable(file: $0.number) })
        edit.records += records.map { .addTable($0) }
        edit.records.append(countersRecord(lastSequence: 0))
        try manifest.append(edit, numbers: numbers)
        let removed = Set(old.map(\.number))
        core.withLock { core in
            let held = zip(records, tables).filter { plan.outputLevel > 0 && $0.0.level == 0 }.map(\.1)
            let sunk = tables.filter { table in !held.contains { $0 === table } }
            var runs = core.version.runs(keyspace)
                .replacing(removed, with: sunk, level: plan.outputLevel, run: plan.outputRun)
            if !held.isEmpty { runs = runs.replacing([], with: held, level: 0, run: plan.heldRun) }
            core.version = core.version.replacing(runs: [keyspace: runs])
            noteMergeDebt(keyspace, in: &core)
        }
    }
}
