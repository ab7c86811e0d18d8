import Expressions
import Items

extension DynamoDBService {
    func updateItem(_ call: Call<API.UpdateItemInput>) async throws(DynamoDBError) -> [UInt8] {
        let input = call.input
        var expressions = try ExpressionParameters(
            expressions: [
                ("UpdateExpression", input.updateExpression), ("ConditionExpression", input.conditionExpression),
            ],
            legacy: [
                ("AttributeUpdates", input.attributeUpdates != nil), ("Expected", input.expected != nil),
                ("ConditionalOperator", input.conditionalOperator != nil),
            ],
            names: input.expressionAttributeNames, values: input.expressionAttributeValues,
            valueUsers: ["UpdateExpression", "ConditionExpression"], arena: call.arena, valueProblem: call.valueProblem)
        var update = try expressions.update(input.updateExpression)
        var condition = try expressions.condition(.condition, input.conditionExpression)
        try expressions.checkAllUsed()
        if update == nil { update = try LegacyUpdates.update(input.attributeUpdates, call.arena) }
        if condition == nil {
            condition = try LegacyConditions.condition(
                expected: input.expected, operator: input.conditionalOperator, call.arena)
        }
        let prepared = PreparedWrite(
            .update(update), key: call.bytes(input.key), condition: condition,
            returnsItemOnFailure: input.returnValuesOnConditionCheckFailure == "ALL_OLD", owners: [call.arena],
            isLegacy: input.attributeUpdates != nil)
        let outcome = try await write(prepared, to: try call.tableName(input.tableName))
        let wishes = WriteAnswer.Wishes(
            capacity: input.returnConsumedCapacity, collections: input.returnItemCollectionMetrics)
        let returned = ReturnedAttributes(input.returnValues).of(outcome, update: update)
        return try await answer(outcome, wishes, attributes: returned)
    }
}

/// Which attributes an update answers.
enum ReturnedAttributes {
    case none
    case allOld
    case updatedOld
    case allNew
    case updatedNew

    init(_ returnValues: String?) {
        switch returnValues {
        case "ALL_OLD": self = .allOld
        case "UPDATED_OLD": self = .updatedOld
        case "ALL_NEW": self = .allNew
        case "UPDATED_NEW": self = .updatedNew
        default: self = .none
        }
    }

    /// Nil when there is nothing to answer.
    func of(_ outcome: WriteOutcome, update: Update?) -> [UInt8]? {
        switch self {
        case .none: nil
        case .allOld: outcome.old
        case .allNew: outcome.new
        case .updatedOld: Self.touched(outcome.old, update)
        case .updatedNew: Self.touched(outcome.new, update)
        }
    }

    private static func touched(_ item: [UInt8]?, _ update: Update?) -> [UInt8]? {
        guard let item, let update else { return nil }
        let projected = item.reading { bytes in
            var builder = ValueBuilder(capacity: bytes.count)
            let range = update.touched.apply(to: ItemView(bytes), into: &builder)
            return builder.output.copyBytes(range)
        }
        return projected.reading { ItemView($0).attributes.isEmpty } ? nil : projected
    }
}
