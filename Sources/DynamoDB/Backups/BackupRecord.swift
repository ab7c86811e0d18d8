import LabClock
import LogStore

/// A backup: a table's settings as they were, and the hold by which its items stay readable.
struct BackupRecord: Sendable {
    enum Kind: String, Sendable {
        case user = "USER"
        /// Made when a table with recovery was deleted.
        case system = "SYSTEM"
    }

    let id: TimedID
    let name: String
    let kind: Kind
    let created: LabTime
    let expires: LabTime?
    /// The table when it was backed up.
    let table: TableDefinition
    let sizeBytes: Int
    let itemCount: Int
    let hold: UInt64

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
        batch.put(.catalog, id.key, StoredValue(head: record.finish()))
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> BackupRecord {
        try RecordReader.read(bytes) { (record) throws(DynamoDBError) in
            guard let kind = Kind(rawValue: try record.string("kind")), let hold = UInt64(try record.string("hold")),
                let definition = record.optionalBytes("table")
            else { throw .damagedRecord("backup") }
            let table = try TableRecord.decode(definition)
            return BackupRecord(
                id: TimedID(.backup, of: table.name, text: try record.string("id")), name: try record.string("name"),
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
