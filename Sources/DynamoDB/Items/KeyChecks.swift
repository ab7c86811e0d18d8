import Expressions
import Items

/// What an item or a key must be to belong into a table.
extension Table {
    /// The place of the item that a Key parameter names.
    ///
    /// - Throws: `ValidationException` unless it has exactly the primary key's attributes.
    func place(ofKey key: ItemView) throws(DynamoDBError) -> ItemPlace {
        try checkKey(key)
        return itemKey(of: key)
    }

    private func checkKey(_ item: ItemView) throws(DynamoDBError) {
        guard item.attributes.count == key.attributes.count, hasKeyTypes(item) else { throw Self.keyMismatch }
        try checkKeySizes(item)
    }

    /// Whether an item has the primary key's attributes, of its types.
    func hasKeyTypes(_ item: ItemView) -> Bool {
        key.attributes.allSatisfy { item[$0.name]?.type == $0.type.attributeType }
    }

    /// Refuses a primary key with an attribute of no bytes.
    func checkKeyIsNotEmpty(_ item: ItemView) throws(DynamoDBError) {
        try Self.checkAreNotEmpty(key, item, indexName: nil)
    }

    static let keyMismatch = DynamoDBError.validation("The provided key element does not match the schema")

    /// The place of an item to be put.
    ///
    /// - Throws: `ValidationException` when it lacks the primary key, or a key attribute of it or of an index has the
    ///   wrong type or size.
    func place(ofItem item: ItemView) throws(DynamoDBError) -> ItemPlace {
        for attribute in key.attributes {
            guard let value = item[attribute.name] else {
                throw .validation(
                    "One or more parameter values were invalid: Missing the key \(attribute.name) in the item")
            }
            guard value.type == attribute.type.attributeType else {
                throw .validation(
                    "One or more parameter values were invalid: Type mismatch for key \(attribute.name) expected: "
                        + "\(attribute.type.name) actual: \(value.type.name)")
            }
        }
        try checkKeySizes(item)
        try checkIndexKeys(of: item)
        return itemKey(of: item)
    }

    private func checkKeySizes(_ item: ItemView) throws(DynamoDBError) {
        try Self.checkSizes(key, item, indexName: nil)
    }

    /// An item may lack an index's key attributes, but not have them in another type.
    func checkIndexKeys(of item: ItemView) throws(DynamoDBError) {
        for index in definition.indexes {
            for attribute in index.key.attributes {
                if let value = item[attribute.name] { try Self.checkType(value.type, attribute, of: index) }
            }
            try Self.checkSizes(index.key, item, indexName: index.name)
        }
    }

    static func checkType(
        _ type: AttributeType, _ attribute: KeyAttribute, of index: IndexDefinition
    ) throws(DynamoDBError) {
        guard type != attribute.type.attributeType else { return }
        throw .validation(
            "One or more parameter values were invalid: Type mismatch for Index Key \(attribute.name) "
                + "Expected: \(attribute.type.name) Actual: \(type.name) IndexName: \(index.name)")
    }

    private static func checkAreNotEmpty(
        _ key: KeySchema, _ item: ItemView, indexName: String?
    ) throws(DynamoDBError) {
        for attribute in key.attributes {
            guard let bytes = item[attribute.name]?.keyBytes, bytes.isEmpty else { continue }
            let type = attribute.type == .binary ? "binary" : "string"
            let start = "One or more parameter values are not valid. "
            if let indexName {
                throw .validation(
                    start
                        + "A value specified for a secondary index key is not supported. The AttributeValue for a key "
                        + "attribute cannot contain an empty \(type) value. IndexName: \(indexName), "
                        + "IndexKey: \(attribute.name)")
            }
            throw .validation(
                start + "The AttributeValue for a key attribute cannot contain an empty \(type) value. "
                    + "Key: \(attribute.name)")
        }
    }

    private static func checkSizes(
        _ key: KeySchema, _ item: ItemView, indexName: String?
    ) throws(DynamoDBError) {
        try checkAreNotEmpty(key, item, indexName: indexName)
        let index = indexName.map { " IndexName: \($0)" } ?? ""
        if size(of: key.partition, item) > ItemLimits.partitionKeySizeMax {
            throw .validation(
                "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of"
                    + "\(ItemLimits.partitionKeySizeMax) bytes" + index)
        }
        if size(of: key.sort, item) > ItemLimits.sortKeySizeMax {
            throw .validation(
                "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size "
                    + "limit of \(ItemLimits.sortKeySizeMax) bytes" + index)
        }
    }

    /// Whether an item's values can be a key: an item may be older than the index whose key they are not fit for.
    static func fits(_ item: ItemView, _ key: KeySchema) -> Bool {
        key.attributes.allSatisfy { item[$0.name]?.keyBytes?.isEmpty != true }
            && size(of: key.partition, item) <= ItemLimits.partitionKeySizeMax
            && size(of: key.sort, item) <= ItemLimits.sortKeySizeMax
    }

    private static func size(of attributes: [KeyAttribute], _ item: ItemView) -> Int {
        attributes.reduce(0) { $0 + (item[$1.name]?.keyBytes?.count ?? 0) }
    }
}

// MARK: Paths

extension Table {
    /// Refuses paths into attributes of a key, which hold nothing that a path could lead into.
    func checkLeadsIntoNoKey(_ paths: [DocumentPath]) throws(DynamoDBError) {
        let nested = paths.filter { !$0.steps.isEmpty }
        guard !nested.isEmpty else { return }
        func check(_ schema: KeySchema, _ kind: String) throws(DynamoDBError) {
            for attribute in schema.attributes where nested.contains(where: { $0.attribute == attribute.name }) {
                throw .validation(
                    "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
                        + "\(kind): \(attribute.name)")
            }
        }
        try check(key, "Key")
        for index in definition.indexes { try check(index.key, "IndexKey") }
    }
}
