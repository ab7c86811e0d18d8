import Items

/// Reads what a request says of keys and indexes, and checks that it goes together.
///
/// - Throws: `ValidationException` in AWS's words.
struct SchemaReading {
    private static let invalid = "One or more parameter values were invalid: "

    /// In the order of the request.
    let attributes: [KeyAttribute]
    private let types: [String: KeyType]
    private(set) var used: Set<String> = []

    init(_ definitions: [API.AttributeDefinition]) throws(DynamoDBError) {
        var attributes: [KeyAttribute] = []
        var types: [String: KeyType] = [:]
        for definition in definitions {
            let name = definition.attributeName ?? ""
            guard let type = KeyType(name: definition.attributeType ?? "") else {
                throw .validation(Self.invalid + "Unknown attribute type of \(name)")
            }
            guard types.updateValue(type, forKey: name) == nil else {
                throw .validation(Self.invalid + "Duplicate AttributeName in AttributeDefinitions: \(name)")
            }
            attributes.append(KeyAttribute(name: name, type: type))
        }
        self.attributes = attributes
        self.types = types
    }

    // MARK: Keys

    mutating func tableKey(_ elements: [API.KeySchemaElement]) throws(DynamoDBError) -> KeySchema {
        guard elements.count <= attributes.count else {
            throw .validation("Invalid KeySchema: Some index key attribute have no definition")
        }
        try checkDefined(elements)
        try Self.checkTypes(elements)
        if elements.count > 1, elements[1].keyType != "RANGE" { throw Self.secondIsNoRange }
        return schema(elements)
    }

    /// An index's key: attributes of the partition first, then of the sort key.
    mutating func indexKey(_ elements: [API.KeySchemaElement], _ name: String) throws(DynamoDBError) -> KeySchema {
        try checkDefined(elements)
        try Self.checkTypes(elements)
        let max = DynamoDBLimits.indexKeyAttributesMax
        for type in ["HASH", "RANGE"] where elements.count(where: { $0.keyType == type }) > max {
            throw .validation(
                Self.invalid + "Index KeySchema has more than \(max) \(type) key attributes for index: \(name)")
        }
        return schema(elements)
    }

    private func checkDefined(_ elements: [API.KeySchemaElement]) throws(DynamoDBError) {
        let names = elements.map { $0.attributeName ?? "" }
        guard names.contains(where: { types[$0] == nil }) else { return }
        throw .validation(
            Self.invalid + "Some index key attributes are not defined in AttributeDefinitions. "
                + "Keys: [\(names.joined(separator: ", "))], "
                + "AttributeDefinitions: [\(attributes.map(\.name).joined(separator: ", "))]")
    }

    /// Names come once, attributes of the partition before those of the sort key. A table's key and a local index's
    /// have one of each at most, of which their callers have taken care.
    private static func checkTypes(_ elements: [API.KeySchemaElement]) throws(DynamoDBError) {
        guard Set(elements.compactMap(\.attributeName)).count == elements.count else {
            throw .validation("Both the Hash Key and the Range Key element in the KeySchema have the same name")
        }
        guard elements.first?.keyType == "HASH" else {
            throw .validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
        }
        guard elements.drop(while: { $0.keyType == "HASH" }).allSatisfy({ $0.keyType == "RANGE" }) else {
            throw .validation("Invalid KeySchema: HASH key attributes must precede RANGE key attributes")
        }
    }

    private static let secondIsNoRange = DynamoDBError.validation(
        "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")

    private mutating func schema(_ elements: [API.KeySchemaElement]) -> KeySchema {
        func attributes(_ type: String) -> [KeyAttribute] {
            elements.filter { $0.keyType == type }.compactMap { element in
                types[element.attributeName ?? ""].map { KeyAttribute(name: element.attributeName ?? "", type: $0) }
            }
        }
        used.formUnion(elements.compactMap(\.attributeName))
        return KeySchema(partition: attributes("HASH"), sort: attributes("RANGE"))
    }

    // MARK: Indexes

    mutating func localIndex(
        _ index: API.LocalSecondaryIndex, of table: KeySchema, ordinal: UInt16
    ) throws(DynamoDBError) -> IndexDefinition {
        let name = index.indexName ?? ""
        guard index.keySchema?.count ?? 0 <= 2 else {
            throw .validation(
                "1 validation error detected: Value at 'localSecondaryIndexes.1.member.keySchema' failed to satisfy "
                    + "constraint: Member must have length less than or equal to 2")
        }
        guard !table.sort.isEmpty else {
            throw .validation(
                Self.invalid + "Table KeySchema does not have a range key, which is required when specifying a "
                    + "LocalSecondaryIndex")
        }
        let key = try indexKey(index.keySchema ?? [], name)
        guard key.partition.count == 1 else { throw Self.secondIsNoRange }
        guard key.sort.count == 1 else {
            throw .validation(Self.invalid + "Index KeySchema does not have a range key for index: \(name)")
        }
        guard key.partition == table.partition else {
            throw .validation(
                Self.invalid + "Index KeySchema does not have the same leading hash key as table KeySchema for index: "
                    + "\(name). index hash key: \(key.partition[0].name), "
                    + "table hash key: \(table.partition[0].name)")
        }
        return IndexDefinition(
            ordinal: ordinal, name: name, isLocal: true, key: key, projection: try Self.projection(index.projection),
            status: .active, throughput: .none, onDemandMax: OnDemandMax())
    }

    mutating func globalIndex(
        _ index: API.GlobalSecondaryIndex, isOnDemand: Bool, ordinal: UInt16, status: IndexDefinition.Status
    ) throws(DynamoDBError) -> IndexDefinition {
        let name = index.indexName ?? ""
        let key = try indexKey(index.keySchema ?? [], name)
        let projection = try Self.projection(index.projection)
        let units = try BillingReading.units(
            index.provisionedThroughput, isOnDemand: isOnDemand, ofIndex: name)
        return IndexDefinition(
            ordinal: ordinal, name: name, isLocal: false, key: key, projection: projection, status: status,
            throughput: units, onDemandMax: OnDemandMax(index.onDemandThroughput))
    }

    private static func projection(_ projection: API.Projection?) throws(DynamoDBError) -> IndexProjection {
        let names = projection?.nonKeyAttributes
        switch projection?.projectionType {
        case "ALL"?:
            if names != nil {
                throw .validation(invalid + "ProjectionType is ALL, but NonKeyAttributes is specified")
            }
            return .all
        case "KEYS_ONLY"?:
            if names != nil {
                throw .validation(invalid + "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified")
            }
            return .keysOnly
        case "INCLUDE"?:
            guard let names else {
                throw .validation(invalid + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
            }
            guard Set(names).count == names.count else {
                throw .validation(invalid + "Duplicate attribute name in NonKeyAttributes")
            }
            return .include(names)
        case let other:
            throw .validation(invalid + "Unknown ProjectionType: \(other ?? "null")")
        }
    }

    /// Checks all of a table's indexes together.
    static func check(_ indexes: [IndexDefinition]) throws(DynamoDBError) {
        var names: Set<String> = []
        for index in indexes where !names.insert(index.name).inserted {
            throw .validation(invalid + "Duplicate index name: \(index.name)")
        }
        if indexes.count(where: \.isLocal) > DynamoDBLimits.localIndexesMax {
            throw .validation(
                invalid + "Number of LocalSecondaryIndexes exceeds per-table limit of \(DynamoDBLimits.localIndexesMax)"
            )
        }
        if indexes.count(where: { !$0.isLocal }) > DynamoDBLimits.globalIndexesMax {
            throw .validation(
                invalid + "GlobalSecondaryIndex count exceeds the per-table limit of "
                    + "\(DynamoDBLimits.globalIndexesMax)")
        }
        let projected = indexes.reduce(0) { count, index in
            if case .include(let names) = index.projection { count + names.count } else { count }
        }
        if projected > DynamoDBLimits.projectedNamesMax {
            throw .validation(
                invalid + "Too many projected attributes in the indexes: more than \(DynamoDBLimits.projectedNamesMax)")
        }
    }

    /// - Parameter hasIndexes: whether the request has any; without, AWS says less.
    /// - Throws: for attributes that are defined and in no key.
    func checkAllUsed(hasIndexes: Bool) throws(DynamoDBError) {
        let names = attributes.map(\.name)
        guard names.contains(where: { !used.contains($0) }) else { return }
        guard hasIndexes else {
            throw .validation(
                Self.invalid + "Number of attributes in KeySchema does not exactly match number of attributes defined "
                    + "in AttributeDefinitions")
        }
        throw .validation(
            Self.invalid + "Some AttributeDefinitions are not used. "
                + "AttributeDefinitions: [\(names.joined(separator: ", "))], "
                + "keys used: [\(used.sorted().joined(separator: ", "))]")
    }
}

extension OnDemandMax {
    /// -1 takes a limit away.
    init(_ throughput: API.OnDemandThroughput?) {
        self.init(
            read: throughput?.maxReadRequestUnits.flatMap { $0 < 0 ? nil : $0 },
            write: throughput?.maxWriteRequestUnits.flatMap { $0 < 0 ? nil : $0 })
    }
}
