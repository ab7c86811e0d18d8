internal import Bytes

/// Walks the live keys of one keyspace in order, within bounds, as of one snapshot. One user at a time.
///
/// Unchecked: confined to its user; cold reads run elsewhere while the user waits.
package final class Cursor: @unchecked Sendable {
    private let merge: MergeIterator
    private let snapshot: Snapshot
    private let lower: [UInt8]
    private let upper: [UInt8]?
    private let registry: ExtentRegistry
    private let driver: any StoreDriver

    init(
        keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?, snapshot: Snapshot, registry: ExtentRegistry,
        driver: any StoreDriver
    ) {
        self.snapshot = snapshot
        self.lower = lower
        self.upper = upper
        self.registry = registry
        self.driver = driver
        var sources: [MergeSource] = snapshot.version.memtables.compactMap { set in
            if set.memtable(keyspace).isEmpty { return nil }
            return MemtableSource(set: set, keyspace: keyspace, upTo: snapshot.sequence.rawValue)
        }
        for run in snapshot.version.runs(keyspace) {
            let tables = run.tables.filter { $0.properties.overlaps(lower: lower, upper: upper) }
            if !tables.isEmpty {
                sources.append(RunSource(run: SortedRun(id: run.id, tables: tables), fillCache: true))
            }
        }
        merge = MergeIterator(sources: sources)
        merge.seek(lower)
    }

    /// Places the cursor so that `next` returns the first key at or above `key` (and within the bounds). Costs nothing
    /// until then.
    package func seek(_ key: [UInt8]) {
        merge.seek(precedes(key, lower) ? lower : key)
    }

    /// The next live key with its value; nil at the upper bound.
    ///
    /// - Throws: `.damaged`, `.disk`.
    package func next() async throws(StoreError) -> (key: [UInt8], value: StoredValue)? {
        do throws(ReadInterruption) {
            return try step(.cachedOnly)
        } catch .failed(let error) {
            throw error
        } catch {
            return try await driver.offload { () throws(StoreError) in try self.blockingStep() }
        }
    }

    private func blockingStep() throws(StoreError) -> (key: [UInt8], value: StoredValue)? {
        do throws(ReadInterruption) {
            return try step(.mayBlock)
        } catch .failed(let error) {
            throw error
        } catch {
            preconditionFailure("a blocking read does not ask to block")
        }
    }

    private func step(_ mode: ReadMode) throws(ReadInterruption) -> (key: [UInt8], value: StoredValue)? {
        while let outcome = try merge.next(mode) {
            if let upper, !precedes(merge.key, upper) { return nil }
            switch outcome {
            case .delete: continue
            case .put(let bytes): return (merge.key, try StoredValue(decoding: bytes, registry: registry))
            case .counter(let value), .delta(let value):
                var head: [UInt8] = []
                head.appendLittleEndian(value)
                return (merge.key, StoredValue(head: head))
            }
        }
        return nil
    }
}

/// A pinned state of the store: what it shows stays readable, and takes memory and disk, until it is released. Keep it
/// for seconds, not hours.
package final class Snapshot: Sendable {
    /// The last commit that the snapshot shows.
    package let sequence: SequenceNumber
    let version: StoreVersion

    init(sequence: SequenceNumber, version: StoreVersion) {
        self.sequence = sequence
        self.version = version
    }
}
