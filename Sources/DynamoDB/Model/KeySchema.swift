import Bytes
import Encryption
package import Items

/// A key attribute of a table or an index.
package struct KeyAttribute: Sendable, Hashable {
    package let name: String
    package let type: KeyType

    package init(name: String, type: KeyType) {
        self.name = name
        self.type = type
    }
}

/// The primary key of a table or the key of an index: which attributes, in which order.
///
/// A table's key has one partition attribute and at most one sort attribute; a global index's may have four of each.
package struct KeySchema: Sendable, Hashable {
    package let partition: [KeyAttribute]
    package let sort: [KeyAttribute]
    /// All of them, the partition's first.
    package let attributes: [KeyAttribute]

    package init(partition: [KeyAttribute], sort: [KeyAttribute]) {
        self.partition = partition
        self.sort = sort
        attributes = partition + sort
    }

    /// Whether an attribute is one of the key's.
    package func contains(_ name: String) -> Bool { attributes.contains { $0.name == name } }

    /// The hash that places a partition key among the partitions: the first eight bytes of its MD5.
    package static func hash(of values: [ValueView]) -> UInt64 {
        // One attribute, as nearly always, is hashed in place.
        let digest =
            if values.count == 1, let bytes = values[0].keyBytes {
                Digest.md5(bytes)
            } else {
                Digest.md5(ItemKey.hashedBytes(of: values))
            }
        return digest.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
    }

    /// The attributes' values in an item; nil when one is missing or has another type, as an index leaves such items
    /// out.
    func values(_ attributes: [KeyAttribute], in item: ItemView) -> [ValueView]? {
        var values: [ValueView] = []
        values.reserveCapacity(attributes.count)
        for attribute in attributes {
            guard let value = item[attribute.name], value.type == attribute.type.attributeType else { return nil }
            values.append(value)
        }
        return values
    }

    /// Appends the key of an item: hash, partition key, sort key. Nil when the item has no such key.
    ///
    /// - Returns: the hash.
    @discardableResult
    func append(keyOf item: ItemView, to key: inout [UInt8]) -> UInt64? {
        guard let partitionValues = values(partition, in: item), let sortValues = values(sort, in: item) else {
            return nil
        }
        let hash = Self.hash(of: partitionValues)
        ItemKey.appendPartition(hash: hash, partitionValues, to: &key)
        for value in sortValues { ItemKey.append(value, to: &key) }
        return hash
    }
}
