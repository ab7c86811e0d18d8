import Expressions
import Items

/// The older parameters that ask something of an item (Expected, QueryFilter, ScanFilter, KeyConditions), as the
/// conditions that expressions are parsed to.
enum LegacyConditions {
    private static let invalid = "One or more parameter values were invalid: "

    /// Of Expected; nil when it asks nothing.
    static func condition(
        expected: [String: API.ExpectedAttributeValue]?, operator: String?, _ arena: RequestArena
    ) throws(DynamoDBError) -> Condition? {
        guard let expected else {
            if `operator` != nil { throw noConditions }
            return nil
        }
        try checkOperator(`operator`, count: expected.count)
        var conditions: [Condition] = []
        for (name, expectation) in expected.sorted(by: { $0.key < $1.key }) {
            conditions.append(try condition(name, expectation, arena))
        }
        return combined(conditions, `operator`)
    }

    /// Of QueryFilter or ScanFilter; nil when it asks nothing.
    static func condition(
        filter: [String: API.Condition]?, operator: String?, _ arena: RequestArena
    ) throws(DynamoDBError) -> Condition? {
        guard let filter else {
            if `operator` != nil { throw noConditions }
            return nil
        }
        try checkOperator(`operator`, count: filter.count)
        var conditions: [Condition] = []
        for (name, condition) in filter.sorted(by: { $0.key < $1.key }) {
            conditions.append(
                try self.condition(name, condition.comparisonOperator, condition.attributeValueList, arena))
        }
        return combined(conditions, `operator`)
    }

    private static let noConditions = DynamoDBError.validation(
        invalid + "ConditionalOperator cannot be used without Filter or Expected")

    private static func checkOperator(_ operator: String?, count: Int) throws(DynamoDBError) {
        if `operator` != nil, count < 2 {
            throw .validation(
                invalid + "ConditionalOperator can only be used when Filter or Expected has two or more elements")
        }
    }

    private static func combined(_ conditions: [Condition], _ operator: String?) -> Condition? {
        guard let first = conditions.first else { return nil }
        return conditions.dropFirst().reduce(first) { `operator` == "OR" ? .or($0, $1) : .and($0, $1) }
    }

    // MARK: Expected

    private static func condition(
        _ name: String, _ expected: API.ExpectedAttributeValue, _ arena: RequestArena
    ) throws(DynamoDBError) -> Condition {
        if let comparison = expected.comparisonOperator {
            if expected.value != nil, expected.attributeValueList != nil { throw valueAndList(name) }
            if expected.exists != nil {
                throw .validation(
                    invalid + "Exists and ComparisonOperator cannot be used together for Attribute: \(name)")
            }
            let values = expected.attributeValueList ?? expected.value.map { [$0] }
            if values == nil, comparison != "NULL", comparison != "NOT_NULL" {
                throw .validation(
                    invalid + "Value or AttributeValueList must be used with ComparisonOperator: \(comparison) "
                        + "for Attribute: \(name)")
            }
            return try condition(name, comparison, values, arena)
        }
        if expected.value != nil, expected.attributeValueList != nil { throw valueAndList(name) }
        if expected.attributeValueList != nil {
            throw .validation(
                invalid + "AttributeValueList can only be used with a ComparisonOperator for Attribute: \(name)")
        }
        let path = DocumentPath(attribute: name)
        switch (expected.exists, expected.value) {
        case (false, nil): return .doesNotExist(path)
        case (false, _):
            throw .validation(invalid + "Value cannot be used when Exists is false for Attribute: \(name)")
        case (let exists, nil):
            throw .validation(
                invalid + "Value must be provided when Exists is \(exists.map(String.init) ?? "null") for Attribute: "
                    + name)
        case (_, let value?): return .comparison(.equal, .path(path), .value(arena.value(value)))
        }
    }

    private static func valueAndList(_ name: String) -> DynamoDBError {
        .validation(invalid + "Value and AttributeValueList cannot be used together for Attribute: \(name)")
    }

    // MARK: Comparison operators

    private static func condition(
        _ name: String, _ comparison: String?, _ list: [ValueRef]?, _ arena: RequestArena
    ) throws(DynamoDBError) -> Condition {
        let comparison = comparison ?? ""
        let values = (list ?? []).map { arena.value($0) }
        try check(comparison, values)
        let path = DocumentPath(attribute: name)
        let operands = values.map { Condition.Operand.value($0) }
        switch comparison {
        case "NOT_NULL": return .exists(path)
        case "NULL": return .doesNotExist(path)
        case "CONTAINS": return .contains(.path(path), operands[0])
        case "NOT_CONTAINS": return .and(.exists(path), .not(.contains(.path(path), operands[0])))
        case "BEGINS_WITH": return .beginsWith(.path(path), operands[0])
        case "IN": return .isIn(.path(path), operands)
        case "BETWEEN": return .between(.path(path), operands[0], operands[1])
        default:
            guard let comparator = comparator(comparison) else {
                throw .validation(invalid + "Unsupported ComparisonOperator: \(comparison)")
            }
            return .comparison(comparator, .path(path), operands[0])
        }
    }

    private static func comparator(_ comparison: String) -> Condition.Comparator? {
        switch comparison {
        case "EQ": .equal
        case "NE": .notEqual
        case "LT": .less
        case "LE": .lessOrEqual
        case "GT": .greater
        case "GE": .greaterOrEqual
        default: nil
        }
    }

    /// Checks how many values an operator has, and of which types.
    static func check(_ comparison: String, _ values: [ValueView]) throws(DynamoDBError) {
        let isCountRight =
            switch comparison {
            case "NULL", "NOT_NULL": values.isEmpty
            case "BETWEEN": values.count == 2
            case "IN": !values.isEmpty
            default: values.count == 1
            }
        guard isCountRight else {
            throw .validation(invalid + "Invalid number of argument(s) for the \(comparison) ComparisonOperator")
        }
        if let first = values.first, values.contains(where: { $0.type != first.type }) {
            throw .validation(invalid + "AttributeValues inside AttributeValueList must be of same type")
        }
        for value in values where !allows(comparison, value.type) {
            throw .validation(
                invalid + "ComparisonOperator \(comparison) is not valid for \(value.type.name) AttributeValue type")
        }
        if comparison == "BETWEEN", let order = values[0].compare(to: values[1]), order > 0 {
            throw .validation(
                "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
        }
    }

    private static func allows(_ comparison: String, _ type: AttributeType) -> Bool {
        switch comparison {
        case "EQ", "NE": true
        case "CONTAINS", "NOT_CONTAINS": type == .string || type == .number || type == .binary || type == .boolean
        case "BEGINS_WITH": type == .string || type == .binary
        default: type == .string || type == .number || type == .binary
        }
    }

    // MARK: KeyConditions

    /// Of KeyConditions.
    static func keyConditions(
        _ conditions: [String: API.Condition], _ arena: RequestArena
    ) throws(DynamoDBError) -> [KeyCondition] {
        guard !conditions.isEmpty else { throw .validation("Conditions can be of length 1 or 2 only") }
        var result: [KeyCondition] = []
        for (name, condition) in conditions.sorted(by: { $0.key < $1.key }) {
            let comparison = condition.comparisonOperator ?? ""
            let values = (condition.attributeValueList ?? []).map { arena.value($0) }
            try check(comparison, values)
            let `operator`: KeyCondition.Operator? =
                switch comparison {
                case "EQ": .equal
                case "LT": .less
                case "LE": .lessOrEqual
                case "GT": .greater
                case "GE": .greaterOrEqual
                case "BETWEEN": .between
                case "BEGINS_WITH": .beginsWith
                default: nil
                }
            // An operator that no key can be asked with has no values: whoever looks for them says so.
            result.append(
                KeyCondition(attribute: name, operator: `operator` ?? .equal, values: `operator` == nil ? [] : values))
        }
        return result
    }
}
