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
    /// The indexes, by ordinal, that have no entry of the item as it was: they are being filled.
    var uncounted: Set<UInt16> = []
}

/// What a write of one item costs.
struct WriteCost: Sendable {
    /// The larger of the item before and after, in bytes.
    var itemBytes = 0
    /// Units for each index that was written to.
    var indexUnits: [(index: IndexDefinition, units: Int)] = []

    /// By how many bytes the item's collection grows, in a table with local indexes; 0 in others.
    var collectionGrowth = 0

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
        Self.tally(tallyKeys, items: items, bytes: growth, into: &batch)
        var collectionGrowth = growth
        var later: [IndexChange] = []
        for plan in indexPlans {
            guard let indexChange = IndexChange(change, plan) else { continue }
            cost.indexUnits.append((plan.definition, indexChange.units))
            if plan.definition.isLocal { collectionGrowth += indexChange.growth }
            if isDelayed(plan.definition) {
                later.append(indexChange)
            } else {
                let isCounted = !change.uncounted.contains(plan.definition.ordinal)
                indexChange.write(to: &batch, of: self, isOldCounted: isCounted)
            }
        }
        if !later.isEmpty { postpone(later, of: change, at: time, due, in: &batch) }
        if hasLocalIndexes, collectionGrowth != 0 {
            cost.collectionGrowth = collectionGrowth
            batch.add(.catalog, collectionKey(of: change.place), Int64(collectionGrowth))
        }
        appendStreamRecord(change, at: time, ordinal: ordinal, to: &batch)
        updateExpiry(change, at: time, due, in: &batch)
        if definition.keepsHistory { appendHistory(change, to: &batch) }
        return cost
    }

    /// Bytes that a change takes of a commit, about: the item wherever it is written, and what it was where that is.
    func commitBytes(old: [UInt8]?, new: [UInt8]?) -> Int {
        let view = definition.stream?.view
        let hasNewImage = view == .newImage || view == .newAndOldImages
        let hasOldImage = view == .oldImage || view == .newAndOldImages
        let news = 1 + indexPlans.count + (hasNewImage ? 1 : 0)
        let olds = (definition.keepsHistory ? 1 : 0) + (hasOldImage ? 1 : 0)
        return news * (new?.count ?? 0) + olds * (old?.count ?? 0)
    }

    /// Counts an index's entries and their bytes.
    func tally(_ ordinal: UInt16, items: Int, bytes: Int, into batch: inout WriteBatch) {
        let keys = (DynamoDBKeys.tally(.items, id, ordinal), DynamoDBKeys.tally(.bytes, id, ordinal))
        Self.tally(keys, items: items, bytes: bytes, into: &batch)
    }

    /// Counts items and bytes; adding commutes, so that writers do not wait for each other.
    private static func tally(
        _ keys: (items: [UInt8], bytes: [UInt8]), items: Int, bytes: Int, into batch: inout WriteBatch
    ) {
        if items != 0 { batch.add(.catalog, keys.items, Int64(items)) }
        if bytes != 0 { batch.add(.catalog, keys.bytes, Int64(bytes)) }
    }

    private static func size(_ item: [UInt8]) -> Int { item.reading { ItemView($0).size } }
}
