import Bytes
import Encryption
import LabClock
import LogStore

/// An export: what was asked for, and how far it has come.
struct ExportRecord: Sendable {
    /// What of the table is exported.
    enum Extent: Sendable {
        /// As it was at the end of a second.
        case full(second: Int64)
        /// What changed from the beginning of one second to that of another.
        case incremental(from: Int64, to: Int64, hasOldImages: Bool)
    }

    /// The first byte of the keys of its manifest's lines.
    private static let fileKind: UInt8 = 0x33

    let id: TimedID
    let tableID: UInt64
    let tableUUID: String
    /// The attributes of the table's primary key.
    let keyNames: [String]
    let bucket: BucketAddress
    let prefix: String?
    let extent: Extent
    let clientToken: String?
    let started: LabTime
    /// Of the state at the end; for an incremental one there is another, of the state at the beginning.
    let hold: UInt64
    let earlierHold: UInt64?

    var outcome = JobOutcome.inProgress
    /// Where the next piece begins.
    var position: [UInt8]?
    var isCopied = false
    var fileCount = 0
    var itemCount = 0
    var sizeBytes = 0

    // MARK: Keys

    /// The prefix of the lines of its manifest, by the number of the file.
    var filePrefix: [UInt8] {
        var key: [UInt8] = [Self.fileKind]
        key.appendBigEndian(hold)
        return key
    }

    func fileKey(_ number: Int) -> [UInt8] {
        var key = filePrefix
        key.appendBigEndian(UInt32(number))
        return key
    }

    // MARK: Objects

    /// The folder of everything that exports write.
    private var folder: String { (prefix.map { $0.isEmpty ? "" : $0 + "/" } ?? "") + "AWSDynamoDB/" }

    /// One of the export's own objects.
    func objectKey(_ name: String) -> String { folder + id.text + "/" + name }

    /// A data file: those of incremental exports lie together.
    func dataKey(_ number: Int) -> String {
        let digest = Digest.md5(Array((id.text + "/\(number)").utf8))
        let name = "data/" + Self.name(of: digest) + ".json.gz"
        if case .incremental = extent { return folder + name }
        return objectKey(name)
    }

    /// Twenty-six characters, as AWS's files have them; the same for the same file.
    private static func name(of digest: [UInt8]) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var name = ""
        var bits = 0
        var count = 0
        for byte in digest + [0] {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 5, name.utf8.count < 26 {
                count -= 5
                name.unicodeScalars.append(Unicode.Scalar(alphabet[bits >> count & 31]))
            }
            bits &= 0xFF
        }
        return name
    }

    func address(_ key: String) -> ObjectAddress { ObjectAddress(bucket, key) }

    // MARK: Record

    func put(into batch: inout WriteBatch) {
        var record = RecordWriter()
        record.set("id", id.text)
        record.set(id.table)
        record.set("tableID", String(tableID))
        record.set("uuid", tableUUID)
        record.set("keys", keyNames)
        record.set("bucket", bucket.name)
        record.set("bucketOwner", bucket.expectedOwner)
        record.set("prefix", prefix)
        switch extent {
        case .full(let second): record.set("second", Int(second))
        case .incremental(let from, let to, let hasOldImages):
            record.set("from", Int(from))
            record.set("to", Int(to))
            record.set("oldImages", hasOldImages)
        }
        record.set("token", clientToken)
        record.set("started", started)
        record.set("hold", String(hold))
        record.set("earlierHold", earlierHold.map { String($0) })
        record.set(outcome)
        record.set("position", record: position)
        record.set("copied", isCopied)
        record.set("files", fileCount)
        record.set("items", itemCount)
        record.set("size", sizeBytes)
        batch.put(.catalog, id.key, StoredValue(head: record.finish()))
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> ExportRecord {
        try RecordReader.read(bytes) { (record) throws(DynamoDBError) in
            let table = try record.tableName()
            guard let tableID = UInt64(try record.string("tableID")), let hold = UInt64(try record.string("hold"))
            else { throw .damagedRecord("export") }
            let extent: Extent
            if let second = record.optionalInteger("second") {
                extent = .full(second: Int64(second))
            } else {
                extent = .incremental(
                    from: Int64(try record.integer("from")), to: Int64(try record.integer("to")),
                    hasOldImages: record.flag("oldImages"))
            }
            var export = ExportRecord(
                id: TimedID(.export, of: table, text: try record.string("id")), tableID: tableID,
                tableUUID: try record.string("uuid"), keyNames: try record.strings("keys"),
                bucket: BucketAddress(
                    name: try record.string("bucket"), account: table.account, region: table.region,
                    expectedOwner: record.optionalString("bucketOwner")),
                prefix: record.optionalString("prefix"), extent: extent, clientToken: record.optionalString("token"),
                started: try record.time("started"), hold: hold,
                earlierHold: record.optionalString("earlierHold").flatMap { UInt64($0) },
                outcome: try record.outcome())
            export.position = record.optionalBytes("position")
            export.isCopied = record.flag("copied")
            export.fileCount = try record.integer("files")
            export.itemCount = try record.integer("items")
            export.sizeBytes = try record.integer("size")
            return export
        }
    }
}
