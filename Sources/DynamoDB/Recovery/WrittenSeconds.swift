import LabClock
import LogStore
import Synchronization

/// The monotonic map from seconds of lab time to commits, of one table with recovery: an entry for each second in which
/// it was written.
///
/// A write that enters in a second waits until that second's entry has its place in the order of commits, and takes its
/// own behind it. So the commits below the first entry after second S are what the table was at the end of S: all that
/// was acknowledged in S or before, and nothing that was begun after S. One entry is written at a time, each of a later
/// second than the one before; a write that finds a later second's entry takes that for its own, as if it had come a
/// little later. An entry needs no sync of its own: whatever is durable behind it makes it durable.
///
/// Costs a comparison for each write, and a commit that is not waited for on disk for the first of a second.
final class WrittenSeconds: Sendable {
    /// The last second whose entry is in the order; the minimum before the store was asked.
    private let newest = Atomic<Int64>(.min)
    private let turns = Turns()

    /// Sees to it that everything sequenced from now on lies behind the entry of the second of `time`, or a later one.
    ///
    /// - Throws: as `Cursor.previous` and `LogStore.commit`.
    func reach(
        _ time: LabTime, of table: Table, _ store: LogStore, _ restoreCount: Int
    ) async throws(DynamoDBError) {
        let second = time.second
        if newest.load(ordering: .acquiring) >= second { return }
        await turns.take()
        defer { turns.release() }
        do throws(StoreError) {
            if newest.load(ordering: .acquiring) == .min, let last = try await Self.last(of: table.id, in: store) {
                newest.store(last, ordering: .releasing)
            }
            if newest.load(ordering: .acquiring) >= second { return }
            var batch = WriteBatch()
            batch.restoreCount = restoreCount
            batch.put(
                .history, HistoryKeys.second(table.id, second), StoredValue(head: [UInt8](repeating: 0, count: 8)),
                headStampOffset: 0)
            try await store.commit(batch, mode: .ordered)
        } catch {
            throw .store(error)
        }
        newest.store(second, ordering: .releasing)
    }

    /// Recovery begins anew: what there was of seconds may have been removed. No write is inside the table's gate.
    func forget() { newest.store(.min, ordering: .releasing) }

    private static func last(of id: UInt64, in store: LogStore) async throws(StoreError) -> Int64? {
        let prefix = HistoryKeys.seconds(id)
        let cursor = store.cursor(.history, lower: prefix, upper: HistoryKeys.seconds(id + 1))
        cursor.seekToLast()
        return try await cursor.previous().map { HistoryKeys.readSecond($0.key) }
    }

    /// The first commit that a table's state at the end of a second does not have; nil when nothing was written in a
    /// later one.
    static func bound(
        of id: UInt64, atEndOf second: Int64, in store: LogStore, at snapshot: Snapshot? = nil
    ) async throws(DynamoDBError) -> UInt64? {
        let cursor = store.cursor(
            .history, lower: HistoryKeys.second(id, second + 1), upper: HistoryKeys.seconds(id + 1), at: snapshot)
        do throws(StoreError) {
            return try await cursor.next().map { UInt64(bigEndianBytes: $0.value.head) }
        } catch {
            throw .store(error)
        }
    }
}
