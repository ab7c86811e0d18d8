import Items

extension DynamoDBService {
    /// Does what a request asks for.
    ///
    /// - Parameter body: the request's JSON; nothing of it is needed once this has returned.
    /// - Returns: the answer's JSON.
    /// - Throws: what the client is told.
    package func perform(
        _ operation: DynamoDBOperation, _ body: [UInt8], _ context: CallContext
    ) async throws(DynamoDBError) -> [UInt8] {
        switch operation {
        case .putItem: try await putItem(call(body, context))
        case .getItem: try await getItem(call(body, context))
        case .updateItem: try await updateItem(call(body, context))
        case .deleteItem: try await deleteItem(call(body, context))
        case .query: try await query(call(body, context))
        case .scan: try await scan(call(body, context))
        case .batchGetItem: try await batchGetItem(call(body, context))
        case .batchWriteItem: try await batchWriteItem(call(body, context))
        case .transactGetItems: try await transactGetItems(call(body, context))
        case .transactWriteItems: try await transactWriteItems(call(body, context))
        case .executeStatement: try await executeStatement(call(body, context))
        case .batchExecuteStatement: try await batchExecuteStatement(call(body, context))
        case .executeTransaction: try await executeTransaction(call(body, context))
        case .createTable: json(try await createTable(call(body, context)))
        case .describeTable: json(try await describeTable(call(body, context)))
        case .updateTable: json(try await updateTable(call(body, context)))
        case .deleteTable: json(try await deleteTable(call(body, context)))
        case .listTables: json(try await listTables(call(body, context)))
        case .tagResource: try await tagResource(call(body, context))
        case .untagResource: try await untagResource(call(body, context))
        case .listTagsOfResource: json(try await listTagsOfResource(call(body, context)))
        case .updateContinuousBackups: json(try await updateContinuousBackups(call(body, context)))
        case .describeContinuousBackups: json(try await describeContinuousBackups(call(body, context)))
        case .restoreTableToPointInTime: json(try await restoreTableToPointInTime(call(body, context)))
        case .createBackup: json(try await createBackup(call(body, context)))
        case .describeBackup: json(try await describeBackup(call(body, context)))
        case .listBackups: json(try await listBackups(call(body, context)))
        case .deleteBackup: json(try await deleteBackup(call(body, context)))
        case .restoreTableFromBackup: json(try await restoreTableFromBackup(call(body, context)))
        case .exportTableToPointInTime: json(try await exportTableToPointInTime(call(body, context)))
        case .describeExport: json(try await describeExport(call(body, context)))
        case .listExports: json(try await listExports(call(body, context)))
        case .importTable: json(try await importTable(call(body, context)))
        case .describeImport: json(try await describeImport(call(body, context)))
        case .listImports: json(try await listImports(call(body, context)))
        case .describeLimits: json(Self.limits)
        case .describeEndpoints: json(Self.endpoints(context))
        case .describeTimeToLive: json(try await describeTimeToLive(call(body, context)))
        case .updateTimeToLive: json(try await updateTimeToLive(call(body, context)))
        case .listStreams: json(try await listStreams(call(body, context)))
        case .describeStream: json(try await describeStream(call(body, context)))
        case .getShardIterator: json(try await getShardIterator(call(body, context)))
        case .getRecords: try await getRecords(call(body, context))
        default: throw DynamoDBError(.unknownOperationException)
        }
    }

    private func call<Input: APIInput>(
        _ body: [UInt8], _ context: CallContext
    ) throws(DynamoDBError) -> Call<Input> {
        let request = try body.reading { (bytes) throws(DynamoDBError) in try RequestInput<Input>(reading: bytes) }
        return Call(
            input: request.input, arena: request.arena, context: context, valueProblem: request.problem, body: body)
    }

    private func json(_ output: some APIOutput) -> [UInt8] {
        var json = JSONWriter()
        output.write(to: &json)
        return json.copyBytes()
    }
}
