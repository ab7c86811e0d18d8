internal import Bytes
internal import Disk
internal import Synchronization

/// The committer: one group, one write, one sync.
extension LogStore {
    /// Writes, syncs and acknowledges one group of waiting commits. False when none waited, or somebody else is at it.
    package func runCommitStep() -> Bool {
        guard var group = takeGroup() else { return false }
        let failure: StoreError?
        do {
            try write(&group)
            failure = nil
        } catch {
            failure = error
        }
        finish(group, failure)
        return true
    }

    private func takeGroup() -> CommitGroup? {
        let (group, wantsFlush) = core.withLock { core -> (CommitGroup?, Bool) in
            guard !core.isCommitting, core.poison == nil else { return (nil, false) }
            if !core.sealedGroups.isEmpty {
                core.isCommitting = true
                return (core.sealedGroups.removeFirst(), false)
            }
            guard core.openGroup.commitCount > 0 else { return (nil, false) }
            core.isCommitting = true
            var group = core.openGroup
            core.openGroup = CommitGroup(buffer: core.spareBuffers.popLast() ?? GroupBuffer())
            guard core.activeSet.allocatedBytes >= options.memtableBytesMax else { return (group, false) }
            group.endsSet = freezeActiveSet(&core)
            return (group, true)
        }
        if wantsFlush { driver.backgroundIsWaiting() }
        return group
    }

    /// Starts new memtables. The caller must take the open group in the same turn, so that no frame spans two sets.
    func freezeActiveSet(_ core: inout StoreCore) -> MemtableSet {
        let full = core.activeSet
        full.lastSequence = core.nextSequence - 1
        core.version = core.version.replacing(memtables: [MemtableSet()] + core.version.memtables)
        return full
    }

    private func write(_ group: inout CommitGroup) throws(StoreError) {
        let frameLength = LogFrame.paddedLength(payload: group.buffer.payloadCount)
        let segment = try segment(for: frameLength)
        let (position, mark) = core.withLock { ($0.logPosition, $0.durablePosition) }
        let header = LogFrame(
            payloadLength: group.buffer.payloadCount, commitCount: group.commitCount, position: position,
            durableMark: mark, firstSequence: group.firstSequence, segment: segment.number)
        let frame = group.buffer.padded()
        header.seal(frame, salt: segment.salt)
        // Whatever goes wrong from here on may have reached the disk: it poisons.
        do {
            try segment.file.write(UnsafeRawBufferPointer(frame), at: segment.offset(of: position))
            if group.needsSync { try segment.file.sync() }
        } catch {
            throw .disk(error)
        }
        counters.logBytes.wrappingAdd(Int(frameLength), ordering: .relaxed)
        counters.logWrites.wrappingAdd(1, ordering: .relaxed)
        if group.needsSync { counters.logSyncs.wrappingAdd(1, ordering: .relaxed) }
    }

    /// The segment that the next frame goes into. Moving on to a fresh one happens here: first the old one is made
    /// durable, then the new one gets its header.
    private func segment(for frameLength: UInt64) throws(StoreError) -> LogSegment {
        let (current, position, isDurable) = core.withLock { core in
            (core.currentSegment, core.logPosition, core.durablePosition == core.logPosition)
        }
        if position - current.startPosition + frameLength <= current.capacity { return current }
        let (next, salt) = core.withLock { core -> (LogSegment, UInt64) in
            precondition(!core.freeSegments.isEmpty, "admission promises log room only where a segment is laid out")
            return (core.freeSegments.removeFirst(), options.makes(.staleFramesAccepted) ? 0 : core.random.next())
        }
        if !isDurable {
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
        return next
    }

    /// The salt of a segment's next use.
    func newSalt() -> UInt64 { options.makes(.staleFramesAccepted) ? 0 : core.withLock { $0.random.next() } }

    private func finish(_ group: CommitGroup, _ failure: StoreError?) {
        var outcome: StoreError?
        var abandoned: [CommitTicket] = []
        let (waiters, mayFreeSpace) = core.withLock { core -> ([UnsafeContinuation<Void, Never>], Bool) in
            core.isCommitting = false
            core.reservedLogBytes -= group.reservedBytes
            if let failure {
                let reason = "\(failure)"
                core.poison = reason
                outcome = .unknownOutcome(reason: reason)
                abandoned = core.sealedGroups.flatMap(\.tickets) + core.openGroup.tickets
                core.sealedGroups = []
                core.openGroup = CommitGroup(buffer: GroupBuffer())
            } else {
                core.logPosition += LogFrame.paddedLength(payload: group.buffer.payloadCount)
                if group.needsSync { core.durablePosition = core.logPosition }
                core.published = group.lastSequence
                group.endsSet?.logEnd = core.logPosition
                group.buffer.reset()
                if core.spareBuffers.count < 2 { core.spareBuffers.append(group.buffer) }
            }
            return (core.takeWaiters(), core.isNearlyLowOnSpace && core.activeSet.hasDeletes)
        }
        if let end = group.endsSet?.logEnd, options.makes(.earlyRecycling) { recycleSegments(before: end) }
        if group.endsSet != nil || mayFreeSpace { driver.backgroundIsWaiting() }
        counters.commits.wrappingAdd(group.commitCount, ordering: .relaxed)
        for ticket in group.tickets { ticket.complete(outcome) }
        for ticket in abandoned { ticket.complete(outcome) }
        for waiter in waiters { waiter.resume() }
    }
}
