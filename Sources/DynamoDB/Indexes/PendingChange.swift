import Bytes
import LabClock
import LogStore

/// What a change of an item does to one global index of its table, when that is to be seen later.
///
/// Those of one item lie behind each other by commit and are done in that order, whatever their times are.
struct PendingChange {
    /// When it is to be done.
    let time: LabTime
    let change: IndexChange

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(UInt64(bitPattern: time.millisecondsSinceEpoch))
        change.append(to: &bytes)
        return bytes
    }

    /// - Throws: `damagedRecord`.
    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> PendingChange {
        let pending = bytes.reading { bytes -> PendingChange? in
            var reader = ByteReader(bytes)
            return try? read(&reader)
        }
        guard let pending else { throw .damagedRecord("pending change") }
        return pending
    }

    private static func read(_ reader: inout ByteReader) throws -> PendingChange {
        let time = Int64(bitPattern: try reader.readBigEndianUInt64())
        return PendingChange(time: LabTime(millisecondsSinceEpoch: time), change: try IndexChange(&reader))
    }

    /// Adds the change to a batch, if its index is there still.
    func write(to batch: inout WriteBatch, of table: Table) {
        guard table.indexPlans.contains(where: { $0.definition.ordinal == change.ordinal }) else { return }
        change.write(to: &batch, of: table)
    }
}

extension Table {
    /// Whether changes reach an index later than their commit. One that is being filled is kept at once, or what is
    /// filled in and what follows could not be told apart; so is one of a table that is being built.
    func isDelayed(_ index: IndexDefinition) -> Bool {
        definition.indexDelayMilliseconds > 0 && !definition.isBuilding && !index.isLocal && index.status == .active
    }

    /// Leaves changes of indexes for later, with the item's own commit.
    func postpone(
        _ changes: [IndexChange], of change: ItemChange, at now: LabTime, _ due: DueQueue, in batch: inout WriteBatch
    ) {
        let time = now.adding(milliseconds: definition.indexDelayMilliseconds)
        let prefix = DynamoDBKeys.pendingChanges(ofItem: change.place.key)
        for change in changes {
            var key = prefix
            key.appendBigEndian(UInt64(0))
            key.appendBigEndian(change.ordinal)
            batch.put(
                .indexes, key, StoredValue(head: PendingChange(time: time, change: change).encoded()),
                keyStampOffset: prefix.count)
        }
        due.add(DueEntry(time: time, kind: .indexChange, id: change.place.key), to: &batch)
    }
}

extension DueKind {
    static let indexChange = DueKind(rawValue: 0x16)
}
