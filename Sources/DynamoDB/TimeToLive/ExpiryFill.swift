import Bytes
import LabClock
import LogStore

/// Puts the items that a table had when its time to live was enabled into the queue: piece by piece, beside the writes,
/// which keep their own entries from then on.
///
/// The queue's entry says where the next piece begins, so that a restart goes on from there; it is renewed with each
/// piece, so that other work has its turn in between.
struct ExpiryFill: DueHandler {
    /// Items of one piece: few enough that its transaction rarely meets a write of one of them.
    private static let pieceMax = 200

    let service: DynamoDBService

    /// The work of one table, due at once.
    static func begin(_ tableID: UInt64, at time: LabTime) -> DueEntry {
        DueEntry(time: time, kind: .expiryFill, id: DynamoDBKeys.items(tableID))
    }

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries {
            let tableID = entry.id.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let isDone: Void? = try await service.writing(tableID: tableID) { (handle, table) throws(DynamoDBError) in
                try await fillPiece(of: table, entry, handle.restoreCount)
            }
            if isDone == nil { try await service.forget([entry]) }
        }
    }

    private func fillPiece(
        of table: Table, _ entry: DueEntry, _ restoreCount: Int
    ) async throws(DynamoDBError) {
        guard let timeToLive = table.definition.timeToLive else { return try await service.forget([entry]) }
        let end = OrderedKey.end(ofPrefix: DynamoDBKeys.items(table.id))
        let now = service.clock.now()
        try await service.transact { transaction, batch in
            batch.restoreCount = restoreCount
            entry.remove(from: &batch)
            let items = try await transaction.scan(.items, lower: entry.id, upper: end, limit: Self.pieceMax)
            for item in items {
                guard let expiry = timeToLive.expiry(of: item.value.head), TimeToLive.isHeeded(expiry, at: now) else {
                    continue
                }
                service.due.add(TimeToLive.entry(item.key, at: expiry), to: &batch)
            }
            guard items.count == Self.pieceMax, let last = items.last else { return }
            // Behind this entry in the queue, whether time goes on or not.
            let next = DueEntry(time: max(now, entry.time), kind: .expiryFill, id: last.key + [0])
            service.due.add(next, to: &batch)
        }
    }
}
