import Bytes
import Items
import LabClock
import LogStore

/// What a stream keeps of one change of an item.
struct StreamRecord {
    enum Event: UInt8 {
        case insert = 1
        case modify = 2
        case remove = 3
    }

    var event: Event
    /// Whether the service deleted the item because its time was over.
    var isExpiry: Bool
    var time: LabTime
    /// The primary key, as an item.
    var keys: [UInt8]
    var newImage: [UInt8]?
    var oldImage: [UInt8]?

    private static let expiryFlag: UInt8 = 1
    private static let newFlag: UInt8 = 2
    private static let oldFlag: UInt8 = 4

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32 + keys.count + (newImage?.count ?? 0) + (oldImage?.count ?? 0))
        bytes.append(event.rawValue)
        bytes.append(
            (isExpiry ? Self.expiryFlag : 0) | (newImage == nil ? 0 : Self.newFlag)
                | (oldImage == nil ? 0 : Self.oldFlag))
        bytes.appendVarint(UInt64(bitPattern: time.millisecondsSinceEpoch))
        bytes.appendLengthPrefixed(keys)
        if let newImage { bytes.appendLengthPrefixed(newImage) }
        if let oldImage { bytes.appendLengthPrefixed(oldImage) }
        return bytes
    }

    /// - Throws: `damagedRecord`.
    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> StreamRecord {
        let record = bytes.reading { bytes -> StreamRecord? in
            var reader = ByteReader(bytes)
            return try? read(&reader)
        }
        guard let record else { throw .damagedRecord("stream") }
        return record
    }

    private static func read(_ reader: inout ByteReader) throws -> StreamRecord? {
        guard let event = Event(rawValue: try reader.readUInt8()) else { return nil }
        let flags = try reader.readUInt8()
        let time = Int64(bitPattern: try reader.readVarint())
        let keys = try reader.readLengthPrefixedBytes()
        let new = flags & newFlag == 0 ? nil : try reader.readLengthPrefixedBytes()
        let old = flags & oldFlag == 0 ? nil : try reader.readLengthPrefixedBytes()
        guard [keys, new ?? keys, old ?? keys].allSatisfy({ $0.reading { StoredForm.isItem($0) } }) else { return nil }
        return StreamRecord(
            event: event, isExpiry: flags & expiryFlag != 0, time: LabTime(millisecondsSinceEpoch: time), keys: keys,
            newImage: new, oldImage: old)
    }
}

/// The keys of the streams keyspace: stream, partition, commit, and the number within the commit.
enum StreamKeys {
    private static let stampOffset = 16

    static func stream(_ id: UInt64) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(28)
        key.appendBigEndian(id)
        return key
    }

    static func shard(_ id: UInt64, partition: UInt64) -> [UInt8] {
        var key = stream(id)
        key.appendBigEndian(partition)
        return key
    }

    static func put(_ record: StreamRecord, _ id: UInt64, partition: UInt64, ordinal: Int, into batch: inout WriteBatch)
    {
        var key = shard(id, partition: partition)
        key.appendBigEndian(UInt64(0))
        key.appendBigEndian(UInt32(ordinal))
        batch.put(.streams, key, StoredValue(head: record.encoded()), keyStampOffset: stampOffset)
    }
}

extension Table {
    /// Adds the stream's record of a change, when there is a stream.
    func appendStreamRecord(_ change: ItemChange, at time: LabTime, ordinal: Int, to batch: inout WriteBatch) {
        guard let stream = definition.stream, let image = change.new ?? change.old else { return }
        let hasOld = stream.view == .oldImage || stream.view == .newAndOldImages
        let hasNew = stream.view == .newImage || stream.view == .newAndOldImages
        let record = StreamRecord(
            event: change.old == nil ? .insert : change.new == nil ? .remove : .modify, isExpiry: change.isExpiry,
            time: time, keys: image.reading { keyItem(of: ItemView($0)) },
            newImage: hasNew ? change.new : nil, oldImage: hasOld ? change.old : nil)
        let partition = partitions.partition(of: change.place.hash)
        StreamKeys.put(record, stream.id, partition: partition.id, ordinal: ordinal, into: &batch)
    }

    /// An item's primary key, as an item.
    func keyItem(of item: ItemView) -> [UInt8] {
        var builder = ValueBuilder(capacity: 64)
        var keys = builder.beginItem()
        for attribute in key.attributes {
            guard let value = item[attribute.name] else { continue }
            builder.appendName(attribute.name, in: &keys)
            builder.append(value)
        }
        guard let range = builder.endItem(keys) else { preconditionFailure("A key has an attribute twice") }
        return builder.output.copyBytes(range)
    }
}
