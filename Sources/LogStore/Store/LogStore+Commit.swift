internal import Bytes
internal import Disk
internal import Synchronization

/// Putting commits into the one order.
extension LogStore {
    /// Commits blind writes. Returns when the mode's promise holds. Never fails from contention.
    ///
    /// - Throws: `.noSpace`, `.overLimit`, `.restored` (nothing written); `.poisoned`; `.unknownOutcome`; `.closed`.
    @discardableResult
    package func commit(
        _ batch: WriteBatch, mode: CommitMode = .storeDefault
    ) async throws(StoreError) -> SequenceNumber {
        let ticket = try await enqueue(batch, mode: mode)
        try await ticket.wait()
        return ticket.sequence
    }

    /// Commits blind writes, blocking the calling thread: for callers that have one each. A caller that finds the
    /// pipeline idle writes the log itself, without a change of threads.
    ///
    /// - Throws: as `commit`.
    @discardableResult
    package func commitBlocking(
        _ batch: WriteBatch, mode: CommitMode = .storeDefault
    ) throws(StoreError) -> SequenceNumber {
        var encoded = try EncodedBatch(batch, bytesMax: options.commitBytesAllowed)
        while true {
            switch try tryEnqueue(&encoded, mode: mode, reads: nil, leads: true) {
            case .sequenced(let ticket):
                lead(to: ticket)
                try ticket.waitBlocking()
                return ticket.sequence
            case .mustWait(let epoch): try waitForRoomBlocking(since: epoch)
            }
        }
    }

    /// Runs commit steps until a commit has its outcome or somebody else is at it; what waits then is left to the
    /// driver.
    private func lead(to ticket: CommitTicket) {
        while !ticket.isDone {
            // Whoever is at it sees, when he is done, that there is more.
            guard runCommitStep() else { return }
        }
        if core.withLock({ $0.openGroup.commitCount > 0 || !$0.sealedGroups.isEmpty }) { driver.commitsAreWaiting() }
    }

    /// Gives a blind batch its place in the order; waits for room if need be.
    func enqueue(_ batch: WriteBatch, mode: CommitMode) async throws(StoreError) -> CommitTicket {
        var encoded = try EncodedBatch(batch, bytesMax: options.commitBytesAllowed)
        return try await enqueue(&encoded, mode: mode, reads: nil)
    }

    /// The same of an encoded batch that rests on reads.
    ///
    /// - Throws: as `tryEnqueue`.
    func enqueue(
        _ batch: inout EncodedBatch, mode: CommitMode, reads: ReadSet?, owner: ObjectIdentifier? = nil
    ) async throws(StoreError) -> CommitTicket {
        while true {
            switch try tryEnqueue(&batch, mode: mode, reads: reads, owner: owner) {
            case .sequenced(let ticket): return ticket
            case .mustWait(let epoch): try await waitForRoom(since: epoch)
            }
        }
    }

    /// Waits until readers are shown what was read, if it is still on its way to the disk: whoever is refused because
    /// of it must find it there, and must not be told of what may yet be lost.
    ///
    /// - Throws: as `commit`.
    func waitUntilShown(
        _ reads: ReadSet, mode: CommitMode, owner: ObjectIdentifier? = nil
    ) async throws(StoreError) {
        let isShown = core.withLock { core in
            var published = reads
            published.sequence = core.published
            do throws(StoreError) {
                try published.validate(against: core.version.memtables, floor: core.validationFloor)
                return true
            } catch {
                return false
            }
        }
        if isShown { return }
        // A commit of nothing comes behind all that was read.
        var nothing = try EncodedBatch(WriteBatch(), bytesMax: options.commitBytesAllowed)
        try await enqueue(&nothing, mode: mode, reads: nil, owner: owner).wait()
    }

    enum Enqueued {
        case sequenced(CommitTicket)
        /// There is no room at present; the epoch tells whether anything has changed since.
        case mustWait(epoch: UInt64)
    }

    /// Validates and sequences a batch, in one short turn under the lock: sequence number, stamps, memtables, log
    /// buffer.
    ///
    /// - Throws: `.conflict`, `.tooOld`, `.restored`, `.noSpace`, `.poisoned`, `.closed`; nothing has happened then.
    /// - Parameters:
    ///   - owner: whose fence the caller may pass.
    ///   - leads: the caller runs the commit steps itself, and the driver need not know.
    func tryEnqueue(
        _ batch: inout EncodedBatch, mode: CommitMode, reads: ReadSet?, owner: ObjectIdentifier? = nil,
        leads: Bool = false
    ) throws(StoreError) -> Enqueued {
        let needsSync = mode == .synced || (mode == .storeDefault && options.durability == .always)
        // Whether it was found that space has come back since.
        var hasLooked = false
        while true {
            let result = core.withLock { core -> Result<Enqueued?, StoreError> in
                if core.isLowOnSpace, !batch.makesRoom, !hasLooked { return .success(nil) }
                do throws(StoreError) {
                    return .success(try enqueue(&batch, needsSync, reads, owner, in: &core))
                } catch {
                    return .failure(error)
                }
            }
            switch try result.get() {
            case .sequenced(let ticket):
                if !leads { driver.commitsAreWaiting() }
                return .sequenced(ticket)
            case .mustWait(let epoch):
                driver.backgroundIsWaiting()
                return .mustWait(epoch: epoch)
            case nil:
                try refuseWhenSpaceIsLow()
                hasLooked = true
            }
        }
    }

    private func enqueue(
        _ batch: inout EncodedBatch, _ needsSync: Bool, _ reads: ReadSet?, _ owner: ObjectIdentifier?,
        in core: inout StoreCore
    ) throws(StoreError) -> Enqueued {
        if let error = core.isOpenForCommits { throw error }
        if let fence = core.fenceOwner, fence != owner { return .mustWait(epoch: core.epoch) }
        if let expected = batch.restoreCount, expected != restoreCount { throw .restored }
        if let reads, !options.makes(.readsNotValidated) {
            try reads.validate(against: core.version.memtables, floor: core.validationFloor)
        }
        let reserve = core.logBytesSetAside(forCommit: batch.bytes.count)
        guard core.logRoomBytes >= reserve + (batch.makesRoom ? 0 : options.logRoomKeptForDeletes),
            hasMemtableRoom(core, makesRoom: batch.makesRoom)
        else { return .mustWait(epoch: core.epoch) }
        if core.admission.isDueToLook { lookAtDebt(&core) }
        guard core.admission.admit(batch.bytes.count, makesRoom: batch.makesRoom) else {
            return .mustWait(epoch: core.epoch)
        }
        return .sequenced(sequence(&batch, needsSync: needsSync, reserve: reserve, in: &core))
    }

    private func hasMemtableRoom(_ core: borrowing StoreCore, makesRoom: Bool) -> Bool {
        var bytes = 0
        for set in core.version.memtables { bytes += set.allocatedBytes }
        return bytes < memtableRoom(besides: bytes) * (makesRoom ? 2 : 1)
    }

    /// Memory for the memtables that are written or wait for their flush, which have `bytes` of it now. What only
    /// readers hold has its part, as far as writers keep enough to go on while a set is flushed.
    func memtableRoom(besides bytes: Int) -> Int {
        let heldByReaders = max(0, memtableMemory.usedBytes - bytes)
        return max(options.memtableBytesTotalMax - heldByReaders, options.memtableBytesMax / 2 * 3)
    }

    private func sequence(
        _ batch: inout EncodedBatch, needsSync: Bool, reserve: UInt64, in core: inout StoreCore
    ) -> CommitTicket {
        let sequence = core.nextSequence
        core.nextSequence += 1
        if options.makes(.publishedEarly) { core.published = sequence }
        batch.stamp(sequence)
        if core.openGroup.commitCount > 0,
            core.openGroup.buffer.payloadCount + batch.bytes.count > core.groupBytesMax
        {
            core.sealedGroups.append(core.openGroup)
            core.openGroup = CommitGroup(buffer: core.spareBuffers.popLast() ?? GroupBuffer())
        }
        if core.openGroup.commitCount == 0 { core.openGroup.firstSequence = sequence }
        core.openGroup.commitCount += 1
        core.openGroup.needsSync = core.openGroup.needsSync || needsSync
        core.openGroup.reservedBytes += reserve
        core.reservedLogBytes += reserve
        let set = core.activeSet
        let group = core.openGroup.buffer
        batch.bytes.withUnsafeBytes { bytes in
            group.append(bytes)
            for operation in batch.operations {
                set.apply(
                    operation.kind, operation.keyspace, key: UnsafeRawBufferPointer(rebasing: bytes[operation.key]),
                    value: UnsafeRawBufferPointer(rebasing: bytes[operation.value]), sequence: sequence)
            }
        }
        for file in batch.files { set.hold(file) }
        noteHidden(by: batch, in: core)
        return CommitTicket(sequence: SequenceNumber(sequence), group: core.openGroup.outcome)
    }

    /// While free space is below the reserve, only deletes are let in. Looks again each time, so that space which came
    /// back is noticed.
    private func refuseWhenSpaceIsLow() throws(StoreError) {
        guard noteFreeSpace() else {
            driver.backgroundIsWaiting()
            throw .noSpace
        }
    }

    /// Compares free space with the reserve. True when there is enough.
    @discardableResult
    func noteFreeSpace() -> Bool {
        reserve.require(core.withLock { reserveBytes($0) })
        let isLow = reserve.isShort
        pool.setSpaceIsShort(isLow)
        let isNearlyLow = reserve.isNearlyShort
        let spareBytes = reserve.spareBytes
        core.withLock { core in
            core.admission.debt.spareBytes = spareBytes
            core.isLowOnSpace = isLow
            core.isNearlyLowOnSpace = isNearlyLow
        }
        return !isLow
    }

    /// Space that puts leave free: one flush of everything in memory with the extents it separates, the largest
    /// compaction, a segment of the log if none is laid out ahead, and the manifest with the remainders of blocks.
    private func reserveBytes(_ core: borrowing StoreCore) -> UInt64 {
        let settings = options.compactionSettings
        let compaction = Keyspace.allCases.reduce(UInt64(0)) { largest, keyspace in
            max(largest, settings.largestJobBytes(core.version.runs(keyspace)))
        }
        let segment = core.freeSegments.isEmpty ? options.segmentBytes : 0
        return UInt64(options.memtableBytesTotalMax) + compaction + segment + StoreOptions.reserveSlackBytes
    }

    /// Waits until the background or the committer has made a difference.
    ///
    /// - Throws: `.noSpace` when it cannot: there is no space for another segment or for a flush.
    func waitForRoom(since epoch: UInt64) async throws(StoreError) {
        try refuseWhenStuck(since: epoch)
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let waiter = RoomWaiter.task(continuation)
            if !joinWaiters(waiter, since: epoch) { waiter.resume() }
        }
    }

    /// The same for a thread.
    func waitForRoomBlocking(since epoch: UInt64) throws(StoreError) {
        try refuseWhenStuck(since: epoch)
        let gate = Gate()
        if joinWaiters(.thread(gate), since: epoch) { gate.wait() }
    }

    private func refuseWhenStuck(since epoch: UInt64) throws(StoreError) {
        if janitor.isStuck(free: reserve.freeBytes), core.withLock({ $0.fenceOwner == nil && $0.epoch == epoch }) {
            throw .noSpace
        }
    }

    /// False when something has changed already.
    private func joinWaiters(_ waiter: RoomWaiter, since epoch: UInt64) -> Bool {
        core.withLock { core in
            if core.isOpenForCommits != nil || core.epoch != epoch { return false }
            core.waiters.append(waiter)
            return true
        }
    }

    /// Lets everybody who waits for room look again.
    func wakeWaiters() {
        let waiters = core.withLock { $0.takeWaiters() }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until every earlier commit is durable.
    ///
    /// - Throws: as `commit`.
    package func barrier() async throws(StoreError) {
        try await commit(WriteBatch(), mode: .synced)
    }

    /// Read-modify-write of one key: never a conflict, whoever else writes the key. `decide` sees the newest
    /// *sequenced* value and may run again; it must be quick and pure. It may add blind writes of other keys. An empty
    /// batch commits nothing, and returns once what it saw is durable.
    ///
    /// - Throws: what `decide` throws (nothing is committed), once what it saw is durable; as `commit`.
    package func update<Output: Sendable, Failure: Error>(
        _ keyspace: Keyspace, _ key: [UInt8], mode: CommitMode = .storeDefault,
        _ decide: @Sendable (_ current: StoredValue?, _ batch: inout WriteBatch) throws(Failure) -> Output
    ) async throws -> Output {
        let latch = latches.stripe(of: keyspace, key)
        await latches.take(latch)
        let decided: Decided<Output, Failure>
        do {
            decided = try await decideAndEnqueue(keyspace, key, mode: mode, decide)
        } catch {
            latches.release(latch)
            throw error
        }
        // Free at sequencing: the next one decides on this one's result while it is on its way to the disk.
        latches.release(latch)
        switch decided {
        case .sequenced(let output, let ticket):
            try await ticket.wait()
            return output
        case .refused(let error, let reads):
            try await waitUntilShown(reads, mode: mode)
            throw error
        }
    }

    private enum Decided<Output: Sendable, Failure: Error> {
        case sequenced(Output, CommitTicket)
        case refused(Failure, ReadSet)
    }

    /// Nil when something that was read has been written since.
    private func tryEnqueueUnlessOvertaken(
        _ batch: inout EncodedBatch, mode: CommitMode, reads: ReadSet
    ) throws(StoreError) -> Enqueued? {
        do throws(StoreError) {
            return try tryEnqueue(&batch, mode: mode, reads: reads)
        } catch {
            if error == .conflict || error == .tooOld { return nil }
            throw error
        }
    }

    private func decideAndEnqueue<Output: Sendable, Failure: Error>(
        _ keyspace: Keyspace, _ key: [UInt8], mode: CommitMode,
        _ decide: @Sendable (_ current: StoredValue?, _ batch: inout WriteBatch) throws(Failure) -> Output
    ) async throws(StoreError) -> Decided<Output, Failure> {
        while true {
            let (version, sequence) = core.withLock { ($0.version, $0.nextSequence - 1) }
            let current = StoredValue(
                try await lookup(keyspace, key, in: version.view, of: version, upTo: sequence))
            var reads = ReadSet(sequence: sequence)
            reads.add(keyspace, key)
            var batch = WriteBatch()
            let output: Output
            do throws(Failure) { output = try decide(current, &batch) } catch { return .refused(error, reads) }
            var encoded = try EncodedBatch(batch, bytesMax: options.commitBytesAllowed)
            // Overtaken by a blind write or a transaction, it decides again on what that left.
            guard let enqueued = try tryEnqueueUnlessOvertaken(&encoded, mode: mode, reads: reads) else { continue }
            switch enqueued {
            case .sequenced(let ticket): return .sequenced(output, ticket)
            case .mustWait(let epoch): try await waitForRoom(since: epoch)
            }
        }
    }
}

extension StoreOptions {
    /// Bytes of memtables, being written and waiting for flush together, above which commits wait.
    var memtableBytesTotalMax: Int { memtableBytesMax * 3 }
    /// Bytes above which the active memtables are frozen.
    var memtableBytesMax: Int { max(64 << 10, memtableBytes ?? max(1 << 20, memoryBudgetBytes / 6)) }
    /// Bytes for data blocks, filters and indexes: of the budget, memtables take half, and a twelfth is left to
    /// buffers.
    var blockCacheBytesMax: Int { blockCacheBytes ?? memoryBudgetBytes * 5 / 12 }
    /// Bytes of commits that are written together, at most.
    var groupBytesAllowed: Int { min(groupBytesMax, commitBytesMax) }
    /// Log bytes that puts leave for deletes.
    var logRoomKeptForDeletes: UInt64 { min(1 << 20, segmentBytes / 16) }
    /// Bytes of one commit, at most: it is let in as soon as there is one fresh segment (`StoreCore.logBytesSetAside`),
    /// since of a second one nobody can be sure on a disk that is nearly full.
    var commitBytesAllowed: Int {
        let unused =
            UInt64(FileHeader.byteCount) + LogFrame.lengthMax(payload: groupBytesAllowed) + logRoomKeptForDeletes
        guard segmentBytes > unused else { return groupBytesAllowed }
        let frame = (segmentBytes - unused) / 2
        return max(groupBytesAllowed, min(commitBytesMax, Int(frame) - Int(LogFrame.lengthMax(payload: diskBlockSize))))
    }
    /// What the reserve holds beside what can be counted.
    static let reserveSlackBytes: UInt64 = 8 << 20
}
