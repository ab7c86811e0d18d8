internal import Synchronization

/// The reads of one attempt of a transaction. Used from the transaction's body only.
///
/// Unchecked: confined to the body, which runs one call at a time.
package final class Transaction: @unchecked Sendable {
    private let store: LogStore
    fileprivate let snapshot: Snapshot
    fileprivate var reads: ReadSet

    fileprivate init(store: LogStore) {
        self.store = store
        // Sequenced, not published: validation would fail on every commit that is on its way to the disk.
        snapshot = store.sequencedSnapshot()
        reads = ReadSet(sequence: snapshot.sequence.rawValue)
    }

    /// Says which keys will be read and written next: many at once cost less than one by one, which wait for memory
    /// each on its own. Changes nothing else.
    package func expect(_ keyspace: Keyspace, _ keys: [[UInt8]]) {
        guard keys.count > 1 else { return }
        reads.reserve(keys.count)
        let memtables = store.core.withLock { $0.version.memtables }
        for set in memtables { set.memtable(keyspace).tree.prefetch(keys) }
    }

    /// Reads one key as of the transaction's snapshot (what it will write is not seen).
    package func get(_ keyspace: Keyspace, _ key: [UInt8]) async throws(StoreError) -> StoredValue? {
        reads.add(keyspace, key)
        return try await store.get(keyspace, key, at: snapshot)
    }

    /// The first entries of `lower..<upper`, at most `limit`. The range up to the last entry returned (or up to
    /// `upper`) joins the read set.
    package func scan(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?, limit: Int
    ) async throws(StoreError) -> [(key: [UInt8], value: StoredValue)] {
        let cursor = store.cursor(keyspace, lower: lower, upper: upper, at: snapshot)
        var found: [(key: [UInt8], value: StoredValue)] = []
        while found.count < limit, let entry = try await cursor.next() { found.append(entry) }
        if found.count == limit, let last = found.last {
            reads.add(keyspace, from: lower, to: last.key + [0])
        } else {
            reads.add(keyspace, from: lower, to: upper)
        }
        return found
    }
}

extension LogStore {
    /// Failed validations after which a transaction runs alone.
    private static let attemptsBeforeFence = 2

    /// A serializable transaction over any keys: `body` reads, and puts into the batch what is to be written. It may
    /// run several times: no side effects in it. After two failed validations it runs while other commits wait, so it
    /// cannot starve. A body that writes nothing returns once what it read is durable.
    ///
    /// - Throws: what `body` throws (nothing is committed), once what it read is durable; as `commit`.
    package func transaction<Output: Sendable>(
        mode: CommitMode = .storeDefault, _ body: @Sendable (Transaction, inout WriteBatch) async throws -> Output
    ) async throws -> Output {
        var failures = 0
        while true {
            do {
                let (output, ticket) =
                    failures < Self.attemptsBeforeFence
                    ? try await attempt(mode: mode, owner: nil, body) : try await attemptAlone(mode: mode, body)
                try await ticket.wait()
                return output
            } catch StoreError.conflict {
                failures += 1
            } catch StoreError.tooOld {
                failures += 1
            }
        }
    }

    private func attempt<Output: Sendable>(
        mode: CommitMode, owner: ObjectIdentifier?,
        _ body: @Sendable (Transaction, inout WriteBatch) async throws -> Output
    ) async throws -> (Output, CommitTicket) {
        let transaction = Transaction(store: self)
        var batch = WriteBatch()
        let output: Output
        do { output = try await body(transaction, &batch) } catch {
            // What it saw is no longer: it runs again on what there is now.
            if transaction.snapshot.pin.reasonGivenUp != nil { throw StoreError.conflict }
            try await waitUntilShown(transaction.reads, mode: mode, owner: owner)
            throw error
        }
        var encoded = try EncodedBatch(batch, bytesMax: options.commitBytesAllowed)
        let ticket = try await enqueue(&encoded, mode: mode, reads: transaction.reads, owner: owner)
        return (output, ticket)
    }

    /// Runs an attempt while everybody else's commits wait: nothing can overtake it.
    private func attemptAlone<Output: Sendable>(
        mode: CommitMode, _ body: @Sendable (Transaction, inout WriteBatch) async throws -> Output
    ) async throws -> (Output, CommitTicket) {
        let owner = FenceOwner()
        while true {
            let (epoch, refusal) = core.withLock { core -> (UInt64?, StoreError?) in
                // Waiting ends at once when the store takes no commits: without this it would be tried for ever.
                if let refusal = core.isOpenForCommits { return (nil, refusal) }
                guard core.fenceOwner == nil else { return (core.epoch, nil) }
                core.fenceOwner = ObjectIdentifier(owner)
                return (nil, nil)
            }
            if let refusal { throw refusal }
            guard let epoch else { break }
            try await waitForRoom(since: epoch)
        }
        defer {
            core.withLock { $0.fenceOwner = nil }
            wakeWaiters()
        }
        return try await attempt(mode: mode, owner: ObjectIdentifier(owner), body)
    }
}

/// An identity for as long as a fence stands.
private final class FenceOwner {}
