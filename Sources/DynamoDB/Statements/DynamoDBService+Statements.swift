import Items
import LogStore
import PartiQL

extension DynamoDBService {
    func executeStatement(_ call: Call<API.ExecuteStatementInput>) async throws(DynamoDBError) -> [UInt8] {
        let input = call.input
        try call.checkValues()
        let statement = try call.statement(input.statement, input.parameters)
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.name("Items")
        json.beginArray()
        let consumed: ConsumedCapacity
        var next: StatementToken?
        switch statement.body {
        case .select(let select):
            let isConsistent = input.consistentRead ?? false
            let table = try await table(try call.tableName(select.table))
            let read = try StatementRead(statement, select, table, isConsistent: isConsistent)
            let token = try StatementToken(
                input.nextToken, of: input.statement ?? "", rangeCount: read.rangeCount)
            (consumed, next) = try await self.read(
                read, from: token, limit: input.limit, isConsistent: isConsistent
            ) { json.item($0) }
        case .exists: throw .validation(StatementError.misplacedExistence.message)
        case .insert, .update, .delete:
            let outcome = try await write(
                statement, call, returnsItemOnFailure: input.returnValuesOnConditionCheckFailure == "ALL_OLD"
            ).get()
            returned(statement, outcome)?.reading { json.item(ItemView($0)) }
            consumed = ConsumedCapacity(outcome)
        }
        json.endArray()
        json.member("NextToken", next?.text)
        if let key = next?.key {
            json.name("LastEvaluatedKey")
            key.reading { json.item(ItemView($0)) }
        }
        if let detail = CapacityDetail(rawValue: input.returnConsumedCapacity ?? "NONE"), detail != .none {
            json.name("ConsumedCapacity")
            consumed.write(detail, to: &json)
        }
        json.endObject()
        return json.copyBytes()
    }

    /// - Returns: what came of the write; its refusal, where that is not of the statement but of the item.
    private func write<Input>(
        _ statement: Statement, _ call: Call<Input>, returnsItemOnFailure: Bool
    ) async throws(DynamoDBError) -> Result<WriteOutcome, DynamoDBError> {
        try await writing(try call.tableName(statement.table)) { (handle, table) throws(DynamoDBError) in
            guard
                let prepared = try prepared(statement, in: table, returnsItemOnFailure: returnsItemOnFailure)
            else { preconditionFailure("A SELECT writes nothing") }
            do throws(DynamoDBError) {
                return .success(try await write(prepared, in: table, handle.restoreCount))
            } catch {
                return .failure(error)
            }
        }
    }

    // MARK: Batches

    func batchExecuteStatement(
        _ call: Call<API.BatchExecuteStatementInput>
    ) async throws(DynamoDBError) -> [UInt8] {
        let requests = call.input.statements ?? []
        var statements: [Result<Statement, DynamoDBError>] = []
        for request in requests {
            do throws(DynamoDBError) {
                statements.append(.success(try call.statement(request.statement, request.parameters)))
            } catch {
                statements.append(.failure(error))
            }
        }
        let kinds = Set(statements.compactMap { try? $0.get().isRead })
        guard kinds.count <= 1 else {
            throw .validation(
                "BatchExecuteStatement API does not support both read and write operations in the same request.")
        }
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.name("Responses")
        json.beginArray()
        var capacities: [ConsumedCapacity] = []
        var left = requests.count
        var long = LongAnswer(call.context.answerRoom)
        for (request, statement) in zip(requests, statements) {
            json.beginObject()
            let outcome: Result<(item: [UInt8]?, consumed: ConsumedCapacity), DynamoDBError>
            var ranOf: String?
            do throws(DynamoDBError) {
                let statement = try statement.get()
                outcome = try await execute(statement, request, call)
                ranOf = statement.table
            } catch {
                outcome = .failure(error)
            }
            switch outcome {
            case .success((let item, let consumed)):
                json.member("TableName", ranOf)
                if let item {
                    json.name("Item")
                    item.reading { json.item(ItemView($0)) }
                }
                BatchAnswers.merge(consumed, into: &capacities)
            case .failure(let error):
                Self.write(error, to: &json)
                json.member("TableName", ranOf)
            }
            json.endObject()
            left -= 1
            try await long.pause(at: json.count, beforeUpTo: left * ItemLimits.itemSizeMax)
        }
        json.endArray()
        BatchAnswers.write(capacities, call.input.returnConsumedCapacity, to: &json)
        json.endObject()
        return await json.copyBytes(pausingIn: call.context.answerRoom)
    }

    /// One statement of a batch: a read of one item by its key, or a write.
    ///
    /// - Throws: what is wrong with the statement; what comes of running it is returned.
    private func execute(
        _ statement: Statement, _ request: API.BatchStatementRequest, _ call: Call<API.BatchExecuteStatementInput>
    ) async throws(DynamoDBError) -> Result<(item: [UInt8]?, consumed: ConsumedCapacity), DynamoDBError> {
        switch statement.body {
        case .select(let select):
            let table = try await table(try call.tableName(select.table))
            let place = try Self.place(of: select, in: table, "BatchExecuteStatement")
            let item = try await read(.items, place)?.head
            var consumed = ConsumedCapacity(table: table.name.table)
            consumed.tableUnits = CapacityUnits.read(
                bytes: item?.reading { ItemView($0).size } ?? 0,
                request.consistentRead == true ? .strong : .eventual)
            return .success((item.map { Self.shown($0, select.columns) }, consumed))
        case .exists: throw .validation(StatementError.misplacedExistence.message)
        case .insert, .update, .delete:
            let outcome = try await write(
                statement, call, returnsItemOnFailure: request.returnValuesOnConditionCheckFailure == "ALL_OLD")
            return outcome.map { (returned(statement, $0), ConsumedCapacity($0)) }
        }
    }

    /// Writes the error of one statement of a batch.
    private static func write(_ error: DynamoDBError, to json: inout JSONWriter) {
        let code =
            switch error.code {
            case .conditionalCheckFailedException: "ConditionalCheckFailed"
            case .duplicateItemException: "DuplicateItem"
            case .resourceNotFoundException: "ResourceNotFound"
            case .accessDeniedException: "AccessDenied"
            case .itemCollectionSizeLimitExceededException: "ItemCollectionSizeLimitExceeded"
            // What the statements before it have done is done.
            case .internalServerError, .insufficientStorageException: "InternalServerError"
            default: "ValidationError"
            }
        json.name("Error")
        json.beginObject()
        json.member("Code", code)
        json.member("Message", error.message)
        if let item = error.item {
            json.name("Item")
            item.reading { json.item(ItemView($0)) }
        }
        json.endObject()
    }

    // MARK: Transactions

    func executeTransaction(_ call: Call<API.ExecuteTransactionInput>) async throws(DynamoDBError) -> [UInt8] {
        try call.checkValues()
        let requests = call.input.transactStatements ?? []
        var statements: [Statement] = []
        for (number, request) in requests.enumerated() {
            statements.append(
                try Self.naming(number) { () throws(DynamoDBError) in
                    try call.statement(request.statement, request.parameters)
                })
        }
        let reads = statements.count(where: \.isRead)
        guard reads == 0 || reads == statements.count else {
            throw .validation(StatementError.mixedTransaction.message)
        }
        return try await reads > 0 ? readTogether(statements, call) : writeTogether(statements, requests, call)
    }

    /// Says of which statement of a transaction a refusal is.
    private static func naming<Output>(
        _ number: Int, _ body: () throws(DynamoDBError) -> Output
    ) throws(DynamoDBError) -> Output {
        do throws(DynamoDBError) { return try body() } catch {
            guard error.code == .validationException else { throw error }
            throw .validation("Validation failed in TransactStatements[\(number)]: \(error.message ?? "")")
        }
    }

    /// The tables that statements are of. That there is none is a reason to cancel.
    private func tables(
        of statements: [Statement], _ call: Call<API.ExecuteTransactionInput>
    ) async throws(DynamoDBError) -> [Result<Table, DynamoDBError>] {
        var tables: [Result<Table, DynamoDBError>] = []
        for statement in statements {
            let name = try call.tableName(statement.table)
            do throws(DynamoDBError) {
                tables.append(.success(try await table(name)))
            } catch {
                tables.append(.failure(error))
            }
        }
        return tables
    }

    private func readTogether(
        _ statements: [Statement], _ call: Call<API.ExecuteTransactionInput>
    ) async throws(DynamoDBError) -> [UInt8] {
        var places: [(table: Table, key: [UInt8], columns: SelectList)] = []
        let tables = try await tables(of: statements, call)
        var results: [Result<Void, DynamoDBError>] = []
        for (number, (statement, table)) in zip(statements, tables).enumerated() {
            guard case .select(let select) = statement.body else { continue }
            results.append(
                try Self.naming(number) { () throws(DynamoDBError) in
                    guard let table = try? table.get() else { return table.map { _ in } }
                    if select.index != nil { throw .validation(StatementError.indexInTransaction.message) }
                    do throws(DynamoDBError) {
                        let place = try Self.place(of: select, in: table, "ExecuteTransaction")
                        places.append((table, place, select.columns))
                    } catch {
                        guard StatementError.isOfKeyType(error.message ?? "") else { throw error }
                        return .failure(Table.keyMismatch)
                    }
                    return .success(())
                })
        }
        if let refusal = DynamoDBError.cancelled(results) { throw refusal }
        guard Set(places.map(\.key)).count == places.count else { throw TransactionRules.sameItem }
        let snapshot = store.snapshot()
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.name("Responses")
        json.beginArray()
        var capacities: [ConsumedCapacity] = []
        for place in places {
            let item = try await read(.items, place.key, at: snapshot)?.head
            json.beginObject()
            if let item {
                json.name("Item")
                Self.shown(item, place.columns).reading { json.item(ItemView($0)) }
            }
            json.endObject()
            var consumed = ConsumedCapacity(table: place.table.name.table)
            consumed.kind = .read
            consumed.tableUnits = CapacityUnits.read(
                bytes: item?.reading { ItemView($0).size } ?? 0, .transactional)
            BatchAnswers.merge(consumed, into: &capacities)
        }
        json.endArray()
        BatchAnswers.write(capacities, call.input.returnConsumedCapacity, to: &json)
        json.endObject()
        withExtendedLifetime(statements) {}
        return json.copyBytes()
    }

    private func writeTogether(
        _ statements: [Statement], _ requests: [API.ParameterizedStatement], _ call: Call<API.ExecuteTransactionInput>
    ) async throws(DynamoDBError) -> [UInt8] {
        var writes: [NamedWrite] = []
        let tables = try await tables(of: statements, call)
        for (number, (statement, table)) in zip(statements, tables).enumerated() where statement.returning != nil {
            guard (try? table.get()) != nil else { continue }
            try Self.naming(number) { () throws(DynamoDBError) in
                throw .validation(StatementError.returningInTransaction.message)
            }
        }
        if let refusal = DynamoDBError.cancelled(tables) { throw refusal }
        for (number, (statement, request)) in zip(statements, requests).enumerated() {
            let table = try tables[number].get()
            let returnsItem = request.returnValuesOnConditionCheckFailure == "ALL_OLD"
            let write: PreparedWrite?
            if case .exists = statement.body {
                write = try Self.naming(number) { () throws(DynamoDBError) in
                    try prepared(statement, in: table, returnsItemOnFailure: returnsItem)
                }
            } else {
                write = try preparedInTransaction(statement, in: table, returnsItemOnFailure: returnsItem)
            }
            if let write { writes.append(NamedWrite(table: table.name, write: write)) }
        }
        let token = call.input.clientRequestToken.map {
            ClientToken($0, .transaction, call.context, request: call.body)
        }
        let outcome = try await writeTogether(writes, token: token, isOfStatements: true)
        var json = JSONWriter()
        json.beginObject()
        // Writes have nothing to answer, not even a place in the list.
        json.name("Responses")
        json.beginArray()
        json.endArray()
        try await answerTransaction(
            writes, outcome, capacity: call.input.returnConsumedCapacity, collections: nil, to: &json)
        json.endObject()
        return json.copyBytes()
    }

    /// A write whose statement does not say the whole key is a reason to cancel, as one with a wrong key is.
    private func preparedInTransaction(
        _ statement: Statement, in table: Table, returnsItemOnFailure: Bool
    ) throws(DynamoDBError) -> PreparedWrite? {
        do throws(DynamoDBError) {
            return try prepared(statement, in: table, returnsItemOnFailure: returnsItemOnFailure)
        } catch {
            switch statement.body {
            case .update, .delete:
                // No key at all fits no table.
                return PreparedWrite(
                    .check, key: StoredForm.emptyItem, condition: nil, returnsItemOnFailure: false, owners: [])
            case .select, .insert, .exists: throw error
            }
        }
    }

    // MARK: Single items

    /// Where the one item lies that a SELECT of a batch or transaction is of.
    private static func place(
        of select: SelectStatement, in table: Table, _ operation: StaticString
    ) throws(DynamoDBError) -> [UInt8] {
        let schema = try StatementKey(table.key)
        if let index = table.indexPlans.first(where: { $0.definition.name == select.index }) {
            _ = try StatementKey(index.definition.key)
        }
        let key = try DynamoDBError.wording { () throws(StatementError) in
            guard select.index == nil, let key = try select.itemKey(schema) else { throw .needsWholeKey(in: operation) }
            return key
        }
        return try keyItem(key, table.key).reading { (bytes) throws(DynamoDBError) in
            try table.place(ofKey: ItemView(bytes)).key
        }
    }

    /// What a SELECT shows of an item.
    private static func shown(_ item: [UInt8], _ columns: SelectList) -> [UInt8] {
        guard columns.paths != nil else { return item }
        return item.reading { bytes in
            var builder = ValueBuilder(capacity: bytes.count)
            let range = columns.apply(to: ItemView(bytes), into: &builder)
            return builder.output.copyBytes(range)
        }
    }
}

extension Call {
    /// Reads a statement with its parameters.
    fileprivate func statement(_ text: String?, _ parameters: [ValueRef]?) throws(DynamoDBError) -> Statement {
        if let place = parameters?.first?.range.lowerBound, let problem = valueProblem.ofParameters[place] {
            throw .validation(problem)
        }
        let values = (parameters ?? []).map { arena.value($0) }
        return try DynamoDBError.wording { () throws(StatementError) in
            try Statement.parse(text ?? "", parameters: values)
        }
    }
}
