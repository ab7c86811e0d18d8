import Bytes
import LabClock
import LogStore

extension DueKind {
    static let historyTrim = DueKind(rawValue: 0x21)
}

/// What is known of the trimming of a table's history. There is a record as long as history is kept.
struct HistoryRecord {
    let table: TableName
    /// Which chain of entries in the queue is the one that trims: an older table life may have left another.
    let chain: UInt64
    /// States before the end of this second cannot be read any more.
    var trimmed: Int64

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> HistoryRecord {
        try RecordReader.read(bytes) { (record) throws(DynamoDBError) in
            guard let chain = UInt64(try record.string("chain")) else { throw .damagedRecord("history") }
            return HistoryRecord(
                table: try record.tableName(),
                chain: chain, trimmed: Int64(try record.integer("trimmed")))
        }
    }

    func encoded() -> [UInt8] {
        var record = RecordWriter()
        record.set(table)
        record.set("chain", String(chain))
        record.set("trimmed", Int(trimmed))
        return record.finish()
    }
}

/// Removes what no state that can still be asked for is read from: once in each day of lab time for each table that
/// keeps history, piece by piece. Reads all of the table's history each time.
struct HistoryTrim: DueHandler {
    private static let kind: UInt8 = 0x2C
    private static let periodMilliseconds: Int64 = 86_400_000
    /// History entries of one piece: the most that one commit removes.
    private static let pieceMax = 1000

    let service: DynamoDBService

    static func recordKey(_ tableID: UInt64) -> [UInt8] {
        var key: [UInt8] = [kind]
        key.appendBigEndian(tableID)
        return key
    }

    /// Has a table's history trimmed from now on, unless it is already.
    ///
    /// - Parameter chain: random, unless it is already.
    static func begin(
        _ tableID: UInt64, _ name: TableName, chain: UInt64, at time: LabTime, _ due: DueQueue,
        _ transaction: Transaction, _ batch: inout WriteBatch
    ) async throws {
        let key = recordKey(tableID)
        guard try await transaction.get(.catalog, key) == nil else { return }
        let record = HistoryRecord(table: name, chain: chain, trimmed: time.second)
        batch.put(.catalog, key, StoredValue(head: record.encoded()))
        due.add(entry(tableID, chain, at: time.adding(milliseconds: periodMilliseconds), position: []), to: &batch)
    }

    private static func entry(
        _ tableID: UInt64, _ chain: UInt64, at time: LabTime, position: [UInt8]
    ) -> DueEntry {
        var id: [UInt8] = []
        id.appendBigEndian(tableID)
        id.appendBigEndian(chain)
        return DueEntry(time: time, kind: .historyTrim, id: id, payload: position)
    }

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries {
            let restoreCount = service.store.restoreCount
            let tableID = UInt64(bigEndianBytes: entry.id)
            let history = try await piece(of: tableID, from: entry.payload)
            let now = service.clock.now()
            try await service.transact { transaction, batch in
                batch.restoreCount = restoreCount
                batch.makesRoom = true
                entry.remove(from: &batch)
                try await trim(tableID, entry, history, now, transaction, &batch)
            }
        }
    }

    /// Entries of a table's history as they are now.
    private struct Piece: Sendable {
        var keys: [(item: [UInt8], stamp: UInt64)] = []
        /// Where the next begins; nil behind the last.
        var next: [UInt8]?
        let snapshot: Snapshot
    }

    private func piece(of tableID: UInt64, from position: [UInt8]) async throws(DynamoDBError) -> Piece {
        let prefix = HistoryKeys.table(tableID)
        var piece = Piece(snapshot: service.store.snapshot())
        try await service.forEach(
            .history, prefix: prefix, from: position.isEmpty ? prefix : position, at: piece.snapshot
        ) { (key, _) throws(DynamoDBError) in
            piece.keys.append(HistoryKeys.read(key))
            if piece.keys.count == Self.pieceMax { piece.next = key + [0] }
            return piece.next == nil
        }
        return piece
    }

    private func trim(
        _ tableID: UInt64, _ entry: DueEntry, _ piece: Piece, _ now: LabTime, _ transaction: Transaction,
        _ batch: inout WriteBatch
    ) async throws {
        let recordKey = Self.recordKey(tableID)
        guard let value = try await transaction.get(.catalog, recordKey) else { return }
        var record = try HistoryRecord.decode(value.head)
        guard record.chain == UInt64(bigEndianBytes: entry.id.suffix(8)) else { return }
        let holds = try await DynamoDBService.holds(of: tableID, transaction).map(\.bound).sorted()
        let recovery = try await recovery(of: tableID, record.table, transaction)
        // What is read at the beginning of this second and later is needed; nothing without recovery.
        let earliest = recovery.map { $0.earliest(at: now, trimmed: record.trimmed) }
        var bound = UInt64.max
        if let earliest {
            // Nothing written since: what was seen lies below.
            bound =
                try await WrittenSeconds.bound(
                    of: tableID, atEndOf: earliest - 1, in: service.store, at: piece.snapshot) ?? .max
        }
        var previous: (item: [UInt8], stamp: UInt64)?
        for key in piece.keys {
            let lower = previous?.item == key.item ? previous?.stamp ?? 0 : 0
            previous = key
            if key.stamp >= bound { continue }
            // The first at or above a bound is what the state of that bound is read from.
            if holds.contains(where: { lower < $0 && $0 <= key.stamp }) { continue }
            batch.delete(.history, HistoryKeys.key(key.item, stamp: key.stamp))
        }
        record.trimmed = max(record.trimmed, earliest ?? now.second)
        batch.put(.catalog, recordKey, StoredValue(head: record.encoded()))
        if let next = piece.next {
            add(Self.entry(tableID, record.chain, at: entry.time, position: next), &batch)
            return
        }
        batch.deleteRange(
            .history, from: HistoryKeys.seconds(tableID), to: HistoryKeys.second(tableID, record.trimmed))
        let time = max(now, entry.time).adding(milliseconds: Self.periodMilliseconds)
        add(Self.entry(tableID, record.chain, at: time, position: []), &batch)
    }

    private func add(_ entry: DueEntry, _ batch: inout WriteBatch) { service.due.add(entry, to: &batch) }

    private func recovery(
        of tableID: UInt64, _ name: TableName, _ transaction: Transaction
    ) async throws -> RecoveryDefinition? {
        guard let record = try await transaction.get(.catalog, DynamoDBKeys.table(name))?.head,
            UInt64(bigEndianBytes: record) == tableID
        else { return nil }
        return try TableRecord.decode(record).recovery
    }
}

extension RecoveryDefinition {
    private static let dayMilliseconds: Int64 = 86_400_000

    /// The first second at whose end the table can be restored.
    ///
    /// - Parameter trimmed: what the history was trimmed to.
    func earliest(at now: LabTime, trimmed: Int64) -> Int64 {
        max(enabled.second, trimmed, now.adding(milliseconds: -Int64(periodDays) * Self.dayMilliseconds).second)
    }
}
