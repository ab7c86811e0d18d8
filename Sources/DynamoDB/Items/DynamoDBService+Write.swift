import Items
import LabClock
import LogStore

/// What a write of one item did.
struct WriteOutcome: Sendable {
    let old: [UInt8]?
    let new: [UInt8]?
    let cost: WriteCost
    let table: Table
    let place: ItemPlace
}

extension DynamoDBService {
    /// Decides and commits a write of one item: one commit under the item's latch, whatever indexes and streams it has.
    /// While an index is being filled it is a transaction, which meets the fill where both have the item.
    func write(_ prepared: PreparedWrite, to name: TableName) async throws(DynamoDBError) -> WriteOutcome {
        try await writing(name) { (handle, table) throws(DynamoDBError) in
            try await self.write(prepared, in: table, handle.restoreCount)
        }
    }

    /// The same inside the table's gate.
    func write(
        _ prepared: PreparedWrite, in table: Table, _ restoreCount: Int
    ) async throws(DynamoDBError) -> WriteOutcome {
        let place = try prepared.place(in: table)
        let one = OneWrite(
            prepared: prepared, table: table, place: place, time: clock.now(), restoreCount: restoreCount,
            collection: try await collectionBytes(of: place, in: table))
        if table.isFillingIndexes {
            return try await transact { transaction, batch in
                let old = try await transaction.get(.items, place.key)?.head
                let uncounted = try await table.indexesWithout(old, transaction)
                return try self.decide(one, old, uncounted, into: &batch)
            }
        }
        do {
            return try await store.update(.items, place.key) {
                (current, batch) throws(DynamoDBError) -> WriteOutcome in
                try self.decide(one, current?.head, [], into: &batch)
            }
        } catch {
            throw DynamoDBError.wrap(error)
        }
    }

    private func decide(
        _ write: OneWrite, _ old: [UInt8]?, _ uncounted: Set<UInt16>, into batch: inout WriteBatch
    ) throws(DynamoDBError) -> WriteOutcome {
        let new = try write.prepared.decide(old, in: write.table)
        batch.restoreCount = write.restoreCount
        let change = ItemChange(place: write.place, old: old, new: new, uncounted: uncounted)
        let cost = write.table.apply(change, at: write.time, ordinal: 0, due, into: &batch)
        if let collection = write.collection {
            try checkCollection(before: collection, growth: cost.collectionGrowth)
        }
        return WriteOutcome(old: old, new: new, cost: cost, table: write.table, place: write.place)
    }
}

/// A write of one item that has found its table.
private struct OneWrite: Sendable {
    let prepared: PreparedWrite
    let table: Table
    let place: ItemPlace
    let time: LabTime
    let restoreCount: Int
    /// The bytes of the item's collection, where they are counted.
    let collection: Int?
}
