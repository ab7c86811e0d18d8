import Bytes
import LabClock
import LogStore

/// Brings changes of items to the global indexes of tables whose indexes lag behind.
struct IndexPropagation: DueHandler {
    /// Items of one commit.
    private static let pieceMax = 25
    /// Changes of one item in one commit, and those looked at to find what is due.
    private static let changesMax = 100

    let service: DynamoDBService

    func run(_ entries: [DueEntry]) async throws {
        let restoreCount = service.store.restoreCount
        var rest = entries[...]
        while let first = rest.first {
            let table = first.id.prefix(8)
            let piece = Array(rest.prefix(Self.pieceMax).prefix { $0.id.prefix(8) == table })
            rest = rest.dropFirst(piece.count)
            let tableID = UInt64(bigEndianBytes: table)
            let isDone: Void? = try await service.writing(tableID: tableID) { (handle, table) throws(DynamoDBError) in
                while try await propagate(piece, in: table, handle.restoreCount) {}
            }
            if isDone == nil { try await service.forget(piece, restoreCount) }
        }
    }

    /// Does what is due of items, as far as it goes into one commit.
    ///
    /// - Returns: whether something is left.
    private func propagate(
        _ entries: [DueEntry], in table: Table, _ restoreCount: Int
    ) async throws(DynamoDBError) -> Bool {
        let now = service.clock.now()
        return try await service.transact { transaction, batch in
            batch.restoreCount = restoreCount
            var bytes = 0
            var seen: Set<[UInt8]> = []
            // An item may be there for several times: all that is due of it is done for the first.
            for entry in entries where seen.insert(entry.id).inserted {
                guard try await propagate(entry.id, in: table, at: now, &bytes, transaction, &batch) else {
                    return true
                }
            }
            for entry in entries { entry.remove(from: &batch) }
            return false
        }
    }

    /// The same for one item.
    ///
    /// - Parameter bytes: of changes in the batch.
    /// - Returns: whether nothing is left that is due.
    private func propagate(
        _ item: [UInt8], in table: Table, at now: LabTime, _ bytes: inout Int, _ transaction: Transaction,
        _ batch: inout WriteBatch
    ) async throws -> Bool {
        let prefix = DynamoDBKeys.pendingChanges(ofItem: item)
        let pending = try await transaction.scan(
            .indexes, lower: prefix, upper: OrderedKey.end(ofPrefix: prefix), limit: Self.changesMax)
        let changes = try pending.map { try PendingChange.decode($0.value.head) }
        // What comes before something that is due is done with it: a change never overtakes an earlier one.
        let count = (changes.lastIndex { $0.time <= now } ?? -1) + 1
        for (change, record) in zip(changes, pending).prefix(count) {
            if bytes > DynamoDBLimits.pieceBytes { return false }
            bytes += record.value.head.count
            change.write(to: &batch, of: table)
            batch.delete(.indexes, record.key)
        }
        return count == 0 || pending.count < Self.changesMax
    }
}

extension DynamoDBService {
    /// Sets how long changes of a table's items take to reach its global indexes.
    ///
    /// - Parameter milliseconds: of lab time; with 0 they are in the item's own commit. What has been left for later by
    ///   then is done at once when there is to be no delay any more, otherwise at its time.
    /// - Throws: `ResourceNotFoundException`; `ValidationException` for a delay that is negative or over a day.
    package func setIndexDelay(of name: TableName, milliseconds: Int64) async throws(DynamoDBError) {
        guard (0...DynamoDBLimits.indexDelayMillisecondsMax).contains(milliseconds) else {
            throw .validation("The delay of indexes must be in 0...\(DynamoDBLimits.indexDelayMillisecondsMax) ms")
        }
        let handle = try await namedHandle(name)
        try await handle.change { (table) throws(DynamoDBError) in
            var definition = table.definition
            definition.indexDelayMilliseconds = milliseconds
            if milliseconds == 0 { while try await propagateAll(of: table, handle.restoreCount) {} }
            var batch = WriteBatch()
            batch.restoreCount = handle.restoreCount
            definition.put(into: &batch)
            try await commit(batch)
            return table.changed(to: definition)
        }
    }

    /// Does a piece of what a table's items have left for later, whether it is due or not. No write is inside the gate.
    ///
    /// - Returns: whether there may be more.
    private func propagateAll(of table: Table, _ restoreCount: Int) async throws(DynamoDBError) -> Bool {
        var batch = WriteBatch()
        batch.restoreCount = restoreCount
        var bytes = 0
        try await forEach(.indexes, prefix: DynamoDBKeys.pendingChanges(table.id)) {
            (key, value) throws(DynamoDBError) in
            try PendingChange.decode(value.head).write(to: &batch, of: table)
            batch.delete(.indexes, key)
            bytes += value.head.count
            return bytes < DynamoDBLimits.pieceBytes
        }
        // Their entries of the queue find nothing when they are due.
        if bytes > 0 { try await commit(batch) }
        return bytes > 0
    }
}
