import LabClock

/// A partition's record.
enum PartitionRecord {
    static func encode(_ partition: Partition) -> [UInt8] {
        var record = RecordWriter()
        record.set("id", String(partition.id))
        record.set("lower", String(partition.lower))
        record.set("upper", String(partition.upper))
        record.set("parent", partition.parent.map { String($0) })
        record.set("created", partition.created)
        return record.finish()
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> Partition {
        try RecordReader.read(bytes) { (record) throws(DynamoDBError) in
            guard let id = UInt64(try record.string("id")), let lower = UInt64(try record.string("lower")),
                let upper = UInt64(try record.string("upper"))
            else { throw .damagedRecord("partition") }
            return Partition(
                id: id, lower: lower, upper: upper, parent: record.optionalString("parent").flatMap { UInt64($0) },
                created: try record.time("created"))
        }
    }
}
