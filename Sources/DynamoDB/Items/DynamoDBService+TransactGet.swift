import Expressions
import Items
import LogStore

extension DynamoDBService {
    func transactGetItems(_ call: Call<API.TransactGetItemsInput>) async throws(DynamoDBError) -> [UInt8] {
        let items = call.input.transactItems ?? []
        var gets: [(projection: Projection?, table: Table, place: [UInt8])] = []
        var keys: [Result<Void, DynamoDBError>] = []
        var isRefused = false
        for item in items {
            guard let get = item.get else {
                throw .validation("Invalid Request: TransactGetRequest should contain Get")
            }
            var expressions = try ExpressionParameters(
                expressions: [("ProjectionExpression", get.projectionExpression)], legacy: [],
                names: get.expressionAttributeNames, values: nil, valueUsers: [], arena: call.arena,
                valueProblem: call.valueProblem, isOfTransaction: true)
            let projection = try expressions.projection(get.projectionExpression)
            try expressions.checkAllUsed()
            let table = try await table(try call.tableName(get.tableName))
            let key = call.bytes(get.key)
            try key.reading { (key) throws(DynamoDBError) in try table.checkKeyIsNotEmpty(ItemView(key)) }
            // Nothing is looked at behind the first one that is wrong.
            guard !isRefused else {
                keys.append(.success(()))
                continue
            }
            do throws(DynamoDBError) {
                let place = try key.reading { (key) throws(DynamoDBError) in try table.place(ofKey: ItemView(key)).key }
                try table.checkLeadsIntoNoKey(projection?.paths ?? [])
                gets.append((projection, table, place))
                keys.append(.success(()))
            } catch {
                isRefused = true
                keys.append(.failure(error))
            }
        }
        if let refusal = DynamoDBError.cancelled(keys) { throw refusal }
        guard Set(gets.map(\.place)).count == gets.count else { throw TransactionRules.sameItem }
        // One snapshot shows one moment: that is all there is to reading together.
        let snapshot = store.snapshot()
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.name("Responses")
        json.beginArray()
        var capacities: [ConsumedCapacity] = []
        var bytes = 0
        var long = LongAnswer(call.context.answerRoom)
        for get in gets {
            let item = try await read(.items, get.place, at: snapshot)?.head
            let size = item?.reading { ItemView($0).size } ?? 0
            bytes += size
            if bytes > DynamoDBLimits.transactionBytesMax { throw TransactionRules.tooLarge }
            try await long.pause(at: json.count, beforeUpTo: DynamoDBLimits.transactionBytesMax - bytes)
            json.beginObject()
            item?.reading {
                json.name("Item")
                json.write(ItemView($0), get.projection)
            }
            json.endObject()
            var consumed = ConsumedCapacity(table: get.table.name.table)
            consumed.kind = .read
            consumed.tableUnits = CapacityUnits.read(bytes: size, .transactional)
            BatchAnswers.merge(consumed, into: &capacities)
        }
        json.endArray()
        BatchAnswers.write(capacities, call.input.returnConsumedCapacity, to: &json)
        json.endObject()
        return await json.copyBytes(pausingIn: call.context.answerRoom)
    }
}

/// What transactions may hold.
enum TransactionRules {
    static let sameItem = DynamoDBError.validation(
        "Transaction request cannot include multiple operations on one item")
    static let otherRequest = DynamoDBError(
        .idempotentParameterMismatchException,
        "The request uses the same client token as a previous, but non-identical request.")
    static let tooLarge = DynamoDBError.validation(
        "Transaction payload size cannot exceed \(DynamoDBLimits.transactionBytesMax >> 20) MB")
}
