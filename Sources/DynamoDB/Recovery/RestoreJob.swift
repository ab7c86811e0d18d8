import Bytes
import LabClock
import LogStore

/// A restore that is under way: what its record keeps. It is there until the table is built.
struct RestoreJob: Sendable {
    private static let kind: UInt8 = 0x32

    let id: UInt64
    let sourceID: UInt64
    let source: TableName
    let hold: UInt64
    let target: TableName
    let targetUUID: String
    /// Where the next piece begins.
    var position: [UInt8]?
    /// Whether all items are there.
    var isCopied = false

    init(id: UInt64, sourceID: UInt64, source: TableName, hold: UInt64, target: TableName, targetUUID: String) {
        self.id = id
        self.sourceID = sourceID
        self.source = source
        self.hold = hold
        self.target = target
        self.targetUUID = targetUUID
    }

    static func key(_ id: UInt64) -> [UInt8] {
        var key: [UInt8] = [kind]
        key.appendBigEndian(id)
        return key
    }

    var entryID: [UInt8] { Array(Self.key(id).dropFirst()) }

    func put(into batch: inout WriteBatch) {
        var record = RecordWriter()
        record.set("sourceID", String(sourceID))
        record.set("sourceAccount", source.account)
        record.set("sourceRegion", source.region)
        record.set("source", source.table)
        record.set("hold", String(hold))
        record.set("account", target.account)
        record.set("region", target.region)
        record.set("target", target.table)
        record.set("uuid", targetUUID)
        record.set("position", record: position)
        record.set("copied", isCopied)
        batch.put(.catalog, Self.key(id), StoredValue(head: record.finish()))
    }

    init(id: UInt64, _ bytes: [UInt8]) throws(DynamoDBError) {
        self = try RecordReader.read(bytes) { (record) throws(DynamoDBError) in
            guard let sourceID = UInt64(try record.string("sourceID")), let hold = UInt64(try record.string("hold"))
            else { throw .damagedRecord("restore") }
            var job = RestoreJob(
                id: id, sourceID: sourceID,
                source: TableName(
                    account: try record.string("sourceAccount"), region: try record.string("sourceRegion"),
                    table: try record.string("source")),
                hold: hold,
                target: TableName(
                    account: try record.string("account"), region: try record.string("region"),
                    table: try record.string("target")),
                targetUUID: try record.string("uuid"))
            job.position = record.optionalBytes("position")
            job.isCopied = record.flag("copied")
            return job
        }
    }
}
