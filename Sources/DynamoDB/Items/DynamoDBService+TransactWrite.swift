import Bytes
import Encryption
import Expressions
import Items
import LabClock
import LogStore

extension DynamoDBService {
    func transactWriteItems(_ call: Call<API.TransactWriteItemsInput>) async throws(DynamoDBError) -> [UInt8] {
        var writes: [NamedWrite] = []
        for item in call.input.transactItems ?? [] { writes.append(try namedWrite(item, call)) }
        let token = call.input.clientRequestToken.map { token in
            ClientToken(token, .transaction, call.context, request: call.body)
        }
        let outcome = try await writeTogether(writes, token: token)
        var json = JSONWriter()
        json.beginObject()
        try await answerTransaction(
            writes, outcome, capacity: call.input.returnConsumedCapacity,
            collections: call.input.returnItemCollectionMetrics, to: &json)
        json.endObject()
        return json.copyBytes()
    }

    /// Writes ConsumedCapacity and ItemCollectionMetrics of a transaction, by table.
    func answerTransaction(
        _ writes: [NamedWrite], _ outcome: TransactionOutcome, capacity: String?, collections: String?,
        to json: inout JSONWriter
    ) async throws(DynamoDBError) {
        var answers = BatchAnswers(capacity: capacity, collections: collections)
        var tables: [TableName] = []
        for write in writes where !tables.contains(write.table) { tables.append(write.table) }
        for table in tables {
            switch outcome {
            case .written(let outcomes):
                let mine = zip(writes, outcomes).filter { $0.0.table == table }.map(\.1)
                // A transaction prepares and commits: two units for each.
                try await answers.add(mine, of: table, factor: 2, kind: .write, self)
            case .repeated(let sizes):
                var consumed = ConsumedCapacity(table: table.table)
                consumed.kind = .read
                for (write, bytes) in zip(writes, sizes) where write.table == table {
                    consumed.tableUnits += CapacityUnits.read(bytes: bytes, .transactional)
                }
                answers.add(consumed)
            }
        }
        answers.write(to: &json)
    }

    private func namedWrite(
        _ item: API.TransactWriteItem, _ call: Call<API.TransactWriteItemsInput>
    ) throws(DynamoDBError) -> NamedWrite {
        let given = [item.conditionCheck != nil, item.put != nil, item.delete != nil, item.update != nil]
        guard given.count(where: { $0 }) == 1 else {
            throw .validation(
                "TransactItems can only contain one of Check, Put, Update or Delete")
        }
        if let put = item.put {
            var expressions = try expressions(
                put.conditionExpression, put.expressionAttributeNames, put.expressionAttributeValues, call)
            let bytes = try call.itemToPut(put.item)
            let condition = try expressions.condition(.condition, put.conditionExpression)
            try expressions.checkAllUsed()
            return NamedWrite(
                table: try call.tableName(put.tableName),
                write: PreparedWrite(
                    .put(bytes), key: bytes, condition: condition,
                    returnsItemOnFailure: put.returnValuesOnConditionCheckFailure == "ALL_OLD", owners: [call.arena]))
        }
        if let update = item.update {
            var expressions = try expressions(
                update.conditionExpression, update.expressionAttributeNames, update.expressionAttributeValues, call,
                update: update.updateExpression)
            let parsed = try expressions.update(update.updateExpression)
            let condition = try expressions.condition(.condition, update.conditionExpression)
            try expressions.checkAllUsed()
            return NamedWrite(
                table: try call.tableName(update.tableName),
                write: PreparedWrite(
                    .update(parsed), key: call.bytes(update.key), condition: condition,
                    returnsItemOnFailure: update.returnValuesOnConditionCheckFailure == "ALL_OLD",
                    owners: [call.arena]))
        }
        if let delete = item.delete {
            return try keyedWrite(
                .delete, delete.tableName, delete.key, delete.conditionExpression, delete.expressionAttributeNames,
                delete.expressionAttributeValues, delete.returnValuesOnConditionCheckFailure, call)
        }
        let check = item.conditionCheck
        return try keyedWrite(
            .check, check?.tableName, check?.key, check?.conditionExpression, check?.expressionAttributeNames,
            check?.expressionAttributeValues, check?.returnValuesOnConditionCheckFailure, call)
    }

    private func keyedWrite(
        _ action: PreparedWrite.Action, _ table: String?, _ key: ItemRef?, _ conditionText: String?,
        _ names: [String: String]?, _ values: ItemRef?, _ returnValues: String?,
        _ call: Call<API.TransactWriteItemsInput>
    ) throws(DynamoDBError) -> NamedWrite {
        var expressions = try expressions(conditionText, names, values, call)
        let condition = try expressions.condition(.condition, conditionText)
        try expressions.checkAllUsed()
        return NamedWrite(
            table: try call.tableName(table),
            write: PreparedWrite(
                action, key: call.bytes(key), condition: condition, returnsItemOnFailure: returnValues == "ALL_OLD",
                owners: [call.arena]))
    }

    private func expressions(
        _ condition: String?, _ names: [String: String]?, _ values: ItemRef?,
        _ call: Call<API.TransactWriteItemsInput>, update: String? = nil
    ) throws(DynamoDBError) -> ExpressionParameters {
        try ExpressionParameters(
            expressions: [("UpdateExpression", update), ("ConditionExpression", condition)], legacy: [], names: names,
            values: values,
            valueUsers: update == nil ? ["ConditionExpression"] : ["UpdateExpression", "ConditionExpression"],
            arena: call.arena, valueProblem: call.valueProblem, isOfTransaction: true)
    }

    // MARK: Together

    /// Writes all or nothing.
    ///
    /// - Parameter isOfStatements: whether all keys that do not fit are said, not the first only.
    /// - Throws: `TransactionCanceledException` with a reason for each; `IdempotentParameterMismatchException`.
    func writeTogether(
        _ writes: [NamedWrite], token: ClientToken?, isOfStatements: Bool = false
    ) async throws(DynamoDBError) -> TransactionOutcome {
        var handles: [TableHandle] = []
        // In the order of their names, so that two transactions and a change of structure cannot wait for each other.
        for name in Set(writes.map(\.table)).sorted(by: { $0.arn < $1.arn }) { handles.append(try await handle(name)) }
        var tables: [TableName: Table] = [:]
        var entered: [TableHandle] = []
        defer { for handle in entered { handle.leave() } }
        for handle in handles {
            guard let table = try await enter(handle) else { throw .resourceNotFound }
            entered.append(handle)
            tables[handle.name] = table
        }
        let plan = try TransactionPlan(writes, in: tables, isOfStatements: isOfStatements)
        let restoreCount = handles.map(\.restoreCount).min()
        let time = clock.now()
        return try await transact { transaction, batch in
            batch.restoreCount = restoreCount
            if let token,
                try await token.earlier(transaction, at: time, conflict: TransactionRules.otherRequest) != nil
            {
                var sizes: [Int] = []
                for step in plan.steps {
                    let item = try await transaction.get(.items, step.place.key)?.head
                    sizes.append(item?.reading { ItemView($0).size } ?? 0)
                }
                return .repeated(sizes)
            }
            var results: [Result<WriteOutcome, DynamoDBError>] = []
            var collections = CollectionSizes()
            for (ordinal, step) in plan.steps.enumerated() {
                let old = try await transaction.get(.items, step.place.key)?.head
                let uncounted = try await step.table.indexesWithout(old, transaction)
                do throws(DynamoDBError) {
                    let new = try step.write.decide(old, in: step.table)
                    let change = ItemChange(place: step.place, old: old, new: new, uncounted: uncounted)
                    let cost = step.table.apply(change, at: time, ordinal: ordinal, self.due, into: &batch)
                    try await collections.add(cost, at: step.place, in: step.table, self)
                    results.append(
                        .success(WriteOutcome(old: old, new: new, cost: cost, table: step.table, place: step.place)))
                } catch {
                    results.append(.failure(error))
                }
            }
            if let refusal = DynamoDBError.cancelled(results) { throw refusal }
            if let token { token.remember(nil, at: time, self.due, in: &batch) }
            return .written(try results.map { try $0.get() })
        }
    }
}

/// What came of a transaction, for each of its writes in order.
enum TransactionOutcome: Sendable {
    case written([WriteOutcome])
    /// The token's transaction had been committed before. Nothing was done, and the items were read: so many bytes.
    case repeated([Int])
}

/// A write of a transaction.
struct NamedWrite: Sendable {
    let table: TableName
    let write: PreparedWrite
}

/// A transaction's writes, each in its place.
private struct TransactionPlan: Sendable {
    struct Step: Sendable {
        let write: PreparedWrite
        let table: Table
        let place: ItemPlace
    }

    let steps: [Step]

    /// - Throws: `TransactionCanceledException` for keys that do not fit their tables; `ValidationException` for an
    ///   empty key, for an item that is there twice, and for too many bytes.
    init(_ writes: [NamedWrite], in tables: [TableName: Table], isOfStatements: Bool) throws(DynamoDBError) {
        var results: [Result<Step?, DynamoDBError>] = []
        var bytes = 0
        var isRefused = false
        for write in writes {
            guard let table = tables[write.table] else { throw .resourceNotFound }
            bytes += write.write.key.reading { ItemView($0).size }
            try write.write.checkKeyIsNotEmpty(in: table)
            // Nothing is looked at behind the first one that is wrong, but for statements.
            guard !isRefused || isOfStatements else {
                results.append(.success(nil))
                continue
            }
            do throws(DynamoDBError) {
                let place = try write.write.place(in: table)
                results.append(.success(Step(write: write.write, table: table, place: place)))
            } catch {
                isRefused = true
                results.append(.failure(error))
            }
        }
        if let refusal = DynamoDBError.cancelled(results) { throw refusal }
        if bytes > DynamoDBLimits.transactionBytesMax { throw TransactionRules.tooLarge }
        var steps: [Step] = []
        for case .success(let step?) in results { steps.append(step) }
        guard Set(steps.map(\.place)).count == steps.count else { throw TransactionRules.sameItem }
        self.steps = steps
    }
}

extension DynamoDBError {
    /// The refusal of a transaction of which a part failed: with a reason for each part, in order. Nil when none did.
    static func cancelled<Success>(_ results: [Result<Success, DynamoDBError>]) -> DynamoDBError? {
        var codes: [String] = []
        var json = JSONWriter()
        json.beginArray()
        for result in results {
            json.beginObject()
            json.name("Code")
            switch result {
            case .success:
                codes.append("None")
                json.string("None")
            case .failure(let error):
                // What is not the request's fault is no reason to give.
                guard let code = error.cancellationCode else { return error }
                codes.append(code)
                json.string(code)
                json.member("Message", error.message)
                if let item = error.item {
                    json.name("Item")
                    item.reading { json.item(ItemView($0)) }
                }
            }
            json.endObject()
        }
        json.endArray()
        if codes.allSatisfy({ $0 == "None" }) { return nil }
        return DynamoDBError(
            .transactionCanceledException,
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
                + "[\(codes.joined(separator: ", "))]",
            members: Array("\"CancellationReasons\":".utf8) + json.copyBytes())
    }

    private var cancellationCode: String? {
        switch code {
        case .conditionalCheckFailedException: "ConditionalCheckFailed"
        case .validationException: "ValidationError"
        case .itemCollectionSizeLimitExceededException: "ItemCollectionSizeLimitExceeded"
        case .duplicateItemException: "DuplicateItem"
        case .resourceNotFoundException: "ResourceNotFound"
        default: nil
        }
    }
}
