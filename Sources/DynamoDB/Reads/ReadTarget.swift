import Bytes
import Expressions
import Items
import LogStore

/// What a Query or Scan reads: a table or one of its indexes.
struct ReadTarget: Sendable {
    let table: Table
    let index: IndexPlan?

    /// - Parameter isOfStatement: of which AWS says the same in other words.
    /// - Throws: `ValidationException` for an index that is not there or not ready, and for a consistent read of a
    ///   global one.
    init(
        _ table: Table, indexName: String?, isConsistent: Bool, isOfStatement: Bool = false
    ) throws(DynamoDBError) {
        self.table = table
        guard let indexName else {
            index = nil
            return
        }
        guard let plan = table.indexPlans.first(where: { $0.definition.name == indexName }) else {
            let name = isOfStatement ? "" : ": \(indexName)"
            throw .validation("The table does not have the specified index" + name)
        }
        guard plan.definition.isLocal || !isConsistent else {
            throw .validation(
                isOfStatement
                    ? "Strongly consistent read is not supported on Global Secondary Indexes"
                    : "Consistent reads are not supported on global secondary indexes")
        }
        guard plan.definition.status == .active else {
            throw .validation("Cannot read from backfilling global secondary index: \(indexName)")
        }
        index = plan
    }

    var keyspace: Keyspace { index == nil ? .items : .indexes }

    var key: KeySchema { index?.definition.key ?? table.key }

    /// Whether a query finds one item at most: that of a partition key, where there is no sort key.
    var holdsOneItem: Bool { index == nil && key.sort.isEmpty }

    /// What all keys of it begin with.
    var prefix: [UInt8] {
        index.map { DynamoDBKeys.index(table.id, $0.definition.ordinal) } ?? DynamoDBKeys.items(table.id)
    }

    /// The attributes of a LastEvaluatedKey: those of the index's key, and of the table's.
    var pageKeyAttributes: [KeyAttribute] {
        guard let index else { return table.key.attributes }
        return index.definition.key.attributes
            + table.key.attributes.filter { !index.definition.key.contains($0.name) }
    }

    /// The first half of what a start key is looked at for: how many attributes it has, and those of the index's key.
    func check(ofStartKey key: ItemView) throws(DynamoDBError) {
        guard key.attributes.count == pageKeyAttributes.count else {
            throw .validation(
                index == nil
                    ? "The provided starting key is invalid: The provided key element does not match the schema"
                    : "The provided starting key is invalid")
        }
        for attribute in index?.definition.key.attributes ?? [] {
            guard let value = key[attribute.name] else { throw .validation("The provided starting key is invalid") }
            guard value.type == attribute.type.attributeType else {
                throw .validation("The provided key element does not match the schema")
            }
        }
    }

    /// The place of a start key: the key of the item that it is of, which may be gone.
    ///
    /// - Throws: `ValidationException` unless it has exactly the attributes that a LastEvaluatedKey has.
    func place(ofStartKey key: ItemView) throws(DynamoDBError) -> [UInt8] {
        try check(ofStartKey: key)
        for attribute in pageKeyAttributes {
            guard let value = key[attribute.name], value.type == attribute.type.attributeType,
                value.keyBytes?.isEmpty == false
            else {
                throw .validation(
                    "The provided starting key is invalid: The provided key element does not match the schema")
            }
        }
        if let index {
            guard let place = index.entryKey(of: key) else { throw .validation("The provided starting key is invalid") }
            return place
        }
        return table.itemKey(of: key).key
    }
}

extension ReadTarget {
    /// A start key as AWS's messages show it.
    static func text(ofStartKey key: ItemView) -> String {
        let members = key.attributes.map { name, value in
            let text = value.string ?? value.number?.description ?? ""
            return "\(String(decoding: name, as: UTF8.self))=AttributeValue: {\(value.type.name):\(text)}"
        }
        return "{\(members.joined(separator: ", "))}"
    }
}

/// A part of what a target's keys are, read in one direction.
struct ReadRange: Sendable {
    var lower: [UInt8]
    /// Exclusive.
    var upper: [UInt8]?
    var isForward = true

    /// Whether a key lies within.
    func contains(_ key: [UInt8]) -> Bool {
        !key.lexicographicallyPrecedes(lower) && (upper.map { key.lexicographicallyPrecedes($0) } ?? true)
    }

    /// Goes on behind a key.
    mutating func start(behind key: [UInt8]) {
        if isForward { lower = key + [0] } else { upper = key }
    }
}
