import Bytes
import LogStore

/// What a change of an item does to one index.
struct IndexChange {
    let ordinal: UInt16
    private let old: Entry?
    private let new: Entry?
    /// What the new entry holds; empty when there is none.
    private let image: [UInt8]

    private struct Entry {
        let key: [UInt8]
        /// In bytes, as DynamoDB reckons it.
        let size: Int
    }

    /// Nil when the index stays as it is.
    init?(_ change: ItemChange, _ plan: IndexPlan) {
        let old = plan.entry(of: change.old)
        let new = plan.entry(of: change.new)
        guard old != nil || new != nil else { return nil }
        if let old, let new, old.key == new.key, old.image == new.image { return nil }
        ordinal = plan.definition.ordinal
        self.old = old.map { Entry(key: $0.key, size: $0.size) }
        self.new = new.map { Entry(key: $0.key, size: $0.size) }
        image = new?.image ?? []
    }

    /// Write units: of the larger entry when it stays where it is, of both when it moves.
    var units: Int {
        guard let old, let new, old.key == new.key else {
            return [old, new].reduce(0) { $0 + ($1.map { CapacityUnits.write(bytes: $0.size) } ?? 0) }
        }
        return CapacityUnits.write(bytes: max(old.size, new.size))
    }

    /// By how many bytes the index's entries grow.
    var growth: Int { (new?.size ?? 0) - (old?.size ?? 0) }

    /// Adds the change to a batch, behind the item's earlier ones.
    ///
    /// - Parameter isOldCounted: false when the index is being filled and has no entry of the item as it was.
    func write(to batch: inout WriteBatch, of table: Table, isOldCounted: Bool = true) {
        if let old, old.key != new?.key { batch.delete(.indexes, old.key) }
        if let new { batch.put(.indexes, new.key, StoredValue(head: image)) }
        let counted = isOldCounted ? old : nil
        let items = (new == nil ? 0 : 1) - (counted == nil ? 0 : 1)
        let bytes = (new?.size ?? 0) - (counted?.size ?? 0)
        table.tally(ordinal, items: items, bytes: bytes, into: &batch)
    }

    // MARK: Stored form

    private static let oldFlag: UInt8 = 1
    private static let newFlag: UInt8 = 2

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(ordinal)
        bytes.append((old == nil ? 0 : Self.oldFlag) | (new == nil ? 0 : Self.newFlag))
        for entry in [old, new] {
            guard let entry else { continue }
            bytes.appendVarint(UInt64(entry.size))
            bytes.appendLengthPrefixed(entry.key)
        }
        bytes.appendLengthPrefixed(image)
    }

    init(_ reader: inout ByteReader) throws {
        ordinal = UInt16(try reader.readUInt8()) << 8 | UInt16(try reader.readUInt8())
        let flags = try reader.readUInt8()
        old = flags & Self.oldFlag == 0 ? nil : try Self.entry(&reader)
        new = flags & Self.newFlag == 0 ? nil : try Self.entry(&reader)
        image = try reader.readLengthPrefixedBytes()
    }

    private static func entry(_ reader: inout ByteReader) throws -> Entry {
        let size = Int(truncatingIfNeeded: try reader.readVarint())
        return Entry(key: try reader.readLengthPrefixedBytes(), size: size)
    }
}
