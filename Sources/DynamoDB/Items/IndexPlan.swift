import Bytes
import Items

/// How an index's entries are made of a table's items.
struct IndexPlan: Sendable {
    let definition: IndexDefinition
    private let prefix: [UInt8]
    private let table: KeySchema
    /// Names of the attributes that entries hold, in the order of their bytes; nil for all.
    private let names: [[UInt8]]?

    init(_ definition: IndexDefinition, of table: TableDefinition) {
        self.definition = definition
        self.table = table.key
        prefix = DynamoDBKeys.index(table.id, definition.ordinal)
        let keys = (definition.key.attributes + table.key.attributes).map(\.name)
        switch definition.projection {
        case .all: names = nil
        case .keysOnly: names = Self.sorted(keys)
        case .include(let more): names = Self.sorted(keys + more)
        }
    }

    private static func sorted(_ names: [String]) -> [[UInt8]] {
        Set(names).map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The key of an item's entry: the index's key, then what tells the item from others with the same one. Nil when
    /// the item has no entry: it lacks one of the index's key attributes, or was there before the index with a value
    /// that cannot be a key.
    func entryKey(of item: ItemView) -> [UInt8]? {
        let keyValues = definition.key.values(in: item)
        guard Table.fit(keyValues, definition.key) else { return nil }
        var key = prefix
        guard definition.key.append(keyOf: keyValues, to: &key) != nil else { return nil }
        // A local index shares the table's partition key.
        let others = definition.isLocal ? table.sort : table.attributes
        guard let values = table.values(others, in: item) else { return nil }
        for value in values { ItemKey.append(value, to: &key) }
        return key
    }

    /// What an item's entry holds.
    func image(of item: ItemView) -> [UInt8] {
        guard let names else { return Array(item.bytes) }
        var builder = ValueBuilder(capacity: item.bytes.count)
        var image = builder.beginItem()
        var next = 0
        for (name, value) in item.attributes {
            while next < names.count, names[next].lexicographicallyPrecedes(name) { next += 1 }
            guard next < names.count else { break }
            guard names[next].elementsEqual(name) else { continue }
            builder.appendName(name, in: &image)
            builder.append(value)
        }
        guard let range = builder.endItem(image) else { preconditionFailure("An item has a name twice") }
        return builder.output.copyBytes(range)
    }

    /// An item's entry: where and what.
    func entry(of item: [UInt8]?) -> Entry? {
        item?.reading { bytes in
            let item = ItemView(bytes)
            guard let key = entryKey(of: item) else { return nil }
            return Entry(key: key, image: image(of: item))
        }
    }

    struct Entry {
        let key: [UInt8]
        let image: [UInt8]

        /// In bytes, as DynamoDB reckons it.
        var size: Int { image.reading { ItemView($0).size } }
    }
}
