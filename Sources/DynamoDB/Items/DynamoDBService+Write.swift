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
        let time = clock.now()
        let collection = try await collectionBytes(of: place, in: table)
        do {
            return try await store.update(.items, place.key) {
                (current, batch) throws(DynamoDBError) -> WriteOutcome in
                let old = current?.head
                let new = try prepared.decide(old, in: table)
                batch.restoreCount = restoreCount
                let change = ItemChange(place: place, old: old, new: new)
                let cost = table.apply(change, at: time, ordinal: 0, self.due, into: &batch)
                if let collection {
                    try self.checkCollection(before: collection, growth: cost.collectionGrowth)
                }
                return WriteOutcome(old: old, new: new, cost: cost, table: table, place: place)
            }
        } catch {
            throw DynamoDBError.wrap(error)
        }
    }
}
