internal import Bytes
internal import Disk
internal import Synchronization

/// Maintenance: laying out segments, flushing, compacting, unlinking. One step at a time, whoever drives.
extension LogStore {
    /// Segments kept laid out ahead of the writer.
    private static let freeSegmentsTarget = 2
    /// Free segments beyond this are given back to the file system.
    private static let freeSegmentsMax = 4

    /// Does one piece of flush, compaction, log preparation or unlinking. False when there is nothing to do, or
    /// somebody else is at it.
    package func runBackgroundStep() -> Bool {
        guard core.withLock({ $0.poison == nil && !$0.isClosed }), janitor.takeTurn() else { return false }
        defer { janitor.endTurn() }
        core.withLock { $0.admission.noteBackgroundStep() }
        do {
            let didSomething = try doFirstChore()
            if !didSomething { rest() }
            // Who waits for room has to be told that none will come.
            if janitor.noteStep(didSomething: didSomething) { wakeWaiters() }
            return didSomething
        } catch {
            poison("maintenance failed: \(error)")
            return false
        }
    }

    private func doFirstChore() throws(StoreError) -> Bool {
        // Removing first: what it gives back is what the others may be waiting for.
        if try removeStep() { return true }
        if try dropCheckpoint() { return true }
        if try unlessFull(.layOut, { () throws(StoreError) in try layOutSegment() }) { return true }
        if try unlessFull(.flush, { () throws(StoreError) in try flushOldestSet() }) { return true }
        if try unlessFull(.compact, { () throws(StoreError) in try compactStep() }) { return true }
        if makeSpace() || freezeForDeletes() { return true }
        return try doDeferredChore()
    }

    /// What can wait for a quiet moment.
    private func doDeferredChore() throws(StoreError) -> Bool {
        if try cutStep() { return true }
        if try cutTail() { return true }
        if isIdle, pool.trimSurplus() || memtableMemory.trimSpares() { return true }
        // In an idle store nothing of this is left by now.
        let waitsForIdle =
            !isIdle
            && (hasLargeRemovals || pool.hasSurplus || memtableMemory.hasSpares || janitor.waitsForIdle
                || hasDeletesToSettle)
        if waitsForIdle || (janitor.mergeWaitsForQuiet && !isQuiet) { driver.backgroundMayPause() }
        return false
    }

    /// Runs a chore. A full disk is no failure: another chore may still bring space back, and until more is free than
    /// now this one rests.
    private func unlessFull(
        _ chore: Janitor.Chore, _ run: () throws(StoreError) -> Bool
    ) throws(StoreError) -> Bool {
        guard janitor.mayTry(chore, free: reserve.freeBytes) else {
            // Who asks for a checkpoint is told, and not kept waiting until somebody deletes something.
            if chore == .flush { failFlushOrders(.noSpace) }
            return false
        }
        do throws(StoreError) { return try run() } catch {
            guard error == .noSpace else { throw error }
        }
        noteFullDisk()
        // What it had begun to write is gone before the free space is looked at.
        while try removeStep() {}
        while try cutStep() { noteFullDisk() }
        janitor.block(chore, free: reserve.freeBytes)
        noteFullDisk()
        return false
    }

    private func noteFullDisk() {
        core.withLock { core in
            core.isLowOnSpace = true
            core.isNearlyLowOnSpace = true
        }
    }

    /// After this, only reads go on.
    func poison(_ reason: String) {
        let (waiters, abandoned) = core.withLock { core -> ([RoomWaiter], [GroupOutcome]) in
            core.poison = core.poison ?? reason
            // The committer owns the group it is writing, and gives it its outcome itself.
            return (core.takeWaiters(), core.abandonWaitingGroups())
        }
        for group in abandoned { group.complete(.unknownOutcome(reason: reason)) }
        failCheckpointOrders(.unknownOutcome(reason: reason))
        for waiter in waiters { waiter.resume() }
    }

    // MARK: The log's segments

    private func layOutSegment() throws(StoreError) -> Bool {
        let count = core.withLock { $0.freeSegments.count }
        guard count < Self.freeSegmentsTarget else { return false }
        // The reserve is for flushes and compactions: a second spare segment must not eat it.
        if count > 0, !noteFreeSpace() || !reserve.leaves(options.segmentBytes) { return false }
        let segment = try LogSegment.layOut(
            disk: disk, storeID: storeID, fileNumber: numbers.next(), length: options.segmentBytes
        ) { bytes in noteProgress(bytes) }
        core.withLock { $0.freeSegments.append(segment) }
        noteFreeSpace()
        wakeWaiters()
        return true
    }

    /// Segments whose commits are all in tables are used again, or deleted.
    func recycleSegments(before position: UInt64) {
        let surplus = core.withLock { core -> [LogSegment] in
            let done = core.retiredSegments.prefix { $0.endPosition <= position }
            core.retiredSegments.removeFirst(done.count)
            var surplus: [LogSegment] = []
            for segment in done {
                if segment.length == options.segmentBytes, core.freeSegments.count < Self.freeSegmentsMax {
                    core.freeSegments.append(segment)
                } else {
                    surplus.append(segment)
                }
            }
            return surplus
        }
        for segment in surplus { janitor.discard(segment.file.name) }
    }

    // MARK: Flush

    /// Bytes that one step flushes: some tens of milliseconds, after which the log's next segment may go first.
    private static let bytesPerFlushStep = 4 << 20

    /// Starts, continues or ends the flush of the oldest set. False when none is frozen and published.
    func flushOldestSet() throws(StoreError) -> Bool {
        let job: FlushJob
        if let running = janitor.flush {
            job = running
        } else {
            let set = core.withLock { core -> MemtableSet? in
                guard core.version.memtables.count > 1, let oldest = core.version.memtables.last,
                    let last = oldest.lastSequence, oldest.logEnd != nil, last <= core.published
                else { return nil }
                return oldest
            }
            guard let set else { return false }
            job = FlushJob(store: self, set: set)
        }
        janitor.flush = nil
        for _ in 0..<(Self.bytesPerFlushStep / Self.progressBytes) {
            guard try flushSlice(job, bytes: Self.progressBytes) else {
                try install(job)
                return true
            }
            noteProgress(Self.progressBytes)
        }
        janitor.flush = job
        return true
    }

    /// Writes a frozen set's newest entries to tables, separates large content into an extent, and lets its part of the
    /// log go.
    ///
    /// - Parameter logSegment: the segment in which the set's part of the log ends, when recovery knows it.
    func flush(_ set: MemtableSet, logSegment: UInt64? = nil) throws(StoreError) {
        let job = FlushJob(store: self, set: set)
        while try flushSlice(job, bytes: .max / 2) {}
        try install(job, logSegment: logSegment)
    }

    private func flushSlice(_ job: FlushJob, bytes: Int) throws(StoreError) -> Bool {
        do { return try job.step(bytes: bytes) } catch {
            job.output.abandon()
            if error == .noSpace { failOrder(of: job.set, .noSpace) }
            throw error
        }
    }

    /// Puts a flush's tables in the place of its set.
    private func install(_ job: FlushJob, logSegment: UInt64? = nil) throws(StoreError) {
        let (set, output) = (job.set, job.output)
        guard let logEnd = set.logEnd, let lastSequence = set.lastSequence else {
            preconditionFailure("only a frozen, written set is flushed")
        }
        let segment =
            logSegment
            ?? core.withLock { core in
                (core.retiredSegments + [core.currentSegment]).first {
                    $0.startPosition <= logEnd && (logEnd < $0.endPosition || $0 === core.currentSegment)
                }?
                .number ?? core.currentSegment.number
            }
        var edit = ManifestEdit(job.covered.map { .removeTable(file: $0.number) })
        edit.records += job.records.map { .addTable($0) }
        edit.records.append(.logStart(position: logEnd, segment: segment))
        edit.records.append(countersRecord(lastSequence: lastSequence))
        let order = checkpointStep(of: set, at: lastSequence, adding: &edit)
        do { try manifest.append(edit, numbers: numbers) } catch {
            if case .noSpace = error {
                output.abandon()
                failOrder(of: set, .noSpace)
            }
            throw error
        }
        abandonCompaction(of: job.covered)
        order?.pin()
        core.withLock { core in
            var runs: [Keyspace: [SortedRun]] = [:]
            for (keyspace, run) in job.newRuns { runs[keyspace] = [run] + core.version.runs(keyspace) }
            for (keyspace, tables) in Dictionary(grouping: job.covered, by: \.keyspace) {
                runs[keyspace] = (runs[keyspace] ?? core.version.runs(keyspace)).removing(tables.map(\.number))
            }
            core.version = core.version.replacing(
                runs: runs, memtables: core.version.memtables.filter { $0 !== set })
            core.validationFloor = max(core.validationFloor, lastSequence)
            for keyspace in runs.keys { noteMergeDebt(keyspace, in: &core) }
            order?.install(in: &core)
        }
        order?.finish()
        for table in job.covered { table.markObsolete() }
        boundSnapshots()
        counters.droppedTables.wrappingAdd(job.covered.count, ordering: .relaxed)
        recycleSegments(before: logEnd)
        counters.flushes.wrappingAdd(1, ordering: .relaxed)
        counters.flushedBytes.wrappingAdd(output.writtenBytes, ordering: .relaxed)
        noteFreeSpace()
        wakeWaiters()
    }

    /// A merge does not go on with inputs that have left the store.
    private func abandonCompaction(of gone: [Table]) {
        guard let job = janitor.compaction, !gone.isEmpty else { return }
        let numbers = Set(gone.map(\.number))
        guard job.inputs.contains(where: { $0.tables.contains { numbers.contains($0.number) } }) else { return }
        janitor.compaction = nil
        job.output.abandon()
    }

    func countersRecord(lastSequence: UInt64) -> ManifestEdit.Record {
        .counters(
            nextFile: numbers.upcoming, lastSequence: max(lastSequence, manifest.state.lastSequence),
            generation: manifest.state.generation)
    }

    // MARK: Space

    /// When space is short, what deletes have freed must not wait for the usual thresholds: freeze and flush what is in
    /// memory if it holds deletes, so that compaction can drop what they hide.
    private func makeSpace() -> Bool {
        guard core.withLock({ $0.isNearlyLowOnSpace }) else { return false }
        if !noteFreeSpace() { boundSnapshots() }
        return freezeIfQuiet { core in
            // Deletes give space back, and so may what was overwritten; a flush gives segments of the log back.
            core.isNearlyLowOnSpace && (core.activeSet.hasDeletes || core.isLowOnSpace)
        }
    }

    /// Freezes the active set between two groups if no other waits for its flush. False when it did not.
    func freezeIfQuiet(_ mayHelp: (borrowing StoreCore) -> Bool) -> Bool {
        core.withLock { core -> Bool in
            // The commits of the set must all be written.
            guard core.version.memtables.count == 1, !core.activeSet.isEmpty, mayHelp(core), !core.isCommitting,
                core.sealedGroups.isEmpty, core.openGroup.commitCount == 0
            else { return false }
            let set = freezeActiveSet(&core)
            set.logEnd = core.logPosition
            return true
        }
    }
}
