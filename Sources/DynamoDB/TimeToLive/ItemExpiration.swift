import Bytes
import Items
import LabClock
import LogStore

/// Deletes items whose time is over, as any other change of an item: with their entries of indexes, their records of
/// the stream and of recovery.
struct ItemExpiration: DueHandler {
    /// Items of one commit, at most: few enough that it rarely meets a write of one of them.
    private static let pieceMax = 25

    let service: DynamoDBService

    func run(_ entries: [DueEntry]) async throws {
        let restoreCount = service.store.restoreCount
        var rest = entries[...]
        while let first = rest.first {
            let tableID = Self.tableID(first)
            let piece = Array(rest.prefix(Self.pieceMax).prefix { Self.tableID($0) == tableID })
            let count = try await service.writing(tableID: tableID) { (handle, table) throws(DynamoDBError) in
                try await expire(piece, in: table, handle.restoreCount)
            }
            if count == nil { try await service.forget(piece, restoreCount) }
            rest = rest.dropFirst(count ?? piece.count)
        }
    }

    private static func tableID(_ entry: DueEntry) -> UInt64 { UInt64(bigEndianBytes: entry.id) }

    /// - Returns: how many of the entries are done: one at least.
    private func expire(
        _ entries: [DueEntry], in table: Table, _ restoreCount: Int
    ) async throws(DynamoDBError) -> Int {
        // Dropped once nothing expires any more.
        guard let timeToLive = table.definition.timeToLive else {
            try await service.forget(entries, restoreCount)
            return entries.count
        }
        let now = service.clock.now()
        return try await service.transact { transaction, batch in
            batch.restoreCount = restoreCount
            var bytes = 0
            for (ordinal, entry) in entries.enumerated() {
                let old = try await transaction.get(.items, entry.id)?.head
                bytes += table.commitBytes(old: old, new: nil)
                if bytes > DynamoDBLimits.pieceBytes, ordinal > 0 { return ordinal }
                entry.remove(from: &batch)
                // The item may have been written since under another attribute's rule.
                guard let old, timeToLive.expiry(of: old) == entry.time, let hash = Self.hash(entry) else { continue }
                let place = ItemPlace(key: entry.id, hash: hash)
                let uncounted = try await table.indexesWithout(old, transaction)
                let change = ItemChange(place: place, old: old, new: nil, isExpiry: true, uncounted: uncounted)
                _ = table.apply(change, at: now, ordinal: ordinal, service.due, into: &batch)
            }
            return entries.count
        }
    }

    private static func hash(_ entry: DueEntry) -> UInt64? {
        let bytes = entry.id.dropFirst(8).prefix(ItemKey.hashSize)
        return bytes.count == ItemKey.hashSize ? UInt64(bigEndianBytes: bytes) : nil
    }
}
