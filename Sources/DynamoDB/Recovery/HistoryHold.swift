import Bytes
import LogStore

/// Keeps a past state of a table readable: as long as a hold is there, neither the table's old items nor, once it is
/// deleted, its last ones are removed as far as that state needs them.
struct HistoryHold: Sendable, Hashable {
    /// Whose state.
    let tableID: UInt64
    /// Random, unique in the table.
    let id: UInt64
    /// The state is that of the commits below this one.
    let bound: UInt64
    /// The hold of the backup that is read through this one, which must not be deleted meanwhile; 0 for none.
    let origin: UInt64

    private static let kind: UInt8 = 0x2D

    /// The prefix of a table's holds.
    static func prefix(_ tableID: UInt64) -> [UInt8] {
        var key: [UInt8] = [kind]
        key.appendBigEndian(tableID)
        return key
    }

    static func key(_ tableID: UInt64, _ id: UInt64) -> [UInt8] {
        var key = prefix(tableID)
        key.appendBigEndian(id)
        return key
    }

    var key: [UInt8] { Self.key(tableID, id) }

    /// Adds a hold to a batch that also says in the table's definition that there is one.
    ///
    /// - Parameter bound: nil for the state before the batch's own commit.
    static func put(
        _ tableID: UInt64, _ id: UInt64, bound: UInt64?, origin: UInt64 = 0, into batch: inout WriteBatch
    ) {
        var record: [UInt8] = []
        record.appendBigEndian(bound ?? 0)
        record.appendBigEndian(origin)
        batch.put(
            .catalog, key(tableID, id), StoredValue(head: record), headStampOffset: bound == nil ? 0 : nil)
    }

    /// The hold, from its key and value.
    init(key: [UInt8], value: StoredValue?) throws(DynamoDBError) {
        guard key.count == 17, let value, value.head.count == 16 else { throw .damagedRecord("hold") }
        tableID = UInt64(bigEndianBytes: key.dropFirst())
        id = UInt64(bigEndianBytes: key.suffix(8))
        bound = UInt64(bigEndianBytes: value.head)
        origin = UInt64(bigEndianBytes: value.head.suffix(8))
    }

    var state: PastState { PastState(tableID: tableID, bound: bound) }
}

extension DynamoDBService {
    /// Ends holds of a table, and removes what nobody needs any more.
    ///
    /// - Parameters:
    ///   - allowed: throws when they must not be ended; gets all of the table's holds.
    ///   - also: what is to be done in the same commit. Both may be called more than once.
    func release(
        _ tableID: UInt64, _ name: TableName, _ holds: [UInt64],
        allowed: @escaping @Sendable ([HistoryHold]) throws(DynamoDBError) -> Void = { _ in },
        also: @escaping @Sendable (inout WriteBatch) -> Void
    ) async throws(DynamoDBError) {
        let release = HoldRelease(tableID: tableID, table: name, holds: holds, allowed: allowed, also: also)
        while true {
            if let handle = try await presentHandle(name, tableID) {
                if try await perform(release, of: handle) { return }
            } else {
                if try await performDeleted(release) { return }
            }
        }
    }

    /// - Throws: `damagedRecord` when there is no such hold.
    func hold(_ tableID: UInt64, _ id: UInt64) async throws(DynamoDBError) -> HistoryHold {
        let key = HistoryHold.key(tableID, id)
        return try HistoryHold(key: key, value: try await read(.catalog, key))
    }

    /// The handle of a table, if it is still the one of that id.
    func presentHandle(_ name: TableName, _ tableID: UInt64) async throws(DynamoDBError) -> TableHandle? {
        do throws(DynamoDBError) {
            let handle = try await handle(name)
            return handle.table?.id == tableID ? handle : nil
        } catch {
            if error == .resourceNotFound { return nil }
            throw error
        }
    }

    /// - Returns: false when the table has been deleted meanwhile.
    private func perform(_ release: HoldRelease, of handle: TableHandle) async throws(DynamoDBError) -> Bool {
        do throws(DynamoDBError) {
            try await handle.change { (table) throws(DynamoDBError) in
                guard table.id == release.tableID else { throw .tableNotFound(handle.name.table) }
                let definition = table.definition
                let restoreCount = handle.restoreCount
                let changed = try await self.transact { (transaction, batch) -> TableDefinition in
                    batch.restoreCount = restoreCount
                    batch.makesRoom = true
                    let others = try await release.remove(transaction, &batch)
                    var changed = definition
                    changed.isHeld = !others.isEmpty
                    if !changed.keepsHistory { self.removeHistory(definition.id, from: &batch) }
                    changed.put(into: &batch)
                    return changed
                }
                return table.changed(to: changed)
            }
            return true
        } catch {
            if error == .tableNotFound(handle.name.table) { return false }
            throw error
        }
    }

    /// The same for a table that is no more: with the last hold goes all that was left of it.
    ///
    /// - Returns: false when there is such a table.
    private func performDeleted(_ release: HoldRelease) async throws(DynamoDBError) -> Bool {
        try await transact { transaction, batch in
            if let record = try await transaction.get(.catalog, DynamoDBKeys.table(release.table))?.head,
                UInt64(bigEndianBytes: record) == release.tableID
            {
                return false
            }
            if try await release.remove(transaction, &batch).isEmpty {
                self.removeHistory(release.tableID, from: &batch)
                self.deleteAll(.items, DynamoDBKeys.items(release.tableID), from: &batch)
            }
            return true
        }
    }

    /// A table's holds, in the order of their ids.
    static func holds(
        of tableID: UInt64, _ transaction: Transaction
    ) async throws -> [HistoryHold] {
        let prefix = HistoryHold.prefix(tableID)
        return try await transaction.scan(
            .catalog, lower: prefix, upper: OrderedKey.end(ofPrefix: prefix), limit: .max
        ).map { try HistoryHold(key: $0.key, value: $0.value) }
    }

    /// Removes all that a table's past is read from, but not its items.
    func removeHistory(_ tableID: UInt64, from batch: inout WriteBatch) {
        deleteAll(.history, HistoryKeys.table(tableID), from: &batch)
        deleteAll(.history, HistoryKeys.seconds(tableID), from: &batch)
        batch.delete(.catalog, HistoryTrim.recordKey(tableID))
    }
}

/// The end of holds.
private struct HoldRelease: Sendable {
    let tableID: UInt64
    let table: TableName
    let holds: [UInt64]
    let allowed: @Sendable ([HistoryHold]) throws(DynamoDBError) -> Void
    let also: @Sendable (inout WriteBatch) -> Void

    /// Removes the holds in a transaction. Returns the others.
    func remove(_ transaction: Transaction, _ batch: inout WriteBatch) async throws -> [HistoryHold] {
        let present = try await DynamoDBService.holds(of: tableID, transaction)
        try allowed(present)
        for hold in holds { batch.delete(.catalog, HistoryHold.key(tableID, hold)) }
        also(&batch)
        return present.filter { !holds.contains($0.id) }
    }
}
