package import LabClock
package import LogStore

/// DynamoDB's semantics over the engine: operations on JSON, without HTTP.
///
/// Thread-safe: one service for one store, called from any task. Operations run on the caller's executor and leave it
/// only for cold reads and commits. No task outlives its call; time comes from the clock that is passed in.
package final class DynamoDBService: Sendable {
    /// The engine that everything is kept in.
    package let store: LogStore
    let clock: any LabClock
    let directory = TableDirectory()
    /// What DynamoDB does later: it is handled when whoever runs the queue comes to it.
    let due: DueQueue
    /// Unpredictable bytes: for the UUIDs of tables.
    let random: @Sendable (_ count: Int) -> [UInt8]
    /// Where exports go and imports come from.
    let objects: any ObjectStorage
    /// Bytes that an item collection has room for, in tables with local indexes.
    let itemCollectionBytesMax: Int

    /// - Parameters:
    ///   - store: opened by the caller, who also closes it. No other service writes DynamoDB's keys.
    ///   - due: the store's; the service registers its handlers.
    ///   - objects: where exports go and imports come from.
    ///   - itemCollectionBytesMax: AWS's limit, unless a test wants to reach it.
    ///   - random: that many unpredictable bytes.
    package init(
        store: LogStore, clock: any LabClock, due: DueQueue, objects: any ObjectStorage = NoObjectStorage(),
        itemCollectionBytesMax: Int = DynamoDBLimits.itemCollectionBytesMax,
        random: @escaping @Sendable (_ count: Int) -> [UInt8]
    ) {
        self.objects = objects
        self.itemCollectionBytesMax = itemCollectionBytesMax
        self.store = store
        self.clock = clock
        self.due = due
        self.random = random
        due.register(.clientToken, TokenExpiry(store: store, clock: clock))
        due.register(.indexFill, IndexFill(service: self), isJob: true)
        due.register(.expiry, ItemExpiration(service: self))
        due.register(.expiryFill, ExpiryFill(service: self), isJob: true)
        due.register(.indexChange, IndexPropagation(service: self))
        due.register(.streamTrim, StreamTrim(service: self), isJob: true)
        due.register(.streamRemoval, StreamRemoval(service: self))
        due.register(.restore, RestoreWork(service: self), isJob: true)
        due.register(.historyTrim, HistoryTrim(service: self), isJob: true)
        due.register(.backupExpiry, BackupExpiry(service: self))
        due.register(.export, ExportWork(service: self), isJob: true)
        due.register(.tableImport, ImportWork(service: self), isJob: true)
    }

    /// The table of a name.
    ///
    /// - Throws: `ResourceNotFoundException`. Costs a dictionary look-up once the table is known.
    func handle(_ name: TableName) async throws(DynamoDBError) -> TableHandle {
        if let handle = directory.handle(name, restoreCount: store.restoreCount) { return handle }
        while true {
            let restoreCount = store.restoreCount
            let removals = directory.removals
            let snapshot = store.snapshot()
            guard let value = try await read(.catalog, DynamoDBKeys.table(name), at: snapshot) else {
                throw .resourceNotFound
            }
            let definition = try TableRecord.decode(value.head)
            let partitions = try await partitions(of: definition.id, at: snapshot)
            let map = try PartitionMap(partitions.filter(\.isOpen))
            let table = Table(definition: definition, partitions: map)
            let handle = TableHandle(table: table, restoreCount: restoreCount)
            if let handle = directory.insert(handle, removals: removals) { return handle }
        }
    }

    /// The table of a name as it is now.
    func table(_ name: TableName) async throws(DynamoDBError) -> Table {
        guard let table = try await handle(name).table, !table.definition.isBuilding else { throw .resourceNotFound }
        return table
    }

    /// Lets a write of items into the gate of its table, and notes its second of lab time where recovery wants to know.
    ///
    /// - Returns: nil when there is no such table (any more, or yet); then there is nothing to leave.
    func enter(_ handle: TableHandle) async throws(DynamoDBError) -> Table? {
        guard let table = await handle.enter() else { return nil }
        guard table.definition.recovery != nil else { return table }
        do throws(DynamoDBError) {
            try await handle.seconds.reach(clock.now(), of: table, store, handle.restoreCount)
        } catch {
            handle.leave()
            throw error
        }
        return table
    }

    /// Runs a write of items inside the gate of its table.
    func writing<Output>(
        _ name: TableName, _ body: (TableHandle, Table) async throws(DynamoDBError) -> Output
    ) async throws(DynamoDBError) -> Output {
        let handle = try await handle(name)
        guard let table = try await enter(handle) else { throw .resourceNotFound }
        defer { handle.leave() }
        return try await body(handle, table)
    }
}
