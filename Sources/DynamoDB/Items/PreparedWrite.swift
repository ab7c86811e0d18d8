import Expressions
import Items
import LogStore

/// A write of one item as a request asks for it, before it is known what the item is.
///
/// Unchecked: immutable; its expressions hold views of the arena, which it holds.
final class PreparedWrite: @unchecked Sendable {
    enum Action {
        /// The item in its place.
        case put([UInt8])
        /// The item where there is none.
        case insert([UInt8])
        /// Nil to make an item of its key alone where there is none.
        case update(Update?)
        case delete
        /// Nothing, if the condition holds.
        case check
    }

    let action: Action
    let condition: Condition?
    /// What the item's place is known by: the item itself for a put, its key otherwise.
    let key: [UInt8]
    /// Whether a refusal carries the item that the condition does not hold of.
    let returnsItemOnFailure: Bool
    /// Whether the older parameter says what an update does, which is refused in words of its own.
    private let isLegacy: Bool
    private let owners: [AnyObject]

    /// - Parameter owners: what the expressions' views are of.
    init(
        _ action: Action, key: [UInt8], condition: Condition?, returnsItemOnFailure: Bool,
        owners: [AnyObject], isLegacy: Bool = false
    ) {
        self.isLegacy = isLegacy
        self.action = action
        self.condition = condition
        self.key = key
        self.returnsItemOnFailure = returnsItemOnFailure
        self.owners = owners
    }

    /// Where the item lies in a table.
    ///
    /// - Throws: `ValidationException` when the key does not fit the table's schema.
    func place(in table: Table) throws(DynamoDBError) -> ItemPlace {
        try key.reading { (bytes) throws(DynamoDBError) in
            switch action {
            case .put, .insert: return try table.place(ofItem: ItemView(bytes))
            case .update(let update):
                let place = try table.place(ofKey: ItemView(bytes))
                if let update { try table.check(update) }
                return place
            case .delete, .check: return try table.place(ofKey: ItemView(bytes))
            }
        }
    }

    /// As `place(in:)`, in the words for batches, which say the same of items as of keys.
    func placeInBatch(in table: Table) throws(DynamoDBError) -> ItemPlace {
        switch action {
        case .put, .insert:
            try key.reading { (bytes) throws(DynamoDBError) in try table.place(ofItemInBatch: ItemView(bytes)) }
        case .update, .delete, .check: try place(in: table)
        }
    }

    /// Refuses a key of no bytes, which a transaction says before it looks at its parts.
    func checkKeyIsNotEmpty(in table: Table) throws(DynamoDBError) {
        try key.reading { (bytes) throws(DynamoDBError) in try table.checkKeyIsNotEmpty(ItemView(bytes)) }
    }

    /// The item as it will be; nil for none.
    ///
    /// - Throws: `ConditionalCheckFailedException`; `ValidationException` for an update that is not possible.
    func decide(_ old: [UInt8]?, in table: Table) throws(DynamoDBError) -> [UInt8]? {
        if let condition {
            let holds = old?.reading { condition.holds(of: ItemView($0)) } ?? condition.holds(of: nil)
            if !holds { throw .conditionFailed(item: returnsItemOnFailure ? old : nil) }
        }
        switch action {
        case .put(let item): return item
        case .insert(let item):
            if old != nil {
                throw DynamoDBError(.duplicateItemException, "Duplicate primary key exists in table")
            }
            return item
        case .update(let update): return try updated(old, update, in: table)
        case .delete: return nil
        case .check: return old
        }
    }

    private func updated(_ old: [UInt8]?, _ update: Update?, in table: Table) throws(DynamoDBError) -> [UInt8]? {
        guard let update else { return old ?? key }
        // What only takes away makes no item, and finds nothing wrong with the paths of none.
        if old == nil, update.onlyTakesAway { return nil }
        let new = try (old ?? key).reading { (bytes) throws(DynamoDBError) in
            var builder = ValueBuilder(capacity: bytes.count + 64)
            do throws(ExpressionError) {
                let range = try update.apply(to: ItemView(bytes), exists: old != nil, into: &builder)
                return builder.output.copyBytes(range)
            } catch {
                let isMismatch = error.message == "An operand in the update expression has an incorrect data type"
                throw .validation(isLegacy && isMismatch ? "Type mismatch for attribute to update" : error.message)
            }
        }
        try new.reading { (bytes) throws(DynamoDBError) in
            let item = ItemView(bytes)
            guard item.size <= ItemLimits.itemSizeMax else {
                throw .validation("Item size to update has exceeded the maximum allowed size")
            }
            try table.checkUpdatedIndexKeys(of: item)
        }
        return new
    }
}

extension Update {
    /// Whether it adds nothing to an item.
    fileprivate var onlyTakesAway: Bool {
        !actions.isEmpty
            && actions.allSatisfy { action in
                switch action.change {
                case .remove, .delete: true
                case .set, .add: false
                }
            }
    }
}

extension Table {
    /// Checks an update, which is not yet known to be possible, against the keys: in the service's order.
    fileprivate func check(_ update: Update) throws(DynamoDBError) {
        for action in update.actions where key.contains(action.path.attribute) {
            throw .validation(
                "One or more parameter values were invalid: Cannot update attribute \(action.path.attribute). "
                    + "This attribute is part of the key")
        }
        for action in update.actions where action.path.steps.isEmpty {
            guard let type = action.change.type else { continue }
            for index in definition.indexes {
                let attribute = index.key.attributes.first { $0.name == action.path.attribute }
                if let attribute { try Self.checkType(type, attribute, of: index) }
            }
        }
        try checkLeadsIntoNoKey(update.paths)
    }

    /// What `checkIndexKeys` checks, in the words for what an update came to.
    fileprivate func checkUpdatedIndexKeys(of item: ItemView) throws(DynamoDBError) {
        for index in definition.indexes {
            for attribute in index.key.attributes {
                guard let value = item[attribute.name] else { continue }
                if value.type != attribute.type.attributeType {
                    throw .validation(
                        "The update expression attempted to update the secondary index key to unsupported type")
                }
                if value.keyBytes?.isEmpty == true {
                    throw .validation(
                        "One or more parameter values are not valid. The update expression attempted to update a "
                            + "secondary index key to a value that is not supported. The AttributeValue for a key "
                            + "attribute cannot contain an empty \(attribute.type == .binary ? "binary" : "string") "
                            + "value.")
                }
            }
        }
        try checkIndexKeys(of: item)
    }
}
