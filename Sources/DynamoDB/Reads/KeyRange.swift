import Bytes
import Expressions
import Items

extension ReadTarget {
    /// The range of the keys that fulfil a query's conditions.
    ///
    /// - Parameter start: where the page begins; its attributes are looked at beside the conditions, as AWS does.
    /// - Throws: `ValidationException` when the conditions do not fit the key: each attribute of the partition key must
    ///   be equal to a value; of the sort key's, the first ones may be, and the one behind those compared.
    func range(
        of conditions: [KeyCondition], isForward: Bool, start: ItemView? = nil
    ) throws(DynamoDBError) -> ReadRange {
        for attribute in key.partition { try check(start, attribute) }
        guard conditions.count <= key.attributes.count else { throw tooMany(conditions) }
        var byName: [String: KeyCondition] = [:]
        for condition in conditions where byName.updateValue(condition, forKey: condition.attribute) != nil {
            throw .validation("KeyConditionExpressions must only contain one condition per key")
        }
        var partitionValues: [ValueView] = []
        for attribute in key.partition {
            guard let condition = byName.removeValue(forKey: attribute.name) else { throw missing(attribute) }
            try Self.checkValues(condition, attribute)
            guard condition.operator == .equal else { throw unequal(attribute) }
            partitionValues.append(condition.values[0])
        }
        var bytes = prefix
        ItemKey.appendPartition(hash: KeySchema.hash(of: partitionValues), partitionValues, to: &bytes)
        var range: ReadRange?
        try checkSortOrder(byName)
        for attribute in key.sort {
            try check(start, attribute)
            guard let condition = byName.removeValue(forKey: attribute.name) else {
                // Nothing may be asked of what is behind an attribute of which nothing is asked.
                if !byName.isEmpty { throw missing(attribute) }
                break
            }
            try Self.checkValues(condition, attribute)
            if condition.operator == .equal {
                ItemKey.append(condition.values[0], to: &bytes)
            } else {
                range = Self.range(condition, behind: bytes)
            }
        }
        guard byName.isEmpty else { throw Self.notSupported }
        var result = range ?? ReadRange(lower: bytes, upper: OrderedKey.end(ofPrefix: bytes))
        result.isForward = isForward
        return result
    }

    /// Only the last of the sort key's attributes of which something is asked may be asked for more than one value, and
    /// none before it may be left out.
    private func checkSortOrder(_ conditions: [String: KeyCondition]) throws(DynamoDBError) {
        guard key.sort.count > 1, let last = key.sort.last(where: { conditions[$0.name] != nil }) else { return }
        let before = key.sort.prefix { $0 != last }
        let lacking = before.filter { conditions[$0.name]?.operator != .equal }.map(\.name)
        guard !lacking.isEmpty else { return }
        throw .validation(
            "RANGE key attributes \(lacking.joined(separator: ", ")) must have equality conditions specified in the "
                + "query because a condition is present on key attribute \(last.name)")
    }

    private func tooMany(_ conditions: [KeyCondition]) -> DynamoDBError {
        guard !key.sort.isEmpty else { return Self.notSupported }
        return .validation(
            "The number of query conditions (\(conditions.count)) exceeds the number of key attributes defined in the "
                + "schema (\(key.attributes.count))")
    }

    private func missing(_ attribute: KeyAttribute) -> DynamoDBError {
        if key.partition.count > 1, key.partition.contains(attribute) { return unequal(attribute) }
        return .validation("Query condition missed key schema element: \(attribute.name)")
    }

    private static let notSupported = DynamoDBError.validation("Query key condition not supported")

    private func unequal(_ attribute: KeyAttribute) -> DynamoDBError {
        guard key.attributes.count > 2 else { return Self.notSupported }
        return .validation(
            "HASH key attributes \(attribute.name) must have equality conditions specified in the query")
    }

    private static func checkValues(
        _ condition: KeyCondition, _ attribute: KeyAttribute
    ) throws(DynamoDBError) {
        guard !condition.values.isEmpty else {
            throw .validation("Attempted conditional constraint is not an indexable operation")
        }
        for value in condition.values {
            guard value.type == attribute.type.attributeType else {
                throw .validation(
                    "One or more parameter values were invalid: Condition parameter type does not match schema type")
            }
            if value.keyBytes?.isEmpty == true {
                let type = attribute.type == .binary ? "binary" : "string"
                throw .validation(
                    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain "
                        + "an empty \(type) value. Key: \(attribute.name)")
            }
        }
    }

    /// Looks at one of a start key's attributes.
    private func check(_ start: ItemView?, _ attribute: KeyAttribute) throws(DynamoDBError) {
        guard let start else { return }
        guard let value = start[attribute.name] else { throw .validation("The provided starting key is invalid") }
        guard value.type == attribute.type.attributeType else {
            throw .validation("The provided key element does not match the schema")
        }
        if value.keyBytes?.isEmpty == true {
            let type = attribute.type == .binary ? "binary" : "string"
            throw .validation(
                "One or more parameter values were invalid: The AttributeValue for a key attribute cannot contain an "
                    + "empty \(type) value. Key: \(attribute.name)")
        }
    }

    /// Why a start key that is well formed is not in a query's range.
    func refusal(ofStart start: ItemView, _ conditions: [KeyCondition]) -> DynamoDBError {
        let names = Set(key.sort.map(\.name))
        let ofSort = conditions.filter { names.contains($0.attribute) }
        if ofSort.isEmpty {
            return .validation("The provided starting key is outside query boundaries based on provided conditions")
        }
        let fulfils = ofSort.allSatisfy { condition in
            start[condition.attribute].map { Self.fulfils($0, condition) } ?? false
        }
        return .validation(
            fulfils
                ? "The query can return at most one row and cannot be restarted"
                : "The provided starting key does not match the range key predicate")
    }

    private static func fulfils(_ value: ValueView, _ condition: KeyCondition) -> Bool {
        func order(_ other: ValueView) -> Int { value.compare(to: other) ?? 1 }
        let operand = condition.values[0]
        return switch condition.operator {
        case .equal: order(operand) == 0
        case .less: order(operand) < 0
        case .lessOrEqual: order(operand) <= 0
        case .greater: order(operand) > 0
        case .greaterOrEqual: order(operand) >= 0
        case .between: order(operand) >= 0 && order(condition.values[1]) <= 0
        case .beginsWith:
            value.keyBytes?.starts(with: operand.keyBytes ?? UnsafeRawBufferPointer(start: nil, count: 0)) == true
        }
    }

    private static func range(_ condition: KeyCondition, behind prefix: [UInt8]) -> ReadRange {
        func at(_ value: ValueView) -> [UInt8] {
            var bytes = prefix
            ItemKey.append(value, to: &bytes)
            return bytes
        }
        func behind(_ value: ValueView) -> [UInt8]? { OrderedKey.end(ofPrefix: at(value)) }
        let value = condition.values[0]
        let end = OrderedKey.end(ofPrefix: prefix)
        switch condition.operator {
        case .equal: return ReadRange(lower: at(value), upper: behind(value))
        case .less: return ReadRange(lower: prefix, upper: at(value))
        case .lessOrEqual: return ReadRange(lower: prefix, upper: behind(value))
        case .greater: return ReadRange(lower: behind(value) ?? prefix, upper: end)
        case .greaterOrEqual: return ReadRange(lower: at(value), upper: end)
        case .between: return ReadRange(lower: at(value), upper: behind(condition.values[1]))
        case .beginsWith:
            var bytes = prefix
            ItemKey.appendPrefix(value, to: &bytes)
            return ReadRange(lower: bytes, upper: OrderedKey.end(ofPrefix: bytes))
        }
    }
}
