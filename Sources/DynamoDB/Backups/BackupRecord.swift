import Bytes
import LabClock
import LogStore

/// A backup: a table's settings as they were, and the hold by which its items stay readable.
struct BackupRecord: Sendable {
    enum Kind: String, Sendable {
        case user = "USER"
        /// Made when a table with recovery was deleted.
        case system = "SYSTEM"
    }

    private static let kind: UInt8 = 0x2E
    private static let terminator: UInt8 = 0x00

    let id: BackupID
    let name: String
    let kind: Kind
    let created: LabTime
    let expires: LabTime?
    /// The table when it was backed up.
    let table: TableDefinition
    let sizeBytes: Int
    let itemCount: Int
    let hold: UInt64

    // MARK: Keys

    /// The prefix of the backups of an account in a region: in the order of their tables' names, then of time.
    static func prefix(account: String, region: String) -> [UInt8] {
        [kind] + account.utf8 + [terminator] + region.utf8 + [terminator]
    }

    static func prefix(_ table: TableName) -> [UInt8] {
        prefix(account: table.account, region: table.region) + table.table.utf8 + [terminator]
    }

    static func key(_ id: BackupID) -> [UInt8] { prefix(id.table) + id.text.utf8 }

    // MARK: Record

    func put(into batch: inout WriteBatch) {
        var record = RecordWriter()
        record.set("id", id.text)
        record.set("name", name)
        record.set("kind", kind.rawValue)
        record.set("created", created)
        record.set("expires", expires)
        record.set("table", record: TableRecord.encode(table))
        record.set("size", sizeBytes)
        record.set("items", itemCount)
        record.set("hold", String(hold))
        batch.put(.catalog, Self.key(id), StoredValue(head: record.finish()))
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> BackupRecord {
        try RecordReader.read(bytes) { (record) throws(DynamoDBError) in
            guard let kind = Kind(rawValue: try record.string("kind")), let hold = UInt64(try record.string("hold")),
                let definition = record.optionalBytes("table")
            else { throw .damagedRecord("backup") }
            let table = try TableRecord.decode(definition)
            return BackupRecord(
                id: BackupID(table: table.name, text: try record.string("id")), name: try record.string("name"),
                kind: kind, created: try record.time("created"), expires: record.optionalTime("expires"), table: table,
                sizeBytes: try record.integer("size"), itemCount: try record.integer("items"), hold: hold)
        }
    }

    // MARK: Description

    /// - Parameter status: where it is in its life.
    func details(status: String = "AVAILABLE") -> API.BackupDetails {
        API.BackupDetails(
            backupARN: id.arn, backupName: name, backupSizeBytes: sizeBytes, backupStatus: status,
            backupType: kind.rawValue, backupCreationDateTime: created.seconds, backupExpiryDateTime: expires?.seconds)
    }

    func description(status: String = "AVAILABLE") -> API.BackupDescription {
        var source = API.SourceTableDetails()
        source.tableName = table.name.table
        source.tableID = table.uuid
        source.tableARN = table.name.arn
        source.tableSizeBytes = sizeBytes
        source.keySchema = table.key.elements
        source.tableCreationDateTime = table.created.seconds
        source.provisionedThroughput = table.throughput.given
        source.onDemandThroughput = table.onDemandMax.description
        source.itemCount = itemCount
        source.billingMode = table.isOnDemand ? "PAY_PER_REQUEST" : "PROVISIONED"
        return API.BackupDescription(
            backupDetails: details(status: status), sourceTableDetails: source, sourceTableFeatureDetails: features)
    }

    private var features: API.SourceTableFeatureDetails {
        var features = API.SourceTableFeatureDetails()
        let local = table.indexes.filter(\.isLocal).map {
            API.LocalSecondaryIndexInfo(
                indexName: $0.name, keySchema: $0.key.elements, projection: $0.projection.description)
        }
        let global = table.indexes.filter { !$0.isLocal }.map {
            API.GlobalSecondaryIndexInfo(
                indexName: $0.name, keySchema: $0.key.elements, projection: $0.projection.description,
                provisionedThroughput: $0.throughput.given, onDemandThroughput: $0.onDemandMax.description)
        }
        if !local.isEmpty { features.localSecondaryIndexes = local }
        if !global.isEmpty { features.globalSecondaryIndexes = global }
        if let stream = table.stream {
            features.streamDescription = API.StreamSpecification(
                streamEnabled: true, streamViewType: stream.view.rawValue)
        }
        if let timeToLive = table.timeToLive {
            features.timeToLiveDescription = API.TimeToLiveDescription(
                timeToLiveStatus: "ENABLED", attributeName: timeToLive.attribute)
        }
        return features
    }

    var summary: API.BackupSummary {
        API.BackupSummary(
            tableName: table.name.table, tableID: table.uuid, tableARN: table.name.arn, backupARN: id.arn,
            backupName: name, backupCreationDateTime: created.seconds, backupExpiryDateTime: expires?.seconds,
            backupStatus: "AVAILABLE", backupType: kind.rawValue, backupSizeBytes: sizeBytes)
    }
}

extension ProvisionedUnits {
    fileprivate var given: API.ProvisionedThroughput {
        API.ProvisionedThroughput(readCapacityUnits: read, writeCapacityUnits: write)
    }
}

/// What a backup is known by: its table, and a text of its time and a random number.
struct BackupID: Sendable, Hashable {
    private static let separator = "/backup/"

    let table: TableName
    let text: String

    init(table: TableName, text: String) {
        self.table = table
        self.text = text
    }

    init(table: TableName, created: LabTime, random: [UInt8]) {
        self.table = table
        text = TimedID.text(created, random: random)
    }

    var arn: String { table.arn + Self.separator + text }

    /// - Throws: `ValidationException` for what is no backup's ARN; `AccessDeniedException` for another account's.
    init(arn: String, _ context: CallContext) throws(DynamoDBError) {
        let parts = arn.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard arn.hasPrefix("arn:"), parts.count == 4, parts[2] == "backup", TimedID.isText(parts[3]) else {
            throw .validation("The provided backup ARN is invalid: \(arn)")
        }
        table = try TableName(parts[0] + "/" + parts[1], context)
        text = parts[3]
    }
}

/// The last part of the ARNs of backups, exports and imports: fourteen digits of milliseconds, and eight random ones.
enum TimedID {
    private static let digits = 14
    /// Random bytes to be given.
    static let randomSize = 4

    static func text(_ time: LabTime, random: [UInt8]) -> String {
        let number = String(max(0, time.millisecondsSinceEpoch))
        return String(repeating: "0", count: max(0, digits - number.count)) + number + "-" + Hex.encode(random)
    }

    static func isText(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].utf8.count >= digits
            && parts[0].utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            && parts[1].utf8.count == 2 * randomSize
    }
}
