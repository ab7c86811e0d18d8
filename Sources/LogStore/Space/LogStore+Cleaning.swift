internal import Synchronization

/// Emptying extent files that are mostly dead. It rides on merges, and seeks tables to rewrite when they do not come.
///
/// A job is a merge like any other: new files are written and synced, then one edit of the manifest puts the rewritten
/// table in the old one's place. The emptied file goes when nothing names it any more.
extension LogStore {
    /// What is wanted of the extent files now. Costs a walk over the tables' properties.
    func extentLiveness() -> ExtentLiveness {
        let (version, held) = core.withLock { core in
            (core.version, core.version.memtables.flatMap { Array($0.heldFiles) })
        }
        // What a damaged table names stays: it is not rewritten.
        var pinned = janitor.damagedExtents.union(pins.extentNumbers)
        for table in version.allTables where table.isUnfit {
            for reference in table.properties.extentReferences { pinned.insert(reference.file) }
        }
        return ExtentLiveness(version, registry, inMemtables: Set(held), pinned: pinned)
    }

    private func cleaningPolicy() -> CleaningPolicy {
        var policy = CleaningPolicy(fileBytes: options.extentFileBytes)
        policy.space = core.withLock { SpaceState($0) }
        if policy.space != .enough { policy.freeBytes = reserve.freeBytes }
        return policy
    }

    /// What a merge moves on its way: as much as it writes anyway, since it may be urgent.
    func copierForMerge(of plan: CompactionPlan, _ runs: [SortedRun]) -> RunCopier? {
        let inputs = CompactionJob.inputs(of: plan, in: runs)
        // With nothing of a size in extents there is nothing to ask.
        guard inputs.contains(where: { $0.tables.contains { !$0.properties.extentReferences.isEmpty } }) else {
            return nil
        }
        let policy = cleaningPolicy()
        let sources = policy.sources(extentLiveness(), isIdle: false)
        if sources.isEmpty { return nil }
        let bytes = inputs.reduce(0) { $0 + $1.byteCount }
        return RunCopier(
            sources: sources, budgetBytes: min(policy.budgetBytes, max(bytes, options.extentFileBytes / 16)),
            registry: registry)
    }

    /// The job that empties most; nil when no cleaning is due.
    func cleaningJob() -> CompactionJob? {
        let isIdle = isIdle
        let version = core.withLock { $0.version }
        let policy = cleaningPolicy()
        let conditions = CleaningConditions(isIdle: isIdle, space: policy.space)
        if janitor.isClean(version, conditions) { return nil }
        var liveness = extentLiveness()
        if sealDyingFiles(liveness, policy, isIdle: isIdle) { liveness = extentLiveness() }
        let sources = policy.sources(liveness, isIdle: isIdle)
        let tables = version.allTables.filter { !$0.isUnfit }
        guard !sources.isEmpty, let table = policy.choose(tables, sources: sources) else {
            janitor.noteClean(
                version, conditions, waitsForIdle: !isIdle && policy.isDue(liveness, isIdle: true))
            return nil
        }
        let runs = version.runs(table.keyspace)
        guard let run = runs.first(where: { $0.tables.contains { $0 === table } }) else {
            preconditionFailure("a table of a version lies in one of its runs")
        }
        let plan = CompactionPlan(
            reason: .cleaning, sources: [[table.number]], outputLevel: run.level, outputRun: run.id)
        return CompactionJob(
            store: self, keyspace: table.keyspace, plan: plan, version: version,
            copier: RunCopier(sources: sources, budgetBytes: policy.budgetBytes, registry: registry))
    }

    /// A file that rests for its next writer is never cleaned, and does not die.
    private func sealDyingFiles(_ liveness: ExtentLiveness, _ policy: CleaningPolicy, isIdle: Bool) -> Bool {
        var referenced: [UInt64: UInt64] = [:]
        for file in liveness.files where file.isOpen && !file.isInMemtables {
            referenced[file.number] = file.referencedBytes
        }
        return pool.seal { appender in
            guard let bytes = referenced[appender.file.number] else { return false }
            return policy.shouldSeal(writtenBytes: appender.end, referencedBytes: bytes, isIdle: isIdle)
        }
    }

    /// Counts what a finished merge has moved, and what it could not.
    func noteCleaning(of job: CompactionJob) {
        guard let copier = job.copier else { return }
        if job.plan.reason == .cleaning { counters.cleanings.wrappingAdd(1, ordering: .relaxed) }
        counters.copiedExtentBytes.wrappingAdd(Int(copier.copiedBytes), ordering: .relaxed)
        if !copier.damagedFiles.isEmpty { janitor.noteDamagedExtents(copier.damagedFiles) }
    }
}
