import LogStore

/// The record that gives the name of a table whose id is known.
enum TableNameRecord {
    static func encode(_ name: TableName) -> [UInt8] {
        var record = RecordWriter()
        record.set(name)
        return record.finish()
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> TableName {
        try RecordReader.read(bytes) { (record) throws(DynamoDBError) in
            try record.tableName()
        }
    }
}

extension DynamoDBService {
    /// The table that is known by its id; nil when it is gone.
    func handle(tableID: UInt64) async throws(DynamoDBError) -> TableHandle? {
        guard let record = try await read(.catalog, DynamoDBKeys.tableName(tableID)) else { return nil }
        do throws(DynamoDBError) {
            let handle = try await handle(TableNameRecord.decode(record.head))
            return handle.table?.id == tableID ? handle : nil
        } catch {
            if error == .resourceNotFound { return nil }
            throw error
        }
    }

    /// Runs a write inside the gate of a table that is known by its id.
    ///
    /// - Parameter body: not called, and the answer nil, when the table is gone.
    func writing<Output>(
        tableID: UInt64, _ body: (TableHandle, Table) async throws(DynamoDBError) -> Output
    ) async throws(DynamoDBError) -> Output? {
        guard let handle = try await handle(tableID: tableID), let table = try await enter(handle) else { return nil }
        defer { handle.leave() }
        return try await body(handle, table)
    }
}
