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
/// The queue's entry carries how far it has come, so that a restart goes on from there.
struct IndexFill: DueHandler {
    /// Items of one piece: few enough that its transaction rarely meets a write of one of them.
    private static let pieceMax = 100

    let service: DynamoDBService
    /// Pieces of one turn in the queue.
    var piecesMax = 20

    /// The work of one index, due at once.
    static func begin(_ index: IndexDefinition, of table: TableDefinition, at time: LabTime) -> DueEntry {
        var id: [UInt8] = []
        id.appendBigEndian(table.id)
        id.appendBigEndian(index.ordinal)
        return DueEntry(time: time, kind: .indexFill, id: id, payload: payload(table.name, position: nil))
    }

    private static func payload(_ name: TableName, position: [UInt8]?) -> [UInt8] {
        var record = RecordWriter()
        record.set("account", name.account)
        record.set("region", name.region)
        record.set("table", name.table)
        record.set("position", record: position)
        return record.finish()
    }

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries { try await fill(entry) }
    }

    private func fill(_ entry: DueEntry) async throws {
        let (name, reached) = try RecordReader.read(entry.payload) { (record) throws(DynamoDBError) in
            let name = TableName(
                account: try record.string("account"), region: try record.string("region"),
                table: try record.string("table"))
            return (name, record.optionalBytes("position"))
        }
        let restoreCount = service.store.restoreCount
        var position: [UInt8]? = try reached ?? DynamoDBKeys.items(tableID(entry))
        for _ in 0..<piecesMax {
            guard let start = position else { break }
            guard let handle = try? await service.handle(name), let table = await handle.enter() else {
                return try await forget(entry)
            }
            defer { handle.leave() }
            guard table.id == (try tableID(entry)),
                let plan = table.indexPlans.first(where: { $0.definition.ordinal == ordinal(entry) })
            else { return try await forget(entry) }
            position = try await fillPiece(of: table, plan, from: start, handle.restoreCount)
        }
        guard let position else { return try await finish(entry, name) }
        var next = entry
        next.payload = Self.payload(name, position: position)
        var batch = WriteBatch()
        batch.restoreCount = restoreCount
        service.due.add(next, to: &batch)
        try await service.commit(batch)
    }

    private func tableID(_ entry: DueEntry) throws -> UInt64 {
        try entry.id.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            return try reader.readBigEndianUInt64()
        }
    }

    private func ordinal(_ entry: DueEntry) -> UInt16 { entry.id.suffix(2).reduce(0) { $0 << 8 | UInt16($1) } }

    /// - Returns: where the next piece begins; nil behind the last one.
    private func fillPiece(
        of table: Table, _ plan: IndexPlan, from start: [UInt8], _ restoreCount: Int
    ) async throws(DynamoDBError) -> [UInt8]? {
        let end = OrderedKey.end(ofPrefix: DynamoDBKeys.items(table.id))
        return try await service.transact { transaction, batch in
            batch.restoreCount = restoreCount
            let items = try await transaction.scan(.items, lower: start, upper: end, limit: Self.pieceMax)
            for item in items {
                guard let entry = plan.entry(of: item.value.head) else { continue }
                // What was written since the index was added has its entry.
                if try await transaction.get(.indexes, entry.key) != nil { continue }
                batch.put(.indexes, entry.key, StoredValue(head: entry.image))
                table.tally(plan.definition.ordinal, items: 1, bytes: entry.size, into: &batch)
            }
            return items.count < Self.pieceMax ? nil : items.last.map { $0.key + [0] }
        }
    }

    /// Makes the index ready to be read.
    private func finish(_ entry: DueEntry, _ name: TableName) async throws {
        guard let handle = try? await service.handle(name) else { return try await forget(entry) }
        try await handle.change { (table) throws(DynamoDBError) in
            var batch = WriteBatch()
            batch.restoreCount = handle.restoreCount
            entry.remove(from: &batch)
            var definition = table.definition
            if let position = definition.indexes.firstIndex(where: { $0.ordinal == ordinal(entry) }) {
                definition.indexes[position].status = .active
                batch.put(.catalog, DynamoDBKeys.table(name), StoredValue(head: TableRecord.encode(definition)))
            }
            try await service.commit(batch)
            return Table(definition: definition, partitions: table.partitions)
        }
    }

    /// The table or the index is gone.
    private func forget(_ entry: DueEntry) async throws(DynamoDBError) {
        var batch = WriteBatch()
        entry.remove(from: &batch)
        try await service.commit(batch)
    }
}
