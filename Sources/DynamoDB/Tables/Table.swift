import Bytes
import Items

/// A table as its operations see it: its definition and its partitions, at one moment. Immutable.
package final class Table: Sendable {
    package let definition: TableDefinition
    let partitions: PartitionMap
    /// Whether item collections are counted: they have a limit where there are local indexes.
    let hasLocalIndexes: Bool
    let indexPlans: [IndexPlan]
    /// Whether an index that was added is being filled: changes of items look first whether it has them already.
    let isFillingIndexes: Bool
    /// The counters of the table's items and of their bytes: every write adds to them.
    let tallyKeys: (items: [UInt8], bytes: [UInt8])

    init(definition: TableDefinition, partitions: PartitionMap) {
        self.definition = definition
        self.partitions = partitions
        indexPlans = definition.indexes.filter { $0.status != .deleting }.map { IndexPlan($0, of: definition) }
        isFillingIndexes = !definition.isBuilding && definition.indexes.contains { $0.status == .creating }
        hasLocalIndexes = definition.indexes.contains(where: \.isLocal)
        tallyKeys = (
            DynamoDBKeys.tally(.items, definition.id, 0), DynamoDBKeys.tally(.bytes, definition.id, 0)
        )
    }

    /// The same table with another definition.
    func changed(to definition: TableDefinition) -> Table { Table(definition: definition, partitions: partitions) }

    package var id: UInt64 { definition.id }
    package var key: KeySchema { definition.key }
    package var name: TableName { definition.name }

    /// Where an item lies: the key of its primary key's attributes, which have been checked.
    func itemKey(of item: ItemView) -> ItemPlace { place(having: key.values(in: item)) }

    /// Where the item lies whose primary key has those values, which have been checked.
    func place(having values: [ValueView?]) -> ItemPlace {
        var place = DynamoDBKeys.items(id)
        guard let hash = key.append(keyOf: values, to: &place) else {
            preconditionFailure("An item's key was not checked")
        }
        return ItemPlace(key: place, hash: hash)
    }

    /// The end of the partition key within an item's store key: what the items of one collection have in common.
    func collectionEnd(_ key: [UInt8]) -> Int {
        // Behind the table's id and the hash, one segment for each attribute of the partition key.
        var offset = 8 + ItemKey.hashSize
        for _ in definition.key.partition {
            while !(key[offset] == 0 && key[offset + 1] == 1) { offset += key[offset] == 0 ? 2 : 1 }
            offset += 2
        }
        return offset
    }
}

/// Where an item lies.
struct ItemPlace: Sendable, Hashable {
    /// In the items keyspace.
    let key: [UInt8]
    /// Of its partition key.
    let hash: UInt64

    static func == (a: ItemPlace, b: ItemPlace) -> Bool { a.key == b.key }

    /// All bytes at once: an array by itself is hashed byte by byte.
    func hash(into hasher: inout Hasher) { key.withUnsafeBytes { hasher.combine(bytes: $0) } }
}
