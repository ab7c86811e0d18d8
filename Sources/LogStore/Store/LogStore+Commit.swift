internal import Bytes

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

    /// Waits until every earlier commit is durable.
    ///
    /// - Throws: as `commit`.
    package func barrier() async throws(StoreError) {
        try await commit(WriteBatch(), mode: .synced)
    }
}
