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
        do {
            // Unlinking first: what it gives back is what the others may be waiting for.
            if try unlinkOne() { return true }
            if try layOutSegment() { return true }
            if try flushOldestSet() { return true }
            if try compactStep() { return true }
            return makeSpace()
        } catch .noSpace {
            // Nothing was written. Whoever waits must hear of it; the next delete or unlink starts another attempt.
            core.withLock { core in
                core.isLowOnSpace = true
                core.isFlushBlocked = core.version.memtables.count > 1
            }
            wakeWaiters()
            return false
        } catch {
            poison("maintenance failed: \(error)")
            return false
        }
    }

    /// After this, only reads go on.
    func poison(_ reason: String) {
        let (waiters, tickets) = core.withLock { core -> ([UnsafeContinuation<Void, Never>], [CommitTicket]) in
            core.poison = core.poison ?? reason
            // The committer owns the group it is writing, and gives it its outcome itself.
            let tickets = core.sealedGroups.flatMap(\.tickets) + core.openGroup.tickets
            core.sealedGroups = []
            core.openGroup = CommitGroup(buffer: GroupBuffer())
            return (core.takeWaiters(), tickets)
        }
        for ticket in tickets { ticket.complete(.unknownOutcome(reason: reason)) }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: The log's segments

    private func layOutSegment() throws(StoreError) -> Bool {
        let count = core.withLock { $0.freeSegments.count }
        guard count < Self.freeSegmentsTarget else { return false }
        // The reserve is for flushes and compactions: a spare segment must not eat it. (The last resort may.)
        guard hasSpace(for: options.segmentBytes + (count > 0 ? options.reserveBytes : 0)) else {
            noteFreeSpace()
            return false
        }
        let segment = try LogSegment.layOut(
            disk: disk, storeID: storeID, fileNumber: numbers.next(), length: options.segmentBytes)
        core.withLock { $0.freeSegments.append(segment) }
        noteFreeSpace()
        wakeWaiters()
        return true
    }

    /// Segments whose commits are all in tables are used again, or deleted.
    private func recycleSegments(before position: UInt64) {
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

    private func flushOldestSet() throws(StoreError) -> Bool {
        let set = core.withLock { core -> MemtableSet? in
            guard core.version.memtables.count > 1, let oldest = core.version.memtables.last,
                let last = oldest.lastSequence, oldest.logEnd != nil, last <= core.published
            else { return nil }
            return oldest
        }
        guard let set else { return false }
        guard hasSpace(for: UInt64(set.contentBytes) + UInt64(set.contentBytes / 8) + 1 << 20) else { throw .noSpace }
        try flush(set)
        return true
    }

    /// Writes a frozen set's newest entries to tables, separates large content into an extent, and lets its part of the
    /// log go.
    ///
    /// - Parameter replayed: during recovery the segment that the set's last frame was read from: the store has no
    ///   current segment yet.
    func flush(_ set: MemtableSet, replayed: LogSegment? = nil) throws(StoreError) {
        guard let logEnd = set.logEnd, let lastSequence = set.lastSequence else {
            preconditionFailure("only a frozen, written set is flushed")
        }
        let output = TableOutput(store: self)
        var records: [ManifestEdit.TableRecord] = []
        var newRuns: [Keyspace: SortedRun] = [:]
        do {
            for keyspace in Keyspace.allCases where !set.memtable(keyspace).isEmpty {
                let run = core.withLock { core in
                    core.nextRun += 1
                    return core.nextRun - 1
                }
                let isBottom = core.withLock { $0.version.runs(keyspace).isEmpty }
                let merge = MergeIterator(sources: [MemtableSource(set: set, keyspace: keyspace, upTo: .max >> 8)])
                output.begin(keyspace: keyspace, run: run, isBottom: isBottom, separates: true)
                while try output.append(next: merge) {}
                let finished = try output.finishKeyspace()
                records += finished.records
                if !finished.tables.isEmpty { newRuns[keyspace] = SortedRun(id: run, tables: finished.tables) }
            }
            try output.finishFiles()
        } catch {
            output.abandon()
            throw error
        }
        let segment = core.withLock { core in
            if let replayed { return replayed.number }
            return (core.retiredSegments + [core.currentSegment]).first {
                $0.startPosition <= logEnd && (logEnd < $0.endPosition || $0 === core.currentSegment)
            }?
            .number ?? core.currentSegment.number
        }
        var edit = ManifestEdit(records.map { .addTable($0) })
        edit.records.append(.logStart(position: logEnd, segment: segment))
        edit.records.append(countersRecord(lastSequence: lastSequence))
        do { try manifest.append(edit) } catch {
            if case .noSpace = error { output.abandon() }
            throw error
        }
        core.withLock { core in
            var runs: [Keyspace: [SortedRun]] = [:]
            for (keyspace, run) in newRuns { runs[keyspace] = [run] + core.version.runs(keyspace) }
            core.version = core.version.replacing(
                runs: runs, memtables: core.version.memtables.filter { $0 !== set })
            core.validationFloor = max(core.validationFloor, lastSequence)
            core.isFlushBlocked = false
        }
        recycleSegments(before: logEnd)
        counters.flushes.wrappingAdd(1, ordering: .relaxed)
        counters.flushedBytes.wrappingAdd(output.writtenBytes, ordering: .relaxed)
        noteFreeSpace()
        wakeWaiters()
    }

    func countersRecord(lastSequence: UInt64) -> ManifestEdit.Record {
        .counters(
            nextFile: numbers.upcoming, lastSequence: max(lastSequence, manifest.state.lastSequence),
            generation: manifest.state.generation)
    }

    // MARK: Space

    /// Whether so many bytes can be allocated. Without an answer from the disk, no: refusing is the safe side.
    func hasSpace(for bytes: UInt64) -> Bool { ((try? disk.freeBytes()) ?? 0) >= bytes }

    private func unlinkOne() throws(StoreError) -> Bool {
        let name: String
        if let discarded = janitor.takeDiscarded() {
            name = discarded
        } else if let number = registry.takeReleased() {
            name = registry.name(number)
        } else {
            return false
        }
        do { try disk.remove(name) } catch .notFound {
            // Named by a commit that was overwritten before its file was gone from the log.
        } catch { throw .disk(error) }
        counters.unlinkedFiles.wrappingAdd(1, ordering: .relaxed)
        noteFreeSpace()
        wakeWaiters()
        return true
    }

    /// When space is short, what deletes have freed must not wait for the usual thresholds: freeze and flush what is in
    /// memory if it holds deletes, so that compaction can drop what they hide.
    private func makeSpace() -> Bool {
        guard core.withLock({ $0.isLowOnSpace && $0.activeSet.hasDeletes && $0.version.memtables.count == 1 }) else {
            return false
        }
        let isFrozen = core.withLock { core -> Bool in
            // The commits of the set must all be written: freeze between groups.
            guard !core.isCommitting, core.sealedGroups.isEmpty, core.openGroup.commitCount == 0 else { return false }
            let set = freezeActiveSet(&core)
            set.logEnd = core.logPosition
            return true
        }
        return isFrozen
    }
}
