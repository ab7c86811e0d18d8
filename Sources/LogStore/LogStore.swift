package import Disk

/// The engine: an ordered, transactional, crash-safe map from keys to values, per keyspace, in one directory.
///
/// STUB: the interface other modules compile against while the engine is written.
package final class LogStore: Sendable {
    package let driver: any StoreDriver

    private init() { preconditionFailure("unbuilt") }

    /// Opens or creates the store in `disk`, recovering what an unclean end left.
    ///
    /// - Parameter randomSeed: where the engine's random numbers (store id, salts) come from.
    package static func open(
        disk: any Disk, options: StoreOptions, driver: any StoreDriver, randomSeed: UInt64
    ) throws(StoreError) -> LogStore { preconditionFailure("unbuilt") }

    // MARK: Reading

    /// Pins the newest published state. Cheap. Released with the last reference.
    package func snapshot() -> Snapshot { preconditionFailure("unbuilt") }

    /// The value of a key in the newest published state, or in a snapshot.
    ///
    /// - Throws: `.damaged`, `.disk`, `.closed`.
    package func get(
        _ keyspace: Keyspace, _ key: [UInt8], at snapshot: Snapshot? = nil
    ) async throws(StoreError) -> StoredValue? { preconditionFailure("unbuilt") }

    /// The value of a counter written with `WriteBatch.add`, 0 when absent.
    package func counter(
        _ keyspace: Keyspace, _ key: [UInt8], at snapshot: Snapshot? = nil
    ) async throws(StoreError) -> Int64 { preconditionFailure("unbuilt") }

    /// An iterator over one keyspace at one snapshot, bounded to keys in `lower..<upper` (nil: unbounded above). Place it with `seek`.
    package func cursor(
        _ keyspace: Keyspace, lower: [UInt8] = [], upper: [UInt8]? = nil, at snapshot: Snapshot? = nil
    ) -> Cursor { preconditionFailure("unbuilt") }

    /// Pins the files behind a value's content for reading, beyond the life of any snapshot.
    package func openContent(_ content: Content) throws(StoreError) -> ContentReader { preconditionFailure("unbuilt") }

    // MARK: Writing

    /// Commits blind writes. Returns when the mode's promise holds.
    ///
    /// - Throws: `.noSpace`, `.overLimit` (nothing written); `.poisoned`; `.unknownOutcome`; `.closed`.
    @discardableResult
    package func commit(
        _ batch: WriteBatch, mode: CommitMode = .storeDefault
    ) async throws(StoreError) -> SequenceNumber { preconditionFailure("unbuilt") }

    /// Read-modify-write of one key under its latch: never a conflict, whoever else writes the key. `decide` sees the newest *sequenced* value, and must be quick and pure;
    /// it may add writes of other keys that nobody else writes unlatched. An empty batch commits nothing. A thrown error commits nothing and passes through.
    package func update<Output: Sendable, Failure: Error>(
        _ keyspace: Keyspace, _ key: [UInt8], mode: CommitMode = .storeDefault,
        _ decide: @Sendable (_ current: StoredValue?, _ batch: inout WriteBatch) throws(Failure) -> Output
    ) async throws -> Output { preconditionFailure("unbuilt") }

    /// A serializable transaction over any keys. `body` may run several times (on `.conflict` and `.tooOld`): no side effects in it. After two failed
    /// validations it runs alone, so it cannot starve.
    package func transaction<Output: Sendable>(
        mode: CommitMode = .storeDefault,
        _ body: @Sendable (Transaction) async throws -> Output
    ) async throws -> Output { preconditionFailure("unbuilt") }

    /// Waits until every earlier commit is durable.
    package func barrier() async throws(StoreError) { preconditionFailure("unbuilt") }

    /// Starts writing content too large for the log. See `ContentWriter`.
    package func contentWriter() -> ContentWriter { preconditionFailure("unbuilt") }

    // MARK: Driving (see `StoreDriver`)

    /// Writes, syncs and acknowledges one group of waiting commits. False when none waited.
    package func runCommitStep() -> Bool { preconditionFailure("unbuilt") }

    /// Does one piece of flush, compaction, log preparation or unlinking. False when there is nothing to do.
    package func runBackgroundStep() -> Bool { preconditionFailure("unbuilt") }

    /// Drains commits, syncs, marks a clean close, and refuses everything after.
    package func close() throws(StoreError) { preconditionFailure("unbuilt") }
}

/// A pinned state of the store.
package final class Snapshot: Sendable {
    package let sequence: SequenceNumber
    init(sequence: SequenceNumber) { self.sequence = sequence }
}

/// The reads and writes of one attempt of a transaction. Used from the transaction's body only.
package final class Transaction: @unchecked Sendable {
    init() {}

    /// Reads one key as of the transaction's snapshot (its own writes are not seen).
    package func get(_ keyspace: Keyspace, _ key: [UInt8]) async throws(StoreError) -> StoredValue? {
        preconditionFailure("unbuilt")
    }

    /// The first entries of `lower..<upper`, at most `limit`. The whole range up to the last entry returned (or `upper`) joins the read set.
    package func scan(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?, limit: Int
    ) async throws(StoreError) -> [(key: [UInt8], value: StoredValue)] { preconditionFailure("unbuilt") }

    /// What the transaction will write.
    package var batch: WriteBatch {
        get { preconditionFailure("unbuilt") }
        set { preconditionFailure("unbuilt") }
    }
}

/// Walks the live keys of one keyspace in order. One user at a time.
package final class Cursor: @unchecked Sendable {
    init() {}

    /// Places the cursor so that `next()` returns the first key at or after `key`.
    package func seek(_ key: [UInt8]) async throws(StoreError) { preconditionFailure("unbuilt") }

    /// Places the cursor so that `previous()` returns the last key before `key`; nil: the last key of all.
    package func seek(before key: [UInt8]?) async throws(StoreError) { preconditionFailure("unbuilt") }

    package func next() async throws(StoreError) -> (key: [UInt8], value: StoredValue)? { preconditionFailure("unbuilt") }
    package func previous() async throws(StoreError) -> (key: [UInt8], value: StoredValue)? { preconditionFailure("unbuilt") }
}

/// Reads content by logical offset, verifying every chunk it touches. Keeps its files alive. Thread-safe.
package final class ContentReader: Sendable {
    /// Logical bytes in all.
    package let length: UInt64
    init(length: UInt64) { self.length = length }

    /// How many bytes from `offset` to ask for at once: to the end of the last whole chunk within `limit`, so that chunks are
    /// verified in place and not copied twice. At least 1 before the end.
    package func pieceLength(at offset: UInt64, limit: Int) -> Int { preconditionFailure("unbuilt") }

    /// Fills `buffer` from `offset`. With `mayBlock` false, returns false instead of waiting for the device (call again inside `driver.offload`).
    ///
    /// - Throws: `.damaged`, `.disk`.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, mayBlock: Bool
    ) throws(StoreError) -> Bool { preconditionFailure("unbuilt") }
}

/// Streams content into an extent file. One user at a time; `append` blocks, so call it inside `driver.offload`.
package final class ContentWriter: @unchecked Sendable {
    init() {}

    /// Appends bytes: compresses, checksums, and writes whenever a run is full.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) { preconditionFailure("unbuilt") }

    /// Writes what is left and makes all of it durable (the sync is shared with other writers). The content must be committed while
    /// the returned reservation is held; if it never is, its space comes back.
    package func finish() async throws(StoreError) -> ReservedContent { preconditionFailure("unbuilt") }

    /// Gives up; the space comes back.
    package func abandon() { preconditionFailure("unbuilt") }
}

/// Durable content that no key owns yet. While it is alive its files are kept.
package final class ReservedContent: Sendable {
    package let content: Content
    init(content: Content) { self.content = content }
}
