import Bytes
import LabClock
import LogStore

/// Puts the items that a table had when its time to live was enabled into the queue: piece by piece, beside the writes,
/// which keep their own entries from then on.
///
/// A job: the queue's entry says where the next piece begins, so that a restart goes on from there.
struct ExpiryFill: DueHandler {
    /// Items of one piece: few enough that its transaction rarely meets a write of one of them.
    private static let pieceMax = 200

    let service: DynamoDBService
    /// Pieces of one turn in the queue.
    var piecesMax = 20

    /// The work of one table, due at once.
    static func begin(_ tableID: UInt64, at time: LabTime) -> DueEntry {
        let items = DynamoDBKeys.items(tableID)
        return DueEntry(time: time, kind: .expiryFill, id: items, payload: items)
    }

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries { try await fill(entry) }
    }

    private func fill(_ entry: DueEntry) async throws(DynamoDBError) {
        let restoreCount = service.store.restoreCount
        var position: [UInt8]? = entry.payload
        for _ in 0..<piecesMax {
            guard let start = position else { return }
            let tableID = UInt64(bigEndianBytes: entry.id)
            let next = try await service.writing(tableID: tableID) { (handle, table) throws(DynamoDBError) in
                try await fillPiece(of: table, entry, from: start, handle.restoreCount)
            }
            guard let next else { return try await service.forget([entry], restoreCount) }
            position = next
        }
    }

    /// - Returns: where the next piece begins; nil behind the last.
    private func fillPiece(
        of table: Table, _ entry: DueEntry, from start: [UInt8], _ restoreCount: Int
    ) async throws(DynamoDBError) -> [UInt8]? {
        let timeToLive = table.definition.timeToLive
        let end = OrderedKey.end(ofPrefix: DynamoDBKeys.items(table.id))
        let now = service.clock.now()
        return try await service.transact { transaction, batch in
            batch.restoreCount = restoreCount
            entry.remove(from: &batch)
            // Disabled meanwhile: nothing expires.
            guard let timeToLive else { return nil }
            let items = try await transaction.scan(.items, lower: start, upper: end, limit: Self.pieceMax)
            for item in items {
                guard let expiry = timeToLive.expiry(of: item.value.head), TimeToLive.isHeeded(expiry, at: now) else {
                    continue
                }
                service.due.add(TimeToLive.entry(item.key, at: expiry), to: &batch)
            }
            guard items.count == Self.pieceMax, let last = items.last else { return nil }
            var next = entry
            next.payload = last.key + [0]
            service.due.add(next, to: &batch)
            return next.payload
        }
    }
}
