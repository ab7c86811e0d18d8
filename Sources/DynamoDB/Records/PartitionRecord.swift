import Bytes
import LabClock
import LogStore

/// A partition's record: the commits that made and split it, then the rest in the form of an item.
enum PartitionRecord {
    static func encode(_ partition: Partition) -> [UInt8] {
        var record = RecordWriter()
        record.set("id", String(partition.id))
        record.set("lower", String(partition.lower))
        record.set("upper", String(partition.upper))
        record.set("parent", partition.parent.map { String($0) })
        record.set("created", partition.created)
        return CommitSpan(begin: partition.begin, end: partition.end).encoded + record.finish()
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> Partition {
        let span = try CommitSpan(bytes)
        return try RecordReader.read(bytes.dropFirst(CommitSpan.size)) { (record) throws(DynamoDBError) in
            guard let id = UInt64(try record.string("id")), let lower = UInt64(try record.string("lower")),
                let upper = UInt64(try record.string("upper"))
            else { throw .damagedRecord("partition") }
            return Partition(
                id: id, lower: lower, upper: upper, parent: record.optionalString("parent").flatMap { UInt64($0) },
                created: try record.time("created"), begin: span.begin, end: span.end)
        }
    }
}

/// The commits that began and ended something, at the start of its record: each is stamped by the commit itself.
struct CommitSpan {
    static let beginOffset = 0
    static let endOffset = 8
    static let size = 16

    var begin: SequenceNumber
    /// Nil while it goes on.
    var end: SequenceNumber?

    init(begin: SequenceNumber, end: SequenceNumber?) {
        self.begin = begin
        self.end = end
    }

    /// - Throws: `damagedRecord` when there are too few bytes.
    init(_ bytes: [UInt8]) throws(DynamoDBError) {
        guard bytes.count >= Self.size else { throw .damagedRecord("commits") }
        begin = SequenceNumber(UInt64(bigEndianBytes: bytes))
        let end = UInt64(bigEndianBytes: bytes[Self.endOffset...])
        self.end = end == 0 ? nil : SequenceNumber(end)
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.appendBigEndian(begin.rawValue)
        bytes.appendBigEndian(end?.rawValue ?? 0)
        return bytes
    }
}
