import Expressions
import Items

/// What PutItem and DeleteItem take alike.
private protocol ConditionalWriteInput: APIInput {
    var tableName: String? { get }
    var conditionExpression: String? { get }
    var expected: [String: API.ExpectedAttributeValue]? { get }
    var conditionalOperator: String? { get }
    var expressionAttributeNames: [String: String]? { get }
    var expressionAttributeValues: ItemRef? { get }
    var returnValues: String? { get }
    var returnValuesOnConditionCheckFailure: String? { get }
    var returnConsumedCapacity: String? { get }
    var returnItemCollectionMetrics: String? { get }
}

extension API.PutItemInput: ConditionalWriteInput {}
extension API.DeleteItemInput: ConditionalWriteInput {}

extension DynamoDBService {
    func putItem(_ call: Call<API.PutItemInput>) async throws(DynamoDBError) -> [UInt8] {
        try await write(call) { () throws(DynamoDBError) in
            let item = try call.itemToPut(call.input.item)
            return (.put(item), item)
        }
    }

    func deleteItem(_ call: Call<API.DeleteItemInput>) async throws(DynamoDBError) -> [UInt8] {
        try await write(call) { (.delete, call.bytes(call.input.key)) }
    }

    /// - Parameter action: what is done, and what the item's place is known by.
    private func write<Input: ConditionalWriteInput>(
        _ call: Call<Input>, _ action: () throws(DynamoDBError) -> (PreparedWrite.Action, key: [UInt8])
    ) async throws(DynamoDBError) -> [UInt8] {
        let input = call.input
        guard ["ALL_OLD", "NONE"].contains(input.returnValues ?? "NONE") else {
            throw .validation("ReturnValues can only be ALL_OLD or NONE")
        }
        var expressions = try ExpressionParameters(
            expressions: [("ConditionExpression", input.conditionExpression)],
            legacy: [("Expected", input.expected != nil), ("ConditionalOperator", input.conditionalOperator != nil)],
            names: input.expressionAttributeNames, values: input.expressionAttributeValues,
            valueUsers: ["ConditionExpression"], arena: call.arena, valueProblem: call.valueProblem)
        let (action, key) = try action()
        var condition = try expressions.condition(.condition, input.conditionExpression)
        try expressions.checkAllUsed()
        if condition == nil {
            condition = try LegacyConditions.condition(
                expected: input.expected, operator: input.conditionalOperator, call.arena)
        }
        let prepared = PreparedWrite(
            action, key: key, condition: condition,
            returnsItemOnFailure: input.returnValuesOnConditionCheckFailure == "ALL_OLD", owners: [call.arena])
        let outcome = try await write(prepared, to: try call.tableName(input.tableName))
        let wishes = WriteAnswer.Wishes(
            capacity: input.returnConsumedCapacity, collections: input.returnItemCollectionMetrics)
        return try await answer(outcome, wishes, attributes: input.returnValues == "ALL_OLD" ? outcome.old : nil)
    }
}

extension Call {
    /// An item's bytes; those of an item without attributes when there is none.
    func bytes(_ ref: ItemRef?) -> [UInt8] { ref.map { arena.copyBytes($0) } ?? StoredForm.emptyItem }

    /// The bytes of an item to be put.
    ///
    /// - Throws: `ValidationException` when it is too large.
    func itemToPut(_ ref: ItemRef?) throws(DynamoDBError) -> [UInt8] {
        // The form of an item takes half its size at least, so that most need not be measured.
        if let ref, ref.range.count > ItemLimits.itemSizeMax / 2, arena.item(ref).size > ItemLimits.itemSizeMax {
            throw .validation("Item size has exceeded the maximum allowed size")
        }
        return bytes(ref)
    }
}
