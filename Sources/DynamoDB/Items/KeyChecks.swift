import Expressions
import Items

/// What an item or a key must be to belong into a table.
extension Table {
    /// The place of the item that a Key parameter names.
    ///
    /// - Throws: `ValidationException` unless it has exactly the primary key's attributes.
    func place(ofKey item: ItemView) throws(DynamoDBError) -> ItemPlace {
        let values = key.values(in: item)
        guard item.attributes.count == key.attributes.count, key.areComplete(values) else { throw Self.keyMismatch }
        try Self.checkSizes(key, values, indexName: nil)
        return place(having: values)
    }

    /// Refuses a primary key with an attribute of no bytes.
    func checkKeyIsNotEmpty(_ item: ItemView) throws(DynamoDBError) {
        try Self.checkAreNotEmpty(key, key.values(in: item), indexName: nil)
    }

    static let keyMismatch = DynamoDBError.validation("The provided key element does not match the schema")

    /// The place of an item to be put.
    ///
    /// - Throws: `ValidationException` when it lacks the primary key, or a key attribute of it or of an index has the
    ///   wrong type or size.
    func place(ofItem item: ItemView) throws(DynamoDBError) -> ItemPlace {
        let values = key.values(in: item)
        for (attribute, value) in zip(key.attributes, values) {
            guard let value else {
                throw .validation(
                    "One or more parameter values were invalid: Missing the key \(attribute.name) in the item")
            }
            guard value.type == attribute.type.attributeType else {
                throw .validation(
                    "One or more parameter values were invalid: Type mismatch for key \(attribute.name) expected: "
                        + "\(attribute.type.name) actual: \(value.type.name)")
            }
        }
        return try place(ofItem: item, having: values)
    }

    /// As `place(ofItem:)`, in the words for batches, which say the same of items as of keys.
    func place(ofItemInBatch item: ItemView) throws(DynamoDBError) -> ItemPlace {
        let values = key.values(in: item)
        guard key.areComplete(values) else { throw Self.keyMismatch }
        return try place(ofItem: item, having: values)
    }

    private func place(ofItem item: ItemView, having values: [ValueView?]) throws(DynamoDBError) -> ItemPlace {
        try Self.checkSizes(key, values, indexName: nil)
        try checkIndexKeys(of: item)
        return place(having: values)
    }

    /// An item may lack an index's key attributes, but not have them in another type.
    func checkIndexKeys(of item: ItemView) throws(DynamoDBError) {
        for index in definition.indexes {
            let values = index.key.values(in: item)
            for (attribute, value) in zip(index.key.attributes, values) {
                if let value { try Self.checkType(value.type, attribute, of: index) }
            }
            try Self.checkSizes(index.key, values, indexName: index.name)
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
        _ key: KeySchema, _ values: [ValueView?], indexName: String?
    ) throws(DynamoDBError) {
        for (attribute, value) in zip(key.attributes, values) {
            guard let bytes = value?.keyBytes, bytes.isEmpty else { continue }
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
        _ key: KeySchema, _ values: [ValueView?], indexName: String?
    ) throws(DynamoDBError) {
        try checkAreNotEmpty(key, values, indexName: indexName)
        if size(of: values.prefix(key.partition.count)) > ItemLimits.partitionKeySizeMax {
            throw .validation(
                "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of"
                    + "\(ItemLimits.partitionKeySizeMax) bytes" + suffix(of: indexName))
        }
        if size(of: values.dropFirst(key.partition.count)) > ItemLimits.sortKeySizeMax {
            throw .validation(
                "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size "
                    + "limit of \(ItemLimits.sortKeySizeMax) bytes" + suffix(of: indexName))
        }
    }

    private static func suffix(of indexName: String?) -> String { indexName.map { " IndexName: \($0)" } ?? "" }

    /// Whether an item's values can be a key: an item may be older than the index whose key they are not fit for.
    static func fit(_ values: [ValueView?], _ key: KeySchema) -> Bool {
        values.allSatisfy { $0?.keyBytes?.isEmpty != true }
            && size(of: values.prefix(key.partition.count)) <= ItemLimits.partitionKeySizeMax
            && size(of: values.dropFirst(key.partition.count)) <= ItemLimits.sortKeySizeMax
    }

    private static func size(of values: ArraySlice<ValueView?>) -> Int {
        values.reduce(0) { $0 + ($1?.keyBytes?.count ?? 0) }
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
