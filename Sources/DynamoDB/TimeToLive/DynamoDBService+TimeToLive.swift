import LabClock
import LogStore

extension DynamoDBService {
    func describeTimeToLive(
        _ call: Call<API.DescribeTimeToLiveInput>
    ) async throws(DynamoDBError) -> API.DescribeTimeToLiveOutput {
        let table = try await namedTable(try call.tableName(call.input.tableName))
        let attribute = table.definition.timeToLive?.attribute
        return API.DescribeTimeToLiveOutput(
            timeToLiveDescription: API.TimeToLiveDescription(
                timeToLiveStatus: attribute == nil ? "DISABLED" : "ENABLED", attributeName: attribute))
    }

    func updateTimeToLive(
        _ call: Call<API.UpdateTimeToLiveInput>
    ) async throws(DynamoDBError) -> API.UpdateTimeToLiveOutput {
        let specification = call.input.timeToLiveSpecification
        guard let attribute = specification?.attributeName, let isEnabled = specification?.enabled else {
            throw .internalError("a specification was not checked")
        }
        let handle = try await namedHandle(try call.tableName(call.input.tableName))
        try await handle.change { (table) throws(DynamoDBError) in
            var definition = table.definition
            let now = clock.now()
            try Self.check(definition, attribute, isEnabled: isEnabled, at: now)
            var batch = WriteBatch()
            batch.restoreCount = handle.restoreCount
            definition.lastTimeToLiveChange = now
            if isEnabled {
                definition.timeToLive = TimeToLive(attribute: attribute, enabled: now)
                batch.put(
                    .catalog, DynamoDBKeys.expiringTable(table.id),
                    StoredValue(head: ExpiringTable.encode(definition.name)))
                due.add(ExpiryFill.begin(table.id, at: now), to: &batch)
            } else {
                // Entries of the queue are dropped when they are due.
                definition.timeToLive = nil
                batch.delete(.catalog, DynamoDBKeys.expiringTable(table.id))
            }
            batch.put(
                .catalog, DynamoDBKeys.table(table.name), StoredValue(head: TableRecord.encode(definition)))
            try await commit(batch)
            return Table(definition: definition, partitions: table.partitions)
        }
        return API.UpdateTimeToLiveOutput(timeToLiveSpecification: specification)
    }

    /// - Throws: `ValidationException` for a change that is none, one of another attribute, or one too many.
    private static func check(
        _ table: TableDefinition, _ attribute: String, isEnabled: Bool, at now: LabTime
    ) throws(DynamoDBError) {
        if let present = table.timeToLive {
            if present.attribute != attribute {
                throw .validation(
                    "TimeToLive is active on a different AttributeName: current AttributeName is \(present.attribute)")
            }
            if isEnabled { throw .validation("TimeToLive is already enabled") }
        } else if !isEnabled {
            throw .validation("TimeToLive is already disabled")
        }
        if let last = table.lastTimeToLiveChange,
            now < last.adding(milliseconds: DynamoDBLimits.timeToLiveChangeMilliseconds)
        {
            throw .validation("Time to live has been modified multiple times within a fixed interval")
        }
    }
}

/// The record by which what is due finds the table that it is of.
enum ExpiringTable {
    static func encode(_ name: TableName) -> [UInt8] {
        var record = RecordWriter()
        record.set("account", name.account)
        record.set("region", name.region)
        record.set("table", name.table)
        return record.finish()
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> TableName {
        try RecordReader.read(bytes) { (record) throws(DynamoDBError) in
            TableName(
                account: try record.string("account"), region: try record.string("region"),
                table: try record.string("table"))
        }
    }
}

extension DynamoDBService {
    /// Runs a write inside the gate of a table that is known by its id.
    ///
    /// - Parameter body: not called, and the answer nil, when the table is gone or its items do not expire.
    func writingExpiring<Output>(
        _ tableID: UInt64, _ body: (TableHandle, Table) async throws(DynamoDBError) -> Output
    ) async throws(DynamoDBError) -> Output? {
        guard let record = try await read(.catalog, DynamoDBKeys.expiringTable(tableID)) else { return nil }
        let handle: TableHandle
        do throws(DynamoDBError) { handle = try await self.handle(ExpiringTable.decode(record.head)) } catch {
            if error == .resourceNotFound { return nil }
            throw error
        }
        guard let table = await handle.enter() else { return nil }
        defer { handle.leave() }
        guard table.id == tableID, table.definition.timeToLive != nil else { return nil }
        return try await body(handle, table)
    }
}
