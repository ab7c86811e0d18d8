import LabClock
import LogStore

extension DynamoDBService {
    /// Imports that one ListImports answers.
    private static let importsPageMax = 25
    /// Bytes of a request: it is kept in a record.
    private static let requestBytesMax = 256 << 10

    func importTable(_ call: Call<API.ImportTableInput>) async throws(DynamoDBError) -> API.ImportTableOutput {
        let input = call.input
        try Self.check(input)
        guard call.body.count <= Self.requestBytesMax, let parameters = input.tableCreationParameters else {
            throw .validation("The request is larger than \(Self.requestBytesMax) bytes")
        }
        let table = try call.tableName(parameters.tableName)
        var definition = try await newTable(API.CreateTableInput(parameters), table)
        definition.isBuilding = true
        let built = definition
        let now = clock.now()
        let id = TimedID(.import, of: table, at: now, random: random(TimedID.randomSize))
        let record = ImportRecord(
            id: id, tableUUID: built.uuid, request: call.body,
            bucket: BucketAddress(
                name: input.s3BucketSource?.s3Bucket ?? "", account: call.context.accountID,
                region: call.context.region, expectedOwner: input.s3BucketSource?.s3BucketOwner),
            started: now)
        let token = input.clientToken.map { ClientToken($0, .import, call.context, request: call.body) }
        let earlier: String? = try await transact { transaction, batch in
            if let arn = try await token?.earlier(transaction, at: now, conflict: .importConflict) { return arn }
            try await self.add(built, tags: [], transaction, &batch)
            record.put(into: &batch)
            token?.remember(id.arn, at: now, self.due, in: &batch)
            self.due.add(DueEntry(time: JobTurns.first, kind: .tableImport, id: record.id.key), to: &batch)
            return nil
        }
        let made = if let earlier { try TimedID(.import, arn: earlier, call.context) } else { id }
        return API.ImportTableOutput(importTableDescription: try await imported(made).description())
    }

    private static func check(_ input: API.ImportTableInput) throws(DynamoDBError) {
        try UnbuiltSettings.refuse(input.inputFormat == "ION", "InputFormat ION")
        if input.inputFormat != "CSV", input.inputFormatOptions?.csv != nil {
            throw .validation("InputFormatOptions.Csv can only be specified for InputFormat CSV")
        }
        if let columns = input.inputFormatOptions?.csv?.headerList, Set(columns).count != columns.count {
            throw .validation("HeaderList has a column twice")
        }
    }

    // MARK: Looking

    func describeImport(
        _ call: Call<API.DescribeImportInput>
    ) async throws(DynamoDBError) -> API.DescribeImportOutput {
        let record = try await imported(try TimedID(.import, arn: call.input.importARN ?? "", call.context))
        return API.DescribeImportOutput(importTableDescription: try record.description())
    }

    /// - Throws: `ImportNotFoundException`.
    private func imported(_ id: TimedID) async throws(DynamoDBError) -> ImportRecord {
        guard let record = try await read(.catalog, id.key) else {
            throw DynamoDBError(.importNotFoundException, "Import not found: \(id.arn)")
        }
        return try ImportRecord.decode(record.head)
    }

    func listImports(_ call: Call<API.ListImportsInput>) async throws(DynamoDBError) -> API.ListImportsOutput {
        var prefix = TimedID.prefix(.import, account: call.context.accountID, region: call.context.region)
        if let table = call.input.tableARN { prefix = TimedID.prefix(.import, of: try call.tableName(table)) }
        let limit = call.input.pageSize ?? Self.importsPageMax
        var summaries: [API.ImportSummary] = []
        let next = try await page(prefix, call.input.nextToken, limit: limit) { (value) throws(DynamoDBError) in
            summaries.append(try ImportRecord.decode(value).summary())
        }
        return API.ListImportsOutput(importSummaryList: summaries, nextToken: next)
    }
}

extension API.CreateTableInput {
    /// The table that an import makes.
    fileprivate init(_ parameters: API.TableCreationParameters) {
        self.init()
        tableName = parameters.tableName
        attributeDefinitions = parameters.attributeDefinitions
        keySchema = parameters.keySchema
        billingMode = parameters.billingMode
        provisionedThroughput = parameters.provisionedThroughput
        onDemandThroughput = parameters.onDemandThroughput
        sseSpecification = parameters.sseSpecification
        globalSecondaryIndexes = parameters.globalSecondaryIndexes
    }
}

extension DynamoDBError {
    fileprivate static let importConflict = DynamoDBError(
        .importConflictException,
        "There was a conflict when importing from the specified S3 source: "
            + "the client token was used by an import with other parameters")
}
