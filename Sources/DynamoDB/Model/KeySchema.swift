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
        ItemKey.hashedBytes(of: values).withUnsafeBytes { hash(of: $0) }
    }

    private static func hash(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        Digest.withMD5(of: bytes) { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
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

    /// What an item has under the key's attributes, in the order of `attributes`: looked up once for all that is asked
    /// of them. Valid as long as the item's bytes.
    func values(in item: ItemView) -> [ValueView?] { attributes.map { item[$0.name] } }

    /// Whether an item's values are all there, and of the key's types.
    func areComplete(_ values: [ValueView?]) -> Bool {
        zip(attributes, values).allSatisfy { $1?.type == $0.type.attributeType }
    }

    /// Appends the key that an item has by its values: hash, partition key, sort key. Nil when it has no such key.
    ///
    /// - Returns: the hash.
    @discardableResult
    func append(keyOf values: [ValueView?], to key: inout [UInt8]) -> UInt64? {
        guard areComplete(values) else { return nil }
        // One attribute, as in every table, needs no array of its own.
        let hash =
            if partition.count == 1, let bytes = values[0]?.keyBytes {
                Self.hash(of: bytes)
            } else {
                Self.hash(of: values.prefix(partition.count).compactMap { $0 })
            }
        OrderedKey.append(hash, to: &key)
        for case let value? in values { ItemKey.append(value, to: &key) }
        return hash
    }
}
