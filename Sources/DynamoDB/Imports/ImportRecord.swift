import Bytes
import LabClock
import LogStore

/// An import: what was asked for, and how far it has come.
struct ImportRecord: Sendable {
    enum Status: String, Sendable {
        case inProgress = "IN_PROGRESS"
        case completed = "COMPLETED"
        case failed = "FAILED"
    }

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

    private static let kind: UInt8 = 0x30
    private static let terminator: UInt8 = 0x00

    let id: ImportID
    let tableUUID: String
    /// The request as it came: what to read, and how.
    let request: [UInt8]
    let bucket: BucketAddress
    let started: LabTime

    var status = Status.inProgress
    var ended: LabTime?
    var failure: (code: String, message: String)?
    /// The last object that was read whole.
    var lastKey: String?
    var progress: Progress?
    var errorCount = 0
    var processedBytes = 0
    var processedCount = 0
    var importedCount = 0

    // MARK: Keys

    /// The prefix of the imports of an account in a region.
    static func prefix(account: String, region: String) -> [UInt8] {
        [kind] + account.utf8 + [terminator] + region.utf8 + [terminator]
    }

    static func prefix(_ table: TableName) -> [UInt8] {
        prefix(account: table.account, region: table.region) + table.table.utf8 + [terminator]
    }

    static func key(_ id: ImportID) -> [UInt8] { prefix(id.table) + id.text.utf8 }

    var key: [UInt8] { Self.key(id) }

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
        record.set("account", id.table.account)
        record.set("region", id.table.region)
        record.set("table", id.table.table)
        record.set("uuid", tableUUID)
        record.set("request", record: request)
        record.set("bucket", bucket.name)
        record.set("bucketOwner", bucket.expectedOwner)
        record.set("started", started)
        record.set("status", status.rawValue)
        record.set("ended", ended)
        record.set("failureCode", failure?.code)
        record.set("failureMessage", failure?.message)
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
        batch.put(.catalog, key, StoredValue(head: record.finish()))
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> ImportRecord {
        try RecordReader.read(bytes) { (record) throws(DynamoDBError) in
            let table = TableName(
                account: try record.string("account"), region: try record.string("region"),
                table: try record.string("table"))
            guard let status = Status(rawValue: try record.string("status")),
                let request = record.optionalBytes("request")
            else { throw .damagedRecord("import") }
            var read = ImportRecord(
                id: ImportID(table: table, text: try record.string("id")), tableUUID: try record.string("uuid"),
                request: request,
                bucket: BucketAddress(
                    name: try record.string("bucket"), account: table.account, region: table.region,
                    expectedOwner: record.optionalString("bucketOwner")),
                started: try record.time("started"), status: status)
            read.ended = record.optionalTime("ended")
            if let code = record.optionalString("failureCode") {
                read.failure = (code, try record.string("failureMessage"))
            }
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
        description.importStatus = status.rawValue
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
        description.endTime = ended?.seconds
        description.processedSizeBytes = processedBytes
        description.processedItemCount = processedCount
        description.importedItemCount = importedCount
        description.failureCode = failure?.code
        description.failureMessage = failure?.message
        return description
    }

    func summary() throws(DynamoDBError) -> API.ImportSummary {
        let input = try input()
        return API.ImportSummary(
            importARN: id.arn, importStatus: status.rawValue, tableARN: id.table.arn,
            s3BucketSource: input.s3BucketSource, inputFormat: input.inputFormat, startTime: started.seconds,
            endTime: ended?.seconds)
    }
}

/// What an import is known by.
struct ImportID: Sendable, Hashable {
    private static let separator = "/import/"

    let table: TableName
    let text: String

    var arn: String { table.arn + Self.separator + text }

    init(table: TableName, text: String) {
        self.table = table
        self.text = text
    }

    /// - Throws: `ValidationException` for what is no import's ARN; `AccessDeniedException` for another account's.
    init(arn: String, _ context: CallContext) throws(DynamoDBError) {
        let parts = arn.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard arn.hasPrefix("arn:"), parts.count == 4, parts[2] == "import", TimedID.isText(parts[3]) else {
            throw .validation("The provided import ARN is invalid: \(arn)")
        }
        table = try TableName(parts[0] + "/" + parts[1], context)
        text = parts[3]
    }
}
