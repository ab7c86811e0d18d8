import Expressions
import Items
import PartiQL

extension StatementKey {
    /// - Throws: `ValidationException` for keys with several attributes a part.
    init(_ key: KeySchema) throws(DynamoDBError) {
        func attributes(_ list: [KeyAttribute]) -> [Attribute] { list.map { Attribute(name: $0.name, type: $0.type) } }
        do throws(StatementError) {
            try self.init(partition: attributes(key.partition), sort: attributes(key.sort))
        } catch {
            throw .validation(error.message)
        }
    }
}

extension DynamoDBError {
    /// Runs what statements refuse in their own way.
    static func wording<Output>(_ body: () throws(StatementError) -> Output) throws(DynamoDBError) -> Output {
        do throws(StatementError) { return try body() } catch { throw .validation(error.message) }
    }
}

extension DynamoDBService {
    /// What a statement that writes does to one item; nil for a SELECT.
    ///
    /// - Throws: `ValidationException` unless it says which item by its whole key.
    func prepared(
        _ statement: Statement, in table: Table, returnsItemOnFailure: Bool
    ) throws(DynamoDBError) -> PreparedWrite? {
        let schema = try StatementKey(table.key)
        let exists = Condition.exists(DocumentPath(attribute: table.key.partition[0].name))
        let action: PreparedWrite.Action
        var key: [UInt8] = []
        var condition: Condition?
        switch statement.body {
        case .select: return nil
        case .insert(let insert):
            key = Array(insert.item.bytes)
            if insert.item.size > ItemLimits.itemSizeMax {
                throw .validation("Item size has exceeded the maximum allowed size")
            }
            action = .insert(key)
        case .update(let update):
            let keyed = try DynamoDBError.wording { () throws(StatementError) in try update.key(schema) }
            key = Self.keyItem(keyed.key, table.key)
            action = .update(update.update)
            // Unlike UpdateItem, it makes no item.
            condition = keyed.rest.map { .and(exists, $0) } ?? exists
        case .delete(let delete):
            let keyed = try DynamoDBError.wording { () throws(StatementError) in try delete.key(schema) }
            key = Self.keyItem(keyed.key, table.key)
            action = .delete
            // Nothing to delete is no failure.
            condition = keyed.rest.map { .or(.not(exists), $0) }
        case .exists(let select):
            let keyed = try DynamoDBError.wording { () throws(StatementError) in try select.existence(schema) }
            key = Self.keyItem(keyed.key, table.key)
            action = .check
            condition = keyed.rest.map { .and(exists, $0) } ?? exists
        }
        return PreparedWrite(
            action, key: key, condition: condition, returnsItemOnFailure: returnsItemOnFailure, owners: [statement])
    }

    /// A primary key as an item, of its attributes' values in order.
    static func keyItem(_ values: [ValueView], _ key: KeySchema) -> [UInt8] {
        var builder = ValueBuilder(capacity: 64)
        var item = builder.beginItem()
        for (attribute, value) in zip(key.attributes, values) {
            builder.appendName(attribute.name, in: &item)
            builder.append(value)
        }
        guard let range = builder.endItem(item) else { preconditionFailure("A key has an attribute twice") }
        return builder.output.copyBytes(range)
    }

    /// What a statement's RETURNING clause answers; nil for nothing.
    func returned(_ statement: Statement, _ outcome: WriteOutcome) -> [UInt8]? {
        guard let returning = statement.returning else { return nil }
        var update: Update?
        if case .update(let statement) = statement.body { update = statement.update }
        let attributes: ReturnedAttributes =
            switch returning {
            case .allOld: .allOld
            case .allNew: .allNew
            case .modifiedOld: .updatedOld
            case .modifiedNew: .updatedNew
            }
        return attributes.of(outcome, update: update)
    }
}
