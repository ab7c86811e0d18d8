import LabClock
import LogStore

/// An import: what was asked for, and how far it has come.
struct ImportRecord: Sendable {
    /// An object that is being read.
    struct Progress: Sendable, Equatable {
        var key: String
        var version: String
        var size: UInt64
        /// Expanded bytes before the next record.
        var offset: UInt64 = 0
        /// The columns, once they are known, of CSV.
        var columns: [String]?
    }

    let id: TimedID
    let tableUUID: String
    /// The request as it came: what to read, and how.
    let request: [UInt8]
    let bucket: BucketAddress
    let started: LabTime

    var outcome = JobOutcome.inProgress
    /// The last object that was read whole.
    var lastKey: String?
    var progress: Progress?
    var errorCount = 0
    var processedBytes = 0
    var processedCount = 0
    var importedCount = 0

    /// The request, read.
    func input() throws(DynamoDBError) -> API.ImportTableInput {
        try request.reading { (bytes) throws(DynamoDBError) in
            try RequestInput<API.ImportTableInput>(reading: bytes).input
        }
    }

    // MARK: Record

    func put(into batch: inout WriteBatch) {
        var record = RecordWriter()
        record.set("id", id.text)
        record.set(id.table)
        record.set("uuid", tableUUID)
        record.set("request", record: request)
        record.set("bucket", bucket.name)
        record.set("bucketOwner", bucket.expectedOwner)
        record.set("started", started)
        record.set(outcome)
        record.set("lastKey", lastKey)
        record.set("key", progress?.key)
        record.set("version", progress?.version)
        record.set("objectSize", progress.map { Int($0.size) })
        record.set("offset", progress.map { Int($0.offset) })
        if let columns = progress?.columns { record.set("columns", columns) }
        record.set("errors", errorCount)
        record.set("bytes", processedBytes)
        record.set("processed", processedCount)
        record.set("imported", importedCount)
        batch.put(.catalog, id.key, StoredValue(head: record.finish()))
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> ImportRecord {
        try RecordReader.read(bytes) { (record) throws(DynamoDBError) in
            let table = try record.tableName()
            guard let request = record.optionalBytes("request") else { throw .damagedRecord("import") }
            var read = ImportRecord(
                id: TimedID(.import, of: table, text: try record.string("id")), tableUUID: try record.string("uuid"),
                request: request,
                bucket: BucketAddress(
                    name: try record.string("bucket"), account: table.account, region: table.region,
                    expectedOwner: record.optionalString("bucketOwner")),
                started: try record.time("started"), outcome: try record.outcome())
            read.lastKey = record.optionalString("lastKey")
            read.progress = try progress(record)
            read.errorCount = try record.integer("errors")
            read.processedBytes = try record.integer("bytes")
            read.processedCount = try record.integer("processed")
            read.importedCount = try record.integer("imported")
            return read
        }
    }

    private static func progress(_ record: RecordReader) throws(DynamoDBError) -> Progress? {
        guard let key = record.optionalString("key") else { return nil }
        return Progress(
            key: key, version: try record.string("version"), size: UInt64(try record.integer("objectSize")),
            offset: UInt64(try record.integer("offset")),
            columns: record.flag("columns") ? try record.strings("columns") : nil)
    }

    // MARK: Description

    func description() throws(DynamoDBError) -> API.ImportTableDescription {
        let input = try input()
        var description = API.ImportTableDescription()
        description.importARN = id.arn
        description.importStatus = outcome.status.rawValue
        description.tableARN = id.table.arn
        description.tableID = tableUUID
        description.clientToken = input.clientToken
        description.s3BucketSource = input.s3BucketSource
        description.errorCount = errorCount
        description.inputFormat = input.inputFormat
        description.inputFormatOptions = input.inputFormatOptions
        description.inputCompressionType = input.inputCompressionType ?? "NONE"
        description.tableCreationParameters = input.tableCreationParameters
        description.startTime = started.seconds
        description.endTime = outcome.ended?.seconds
        description.processedSizeBytes = processedBytes
        description.processedItemCount = processedCount
        description.importedItemCount = importedCount
        description.failureCode = outcome.failure?.code
        description.failureMessage = outcome.failure?.message
        return description
    }

    func summary() throws(DynamoDBError) -> API.ImportSummary {
        let input = try input()
        return API.ImportSummary(
            importARN: id.arn, importStatus: outcome.status.rawValue, tableARN: id.table.arn,
            s3BucketSource: input.s3BucketSource, inputFormat: input.inputFormat, startTime: started.seconds,
            endTime: outcome.ended?.seconds)
    }
}
