import Bytes
import Items
import LabClock
import LogStore

/// Deletes items whose time is over, as any other change of an item: with their entries of indexes, their records of
/// the stream and of recovery.
struct ItemExpiration: DueHandler {
    /// Items of one commit: few enough that it rarely meets a write of one of them.
    private static let pieceMax = 25

    let service: DynamoDBService

    func run(_ entries: [DueEntry]) async throws {
        let restoreCount = service.store.restoreCount
        var rest = entries[...]
        while let first = rest.first {
            let tableID = Self.tableID(first)
            let piece = Array(rest.prefix(Self.pieceMax).prefix { Self.tableID($0) == tableID })
            rest = rest.dropFirst(piece.count)
            let isDone: Void? = try await service.writing(tableID: tableID) { (handle, table) throws(DynamoDBError) in
                try await expire(piece, in: table, handle.restoreCount)
            }
            if isDone == nil { try await service.forget(piece, restoreCount) }
        }
    }

    private static func tableID(_ entry: DueEntry) -> UInt64 { UInt64(bigEndianBytes: entry.id) }

    private func expire(
        _ entries: [DueEntry], in table: Table, _ restoreCount: Int
    ) async throws(DynamoDBError) {
        // Dropped once nothing expires any more.
        guard let timeToLive = table.definition.timeToLive else {
            return try await service.forget(entries, restoreCount)
        }
        let now = service.clock.now()
        try await service.transact { transaction, batch in
            batch.restoreCount = restoreCount
            for (ordinal, entry) in entries.enumerated() {
                entry.remove(from: &batch)
                guard let old = try await transaction.get(.items, entry.id)?.head,
                    // The item may have been written since under another attribute's rule.
                    timeToLive.expiry(of: old) == entry.time, let hash = Self.hash(entry)
                else { continue }
                let place = ItemPlace(key: entry.id, hash: hash)
                let uncounted = try await table.indexesWithout(old, transaction)
                let change = ItemChange(place: place, old: old, new: nil, isExpiry: true, uncounted: uncounted)
                _ = table.apply(change, at: now, ordinal: ordinal, service.due, into: &batch)
            }
        }
    }

    private static func hash(_ entry: DueEntry) -> UInt64? {
        let bytes = entry.id.dropFirst(8).prefix(ItemKey.hashSize)
        return bytes.count == ItemKey.hashSize ? UInt64(bigEndianBytes: bytes) : nil
    }
}
