import Bytes
import Items
import LabClock
import LogStore

/// One item as it was and as it will be.
struct ItemChange {
    let place: ItemPlace
    let old: [UInt8]?
    let new: [UInt8]?
    /// Whether the service itself deletes it, because its time is over.
    var isExpiry = false
}

/// What a write of one item costs.
struct WriteCost: Sendable {
    /// The larger of the item before and after, in bytes.
    var itemBytes = 0
    /// Units for each index that was written to.
    var indexUnits: [(index: IndexDefinition, units: Int)] = []

    var tableUnits: Int { CapacityUnits.write(bytes: itemBytes) }
}

extension Table {
    /// Adds a change of an item to a batch, with all that follows from it: entries of indexes, tallies, the record of
    /// the stream, what recovery needs, and what is due later.
    ///
    /// - Parameter ordinal: the change's number among those of the batch.
    func apply(
        _ change: ItemChange, at time: LabTime, ordinal: Int, _ due: DueQueue, into batch: inout WriteBatch
    ) -> WriteCost {
        let oldSize = change.old.map(Self.size)
        let newSize = change.new.map(Self.size)
        var cost = WriteCost(itemBytes: max(oldSize ?? 0, newSize ?? 0))
        guard change.old != change.new else { return cost }
        if let new = change.new {
            batch.put(.items, change.place.key, StoredValue(head: new))
        } else {
            batch.delete(.items, change.place.key)
        }
        let growth = (newSize ?? 0) - (oldSize ?? 0)
        let items = (change.new == nil ? 0 : 1) - (change.old == nil ? 0 : 1)
        tally(0, items: items, bytes: growth, into: &batch)
        var collectionGrowth = growth
        for plan in indexPlans {
            collectionGrowth += apply(change, to: plan, &cost, into: &batch)
        }
        if hasLocalIndexes, collectionGrowth != 0 {
            let end = collectionEnd(change.place.key)
            batch.add(.catalog, DynamoDBKeys.collectionSize(id, change.place.key[8..<end]), Int64(collectionGrowth))
        }
        appendStreamRecord(change, at: time, ordinal: ordinal, to: &batch)
        updateExpiry(change, at: time, due, in: &batch)
        if definition.keepsHistory { appendHistory(change, to: &batch) }
        return cost
    }

    /// - Returns: by how many bytes a local index's entries grew; 0 for a global one.
    private func apply(
        _ change: ItemChange, to plan: IndexPlan, _ cost: inout WriteCost, into batch: inout WriteBatch
    ) -> Int {
        let old = plan.entry(of: change.old)
        let new = plan.entry(of: change.new)
        let oldSize = old?.size
        let newSize = new?.size
        var units = 0
        if let old, let new, old.key == new.key {
            guard old.image != new.image else { return 0 }
            units = CapacityUnits.write(bytes: max(oldSize ?? 0, newSize ?? 0))
        } else {
            if let old {
                batch.delete(.indexes, old.key)
                units += CapacityUnits.write(bytes: oldSize ?? 0)
            }
            if new != nil { units += CapacityUnits.write(bytes: newSize ?? 0) }
        }
        if let new { batch.put(.indexes, new.key, StoredValue(head: new.image)) }
        guard old != nil || new != nil else { return 0 }
        cost.indexUnits.append((plan.definition, units))
        let growth = (newSize ?? 0) - (oldSize ?? 0)
        let items = (new == nil ? 0 : 1) - (old == nil ? 0 : 1)
        tally(plan.definition.ordinal, items: items, bytes: growth, into: &batch)
        return plan.definition.isLocal ? growth : 0
    }

    /// Counts items and bytes; adding commutes, so that writers do not wait for each other.
    func tally(_ ordinal: UInt16, items: Int, bytes: Int, into batch: inout WriteBatch) {
        if items != 0 { batch.add(.catalog, DynamoDBKeys.tally(.items, id, ordinal), Int64(items)) }
        if bytes != 0 { batch.add(.catalog, DynamoDBKeys.tally(.bytes, id, ordinal), Int64(bytes)) }
    }

    private static func size(_ item: [UInt8]) -> Int { item.reading { ItemView($0).size } }
}
