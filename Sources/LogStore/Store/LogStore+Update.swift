internal import Bytes

/// Read-modify-write of one key.
extension LogStore {
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
}
