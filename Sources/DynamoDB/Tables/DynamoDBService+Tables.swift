import Bytes
import LabClock
import LogStore

extension DynamoDBService {
    func describeTable(_ call: Call<API.DescribeTableInput>) async throws(DynamoDBError) -> API.DescribeTableOutput {
        let table = try await namedTable(try call.tableName(call.input.tableName))
        return API.DescribeTableOutput(table: try await describe(table))
    }

    /// A table, or the refusal that names it: what operations on tables answer.
    func namedTable(_ name: TableName) async throws(DynamoDBError) -> Table {
        guard let table = try await namedHandle(name).table else { throw .tableNotFound(name.table) }
        return table
    }

    func namedHandle(_ name: TableName) async throws(DynamoDBError) -> TableHandle {
        do throws(DynamoDBError) { return try await handle(name) } catch {
            throw error == .resourceNotFound ? .tableNotFound(name.table) : error
        }
    }

    func listTables(_ call: Call<API.ListTablesInput>) async throws(DynamoDBError) -> API.ListTablesOutput {
        let limit = call.input.limit ?? Self.tablesPageMax
        let prefix = DynamoDBKeys.tables(account: call.context.accountID, region: call.context.region)
        let start = call.input.exclusiveStartTableName.map { prefix + Array($0.utf8) + [0] }
        var names: [String] = []
        var hasMore = false
        try await forEach(.catalog, prefix: prefix, from: start) { (key, _) throws(DynamoDBError) in
            hasMore = names.count == limit
            if !hasMore { names.append(String(decoding: key.dropFirst(prefix.count), as: UTF8.self)) }
            return !hasMore
        }
        return API.ListTablesOutput(tableNames: names, lastEvaluatedTableName: hasMore ? names.last : nil)
    }

    /// All tables, of all accounts and regions. Reads each one's record.
    package func tableNames() async throws(DynamoDBError) -> [TableName] {
        var names: [TableName] = []
        try await forEach(.catalog, prefix: DynamoDBKeys.allTables) { (_, value) throws(DynamoDBError) in
            names.append(try TableRecord.decode(value.head).name)
            return true
        }
        return names
    }

    /// Names that one ListTables answers.
    private static let tablesPageMax = 100

    func deleteTable(_ call: Call<API.DeleteTableInput>) async throws(DynamoDBError) -> API.DeleteTableOutput {
        let handle = try await namedHandle(try call.tableName(call.input.tableName))
        var description: API.TableDescription?
        try await handle.change { (table) throws(DynamoDBError) in
            if table.definition.isDeletionProtected {
                throw .validation(
                    "Resource cannot be deleted as it is currently protected against deletion. "
                        + "Disable deletion protection first.")
            }
            if table.definition.indexes.contains(where: { $0.status == .creating }) {
                throw DynamoDBError(
                    .resourceInUseException,
                    "Attempt to change a resource which is still in use: Table is being updated: \(table.name.table)")
            }
            description = try await describe(table, status: "DELETING")
            description?.deletionProtectionEnabled = false
            // What AWS leaves out of a table that goes.
            description?.attributeDefinitions = nil
            description?.keySchema = nil
            description?.creationDateTime = nil
            description?.localSecondaryIndexes = nil
            description?.globalSecondaryIndexes = nil
            // As at AWS, a table that could be restored leaves a backup.
            let last =
                table.definition.recovery == nil
                ? nil : try await backup(of: table, "\(table.name.table)$DeletedTableBackup", .system, at: clock.now())
            let restoreCount = handle.restoreCount
            try await transact { transaction, batch in
                batch.restoreCount = restoreCount
                batch.makesRoom = true
                self.removeTable(table, keepsItems: table.definition.keepsHistory, from: &batch)
                var definition = table.definition
                try await self.endStream(of: &definition, in: &batch)
                if let last { try await self.add(last, transaction, &batch) }
            }
            return nil
        }
        directory.remove(handle)
        return API.DeleteTableOutput(tableDescription: description)
    }

    /// Removes a table and all that belongs to it but its streams and backups, which outlive it. However large it is:
    /// ranges are deleted by one entry each.
    ///
    /// - Parameter keepsItems: items and history stay for those that hold them, who remove them in the end.
    func removeTable(_ table: Table, keepsItems: Bool, from batch: inout WriteBatch) {
        batch.delete(.catalog, DynamoDBKeys.table(table.name))
        batch.delete(.catalog, DynamoDBKeys.tags(table.id))
        batch.delete(.catalog, DynamoDBKeys.tableName(table.id))
        for prefix in [
            DynamoDBKeys.tallies(table.id), DynamoDBKeys.partitions(table.id), DynamoDBKeys.collectionSizes(table.id),
        ] {
            deleteAll(.catalog, prefix, from: &batch)
        }
        deleteAll(.indexes, DynamoDBKeys.items(table.id), from: &batch)
        if !keepsItems { deleteAll(.items, DynamoDBKeys.items(table.id), from: &batch) }
    }

    /// Removes everything under a prefix.
    func deleteAll(_ keyspace: Keyspace, _ prefix: [UInt8], from batch: inout WriteBatch) {
        guard let end = OrderedKey.end(ofPrefix: prefix) else { preconditionFailure("A prefix without an end") }
        batch.deleteRange(keyspace, from: prefix, to: end)
    }
}
