internal import Bytes
internal import Disk
internal import Synchronization

/// The committer: one group, one write, one sync.
extension LogStore {
    /// Writes, syncs and acknowledges one group of waiting commits. False when none waited, or somebody else is at it.
    package func runCommitStep() -> Bool {
        guard var turn = takeTurn() else { return false }
        if turn.group.endsSet != nil { driver.backgroundIsWaiting() }
        let failure: StoreError?
        do {
            try write(&turn)
            failure = nil
        } catch {
            failure = error
        }
        finish(turn, failure)
        return true
    }

    /// A group that is being written, and where it goes.
    private struct CommitTurn {
        var group: CommitGroup
        var segment: LogSegment
        var position: UInt64
        var durableMark: UInt64
        /// Bytes in the log, padding included; known once it is written.
        var length: UInt64 = 0
    }

    private func takeTurn() -> CommitTurn? {
        core.withLock { core -> CommitTurn? in
            guard !core.isCommitting, core.poison == nil else { return nil }
            var group: CommitGroup
            if !core.sealedGroups.isEmpty {
                group = core.sealedGroups.removeFirst()
            } else {
                guard core.openGroup.commitCount > 0 else { return nil }
                group = core.openGroup
                core.openGroup = CommitGroup(buffer: core.spareBuffers.popLast() ?? GroupBuffer())
                if isFlushDue(core) { group.endsSet = freezeActiveSet(&core) }
            }
            core.isCommitting = true
            return CommitTurn(
                group: group, segment: core.currentSegment, position: core.logPosition,
                durableMark: core.durablePosition)
        }
    }

    /// Starts new memtables. The caller must take the open group in the same turn, so that no frame spans two sets.
    func freezeActiveSet(_ core: inout StoreCore) -> MemtableSet {
        let full = core.activeSet
        full.lastSequence = core.nextSequence - 1
        let fresh = MemtableSet(memory: memtableMemory)
        core.version = core.version.replacing(memtables: [fresh] + core.version.memtables)
        return full
    }

    private func write(_ turn: inout CommitTurn) throws(StoreError) {
        let buffer = turn.group.buffer
        try moveOn(&turn, LogFrame.lengthMax(payload: buffer.payloadCount))
        let segment = turn.segment
        var header = LogFrame(
            payloadLength: buffer.payloadCount, commitCount: turn.group.commitCount, position: turn.position,
            durableMark: turn.durableMark, firstSequence: turn.group.firstSequence, segment: segment.number,
            isPacked: !turn.group.needsSync)
        header.shorten(in: segment)
        turn.length = header.length(in: segment)
        let frame = buffer.padded(to: Int(turn.length), header: header.headerLength)
        header.seal(frame, salt: segment.salt)
        // Whatever goes wrong from here on may have reached the disk: it poisons.
        do {
            try segment.file.write(UnsafeRawBufferPointer(frame), at: segment.offset(of: turn.position))
            if turn.group.needsSync { try segment.file.sync() }
        } catch {
            throw .disk(error)
        }
        if !turn.group.needsSync {
            startWriteback(of: segment, from: segment.offset(of: turn.position), length: turn.length)
        }
        counters.committedBytes.wrappingAdd(buffer.payloadCount, ordering: .relaxed)
        counters.logBytes.wrappingAdd(Int(turn.length), ordering: .relaxed)
        counters.logWrites.wrappingAdd(1, ordering: .relaxed)
        if turn.group.needsSync { counters.logSyncs.wrappingAdd(1, ordering: .relaxed) }
    }

    /// What nobody syncs is written back a piece at a time, or the sync at the segment's end would take long.
    private func startWriteback(of segment: LogSegment, from offset: UInt64, length: UInt64) {
        let piece = Self.writebackBytes
        let (first, end) = (offset / piece, (offset + length) / piece)
        guard end > first else { return }
        segment.file.startWriteback(offset: first * piece, length: (end - first) * piece)
    }

    private static var writebackBytes: UInt64 { 1 << 20 }

    /// Sees to it that the frame's segment has room. Moving on to a fresh one happens here: first the old one is made
    /// durable, then the new one gets its header.
    private func moveOn(_ turn: inout CommitTurn, _ frameLength: UInt64) throws(StoreError) {
        let current = turn.segment
        let position = turn.position
        if position - current.startPosition + frameLength <= current.capacity { return }
        let (next, salt) = core.withLock { core -> (LogSegment, UInt64) in
            precondition(
                core.freeSegments.first.map { $0.capacity >= frameLength } ?? false,
                "admission promises log room only where a segment is laid out")
            return (core.freeSegments.removeFirst(), options.makes(.staleFramesAccepted) ? 0 : core.random.next())
        }
        if turn.durableMark != position, !options.makes(.segmentsNotSynced) {
            do { try current.file.sync() } catch { throw .disk(error) }
        }
        try next.begin(number: current.number + 1, salt: salt, startPosition: position, storeID: storeID)
        core.withLock { core in
            current.endPosition = position
            core.durablePosition = position
            core.retiredSegments.append(current)
            core.currentSegment = next
        }
        driver.backgroundIsWaiting()
        turn.segment = next
        turn.durableMark = position
    }

    /// The salt of a segment's next use.
    func newSalt() -> UInt64 { options.makes(.staleFramesAccepted) ? 0 : core.withLock { $0.random.next() } }

    private func finish(_ turn: CommitTurn, _ failure: StoreError?) {
        let group = turn.group
        var outcome: StoreError?
        var abandoned: [GroupOutcome] = []
        let (waiters, hasBackgroundWork) = core.withLock { core -> ([RoomWaiter], Bool) in
            var hasEndedSet = false
            core.isCommitting = false
            core.reservedLogBytes -= group.reservedBytes
            if let failure {
                let reason = "\(failure)"
                core.poison = reason
                outcome = .unknownOutcome(reason: reason)
                abandoned = core.abandonWaitingGroups()
            } else {
                core.logPosition += turn.length
                if group.needsSync { core.durablePosition = core.logPosition }
                core.published = group.lastSequence
                hasEndedSet = core.endFrozenSets()
                group.buffer.reset()
                if core.spareBuffers.count < 2, group.buffer.isWorthKeeping(core.groupBytesMax) {
                    core.spareBuffers.append(group.buffer)
                }
            }
            let mayFreeSpace = core.isNearlyLowOnSpace && core.activeSet.hasDeletes
            return (core.takeWaiters(), hasEndedSet || mayFreeSpace || mustTellOfHiding(core))
        }
        if let end = group.endsSet?.logEnd, options.makes(.earlyRecycling) { recycleSegments(before: end) }
        if hasBackgroundWork { driver.backgroundIsWaiting() }
        if let outcome { failCheckpointOrders(outcome) }
        counters.commits.wrappingAdd(group.commitCount, ordering: .relaxed)
        group.outcome.complete(outcome)
        for other in abandoned { other.complete(outcome) }
        for waiter in waiters { waiter.resume() }
    }
}
