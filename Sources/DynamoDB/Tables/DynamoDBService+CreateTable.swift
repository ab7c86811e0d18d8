import Bytes
import LabClock
import LogStore

extension DynamoDBService {
    func createTable(_ call: Call<API.CreateTableInput>) async throws(DynamoDBError) -> API.CreateTableOutput {
        let name = try call.tableName(call.input.tableName)
        let definition = try await newTable(call.input, name)
        let tags = try TagList.read(call.input.tags ?? [])
        let table = try await create(definition, tags: tags)
        return API.CreateTableOutput(tableDescription: try await describe(table, status: "CREATING"))
    }

    /// The table that a request describes, without an id.
    func newTable(
        _ input: API.CreateTableInput, _ name: TableName
    ) async throws(DynamoDBError) -> TableDefinition {
        try UnbuiltSettings.check(input)
        let isOnDemand = BillingReading.isOnDemand(input.billingMode)
        let units = try BillingReading.units(input.provisionedThroughput, isOnDemand: isOnDemand)
        var reading = try SchemaReading(input.attributeDefinitions ?? [])
        let key = try reading.tableKey(input.keySchema ?? [])
        var indexes: [IndexDefinition] = []
        if let list = input.localSecondaryIndexes {
            if list.isEmpty { throw Self.emptyList("LocalSecondaryIndexes") }
            for index in list {
                indexes.append(try reading.localIndex(index, of: key, ordinal: UInt16(indexes.count + 1)))
            }
        }
        if let list = input.globalSecondaryIndexes {
            if list.isEmpty { throw Self.emptyList("GlobalSecondaryIndexes") }
            for index in list {
                indexes.append(
                    try reading.globalIndex(
                        index, isOnDemand: isOnDemand, ordinal: UInt16(indexes.count + 1), status: .active))
            }
        }
        try SchemaReading.check(indexes)
        try reading.checkAllUsed(hasIndexes: !indexes.isEmpty)
        let now = clock.now()
        var definition = TableDefinition(
            id: 0, name: name, uuid: uuid(), created: now, key: key, attributes: reading.attributes, indexes: indexes,
            nextIndexOrdinal: UInt16(indexes.count + 1), isOnDemand: isOnDemand,
            lastSwitchToOnDemand: isOnDemand ? now : nil, throughput: units,
            onDemandMax: OnDemandMax(input.onDemandThroughput), tableClass: input.tableClass ?? "STANDARD",
            isDeletionProtected: input.deletionProtectionEnabled ?? false, indexDelayMilliseconds: 0)
        definition.stream = try await newStream(input.streamSpecification, of: name)
        return definition
    }

    private static func emptyList(_ name: String) -> DynamoDBError {
        .validation("One or more parameter values were invalid: List of \(name) is empty")
    }

    /// Makes a table of a definition whose id is still to be given: by the commit.
    ///
    /// - Returns: the table as it was made, without the id; by now another request may have deleted it.
    /// - Throws: `ResourceInUseException` when there is one of that name; `LimitExceededException`.
    func create(_ definition: TableDefinition, tags: [API.Tag]) async throws(DynamoDBError) -> Table {
        try await transact { transaction, batch in
            try await self.add(definition, tags: tags, transaction, &batch)
        }
        return Table(
            definition: definition, partitions: try PartitionMap([PartitionMap.whole(created: definition.created)]))
    }

    /// Adds a table's records to a transaction.
    ///
    /// - Throws: as `create`.
    func add(
        _ definition: TableDefinition, tags: [API.Tag], _ transaction: Transaction, _ batch: inout WriteBatch
    ) async throws {
        let name = definition.name
        let key = DynamoDBKeys.table(name)
        let prefix = DynamoDBKeys.tables(account: name.account, region: name.region)
        // The id is the commit's sequence number, which the pipeline writes into the record and the keys.
        if try await transaction.get(.catalog, key) != nil {
            throw DynamoDBError(.resourceInUseException, "Table already exists: \(name.table)")
        }
        let tables = try await transaction.scan(
            .catalog, lower: prefix, upper: OrderedKey.end(ofPrefix: prefix), limit: DynamoDBLimits.tablesMax)
        if tables.count == DynamoDBLimits.tablesMax {
            throw DynamoDBError(
                .limitExceededException,
                "Subscriber limit exceeded: Too many tables: \(DynamoDBLimits.tablesMax)")
        }
        batch.put(
            .catalog, key, StoredValue(head: TableRecord.encode(definition)),
            headStampOffset: TableRecord.idOffset)
        batch.put(
            .catalog, DynamoDBKeys.tableName(0), StoredValue(head: TableNameRecord.encode(name)),
            keyStampOffset: DynamoDBKeys.tableIDOffset)
        let whole = PartitionMap.whole(created: definition.created)
        batch.put(
            .catalog, DynamoDBKeys.partition(0, whole.id), StoredValue(head: PartitionRecord.encode(whole)),
            keyStampOffset: DynamoDBKeys.tableIDOffset, headStampOffset: CommitSpan.beginOffset)
        beginStream(of: definition, [whole], in: &batch)
        if !tags.isEmpty {
            batch.put(
                .catalog, DynamoDBKeys.tags(0), StoredValue(head: TagList.encode(tags)),
                keyStampOffset: DynamoDBKeys.tableIDOffset)
        }
    }
}
