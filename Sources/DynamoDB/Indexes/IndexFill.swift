import Bytes
import Items
import LabClock
import LogStore

extension DueKind {
    static let indexFill = DueKind(rawValue: 0x11)
}

/// Fills indexes that were added to tables with items: piece by piece, beside the writes, which keep the new index from
/// the start.
///
/// The queue's entry says where the next piece begins, so that a restart goes on from there.
struct IndexFill: DueHandler {
    /// Items of one piece, at most: few enough that its transaction rarely meets a write of one of them.
    private static let pieceMax = 100

    let service: DynamoDBService
    /// Pieces of one turn in the queue.
    var piecesMax = 20

    /// The work of one index, due at once.
    static func begin(_ index: IndexDefinition, of table: TableDefinition, at time: LabTime) -> DueEntry {
        var id: [UInt8] = []
        id.appendBigEndian(table.id)
        id.appendBigEndian(index.ordinal)
        return DueEntry(time: time, kind: .indexFill, id: id, payload: DynamoDBKeys.items(table.id))
    }

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries { try await fill(entry) }
    }

    private func fill(_ entry: DueEntry) async throws(DynamoDBError) {
        let restoreCount = service.store.restoreCount
        var position = entry.payload
        for _ in 0..<piecesMax {
            let piece = try await service.writing(tableID: tableID(entry)) { (handle, table) throws(DynamoDBError) in
                try await fillPiece(of: table, ordinal(entry), from: position, handle.restoreCount)
            }
            switch piece {
            case .more(let next)?: position = next
            case .finished?: return try await finish(entry, restoreCount)
            case .gone?, nil: return try await service.forget([entry], restoreCount)
            }
        }
        var next = entry
        next.payload = position
        var batch = WriteBatch()
        batch.restoreCount = restoreCount
        service.due.add(next, to: &batch)
        try await service.commit(batch)
    }

    private func tableID(_ entry: DueEntry) -> UInt64 { UInt64(bigEndianBytes: entry.id) }

    private func ordinal(_ entry: DueEntry) -> UInt16 { entry.id.suffix(2).reduce(0) { $0 << 8 | UInt16($1) } }

    private enum Piece {
        /// Where the next piece begins.
        case more([UInt8])
        case finished
        /// There is no such index any more.
        case gone
    }

    private func fillPiece(
        of table: Table, _ ordinal: UInt16, from start: [UInt8], _ restoreCount: Int
    ) async throws(DynamoDBError) -> Piece {
        guard let plan = table.indexPlans.first(where: { $0.definition.ordinal == ordinal }) else { return .gone }
        let end = OrderedKey.end(ofPrefix: DynamoDBKeys.items(table.id))
        return try await service.transact { transaction, batch in
            batch.restoreCount = restoreCount
            let items = try await transaction.scan(.items, lower: start, upper: end, limit: Self.pieceMax)
            var bytes = 0
            for item in items {
                if bytes > DynamoDBLimits.pieceBytes { return .more(item.key) }
                guard let entry = plan.entry(of: item.value.head) else { continue }
                // What was written since the index was added has its entry.
                if try await transaction.get(.indexes, entry.key) != nil { continue }
                bytes += entry.image.count
                batch.put(.indexes, entry.key, StoredValue(head: entry.image))
                table.tally(plan.definition.ordinal, items: 1, bytes: entry.size, into: &batch)
            }
            guard items.count == Self.pieceMax, let last = items.last else { return .finished }
            return .more(last.key + [0])
        }
    }

    /// Makes the index ready to be read.
    private func finish(_ entry: DueEntry, _ restoreCount: Int) async throws(DynamoDBError) {
        guard let handle = try await service.handle(tableID: tableID(entry)) else {
            return try await service.forget([entry], restoreCount)
        }
        try await handle.change { (table) throws(DynamoDBError) in
            var batch = WriteBatch()
            batch.restoreCount = handle.restoreCount
            entry.remove(from: &batch)
            var definition = table.definition
            if let position = definition.indexes.firstIndex(where: { $0.ordinal == ordinal(entry) }) {
                definition.indexes[position].status = .active
                definition.put(into: &batch)
            }
            try await service.commit(batch)
            return table.changed(to: definition)
        }
    }
}
