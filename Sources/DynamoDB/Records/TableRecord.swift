import Bytes
import Items
import LabClock
import LogStore

/// A table's record: its id, then the definition in the form of an item.
enum TableRecord {
    /// Where the pipeline writes the id of a new table: its commit's sequence number.
    static let idOffset = 0
    private static let idSize = 8

    static func encode(_ table: TableDefinition) -> [UInt8] {
        var record = RecordWriter()
        record.set("account", table.name.account)
        record.set("region", table.name.region)
        record.set("name", table.name.table)
        record.set("uuid", table.uuid)
        record.set("created", table.created)
        record.set("attributes", table.attributes.map(encode))
        encode(table.key, into: &record)
        record.set("indexes", table.indexes.map(encode))
        record.set("nextIndex", Int(table.nextIndexOrdinal))
        record.set("onDemand", table.isOnDemand)
        record.set("switchedToOnDemand", table.lastSwitchToOnDemand)
        record.set("throughput", record: encode(table.throughput))
        record.set("readMax", table.onDemandMax.read)
        record.set("writeMax", table.onDemandMax.write)
        record.set("class", table.tableClass)
        record.set("classChanged", table.lastTableClassChange)
        record.set("protected", table.isDeletionProtected)
        record.set("stream", record: table.stream.map(encode))
        record.set("lastStream", table.lastStreamLabel)
        record.set("ttl", table.timeToLive?.attribute)
        record.set("ttlEnabled", table.timeToLive?.enabled)
        record.set("ttlChanged", table.lastTimeToLiveChange)
        record.set("recoveryEnabled", table.recovery?.enabled)
        record.set("recoveryDays", table.recovery?.periodDays)
        record.set("restored", record: table.restored.map(encode))
        record.set("indexDelay", Int(table.indexDelayMilliseconds))
        record.set("held", table.isHeld)
        record.set("building", table.isBuilding)
        var bytes: [UInt8] = []
        bytes.appendBigEndian(table.id)
        return bytes + record.finish()
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> TableDefinition {
        guard bytes.count > idSize else { throw .damagedRecord("table") }
        let id = UInt64(bigEndianBytes: bytes)
        return try RecordReader.read(bytes.dropFirst(idSize)) { (record) throws(DynamoDBError) in
            var recovery: RecoveryDefinition?
            if let enabled = record.optionalTime("recoveryEnabled") {
                recovery = RecoveryDefinition(enabled: enabled, periodDays: try record.integer("recoveryDays"))
            }
            var timeToLive: TimeToLive?
            if let attribute = record.optionalString("ttl") {
                timeToLive = TimeToLive(attribute: attribute, enabled: try record.time("ttlEnabled"))
            }
            return TableDefinition(
                id: id,
                name: TableName(
                    account: try record.string("account"), region: try record.string("region"),
                    table: try record.string("name")),
                uuid: try record.string("uuid"), created: try record.time("created"), key: try keySchema(record),
                attributes: try record.records("attributes", attribute),
                indexes: try record.records("indexes", index),
                nextIndexOrdinal: UInt16(truncatingIfNeeded: try record.integer("nextIndex")),
                isOnDemand: record.flag("onDemand"), lastSwitchToOnDemand: record.optionalTime("switchedToOnDemand"),
                throughput: try record.record("throughput", units) ?? .none,
                onDemandMax: OnDemandMax(
                    read: record.optionalInteger("readMax"), write: record.optionalInteger("writeMax")),
                tableClass: try record.string("class"), lastTableClassChange: record.optionalTime("classChanged"),
                isDeletionProtected: record.flag("protected"), stream: try record.record("stream", stream),
                lastStreamLabel: record.optionalString("lastStream"), timeToLive: timeToLive,
                lastTimeToLiveChange: record.optionalTime("ttlChanged"), recovery: recovery,
                restored: try record.record("restored", restored),
                indexDelayMilliseconds: Int64(try record.integer("indexDelay")), isHeld: record.flag("held"),
                isBuilding: record.flag("building"))
        }
    }

    // MARK: Attributes and keys

    private static func encode(_ attribute: KeyAttribute) -> [UInt8] {
        var record = RecordWriter()
        record.set("name", attribute.name)
        record.set("type", attribute.type.name)
        return record.finish()
    }

    private static func attribute(_ record: RecordReader) throws(DynamoDBError) -> KeyAttribute {
        guard let type = KeyType(name: try record.string("type")) else { throw .damagedRecord("type") }
        return KeyAttribute(name: try record.string("name"), type: type)
    }

    static func encode(_ key: KeySchema, into record: inout RecordWriter) {
        record.set("partition", key.partition.map(encode))
        record.set("sort", key.sort.map(encode))
    }

    static func keySchema(_ record: RecordReader) throws(DynamoDBError) -> KeySchema {
        KeySchema(
            partition: try record.records("partition", attribute), sort: try record.records("sort", attribute))
    }

    // MARK: Indexes

    private static func encode(_ index: IndexDefinition) -> [UInt8] {
        var record = RecordWriter()
        record.set("ordinal", Int(index.ordinal))
        record.set("name", index.name)
        record.set("local", index.isLocal)
        encode(index.key, into: &record)
        record.set("projection", index.projection.typeName)
        if case .include(let names) = index.projection { record.set("names", names) }
        record.set("status", index.status.rawValue)
        record.set("throughput", record: encode(index.throughput))
        record.set("readMax", index.onDemandMax.read)
        record.set("writeMax", index.onDemandMax.write)
        return record.finish()
    }

    private static func index(_ record: RecordReader) throws(DynamoDBError) -> IndexDefinition {
        let projection: IndexProjection =
            switch try record.string("projection") {
            case "ALL": .all
            case "KEYS_ONLY": .keysOnly
            default: .include(try record.strings("names"))
            }
        guard let status = IndexDefinition.Status(rawValue: try record.string("status")) else {
            throw .damagedRecord("status")
        }
        return IndexDefinition(
            ordinal: UInt16(truncatingIfNeeded: try record.integer("ordinal")), name: try record.string("name"),
            isLocal: record.flag("local"), key: try keySchema(record), projection: projection, status: status,
            throughput: try record.record("throughput", units) ?? .none,
            onDemandMax: OnDemandMax(
                read: record.optionalInteger("readMax"), write: record.optionalInteger("writeMax")))
    }

    private static func encode(_ units: ProvisionedUnits) -> [UInt8] {
        var record = RecordWriter()
        record.set("read", units.read)
        record.set("write", units.write)
        record.set("increased", units.lastIncrease)
        record.set("decreased", units.lastDecrease)
        record.set("decreases", units.decreasesToday)
        return record.finish()
    }

    private static func units(_ record: RecordReader) throws(DynamoDBError) -> ProvisionedUnits {
        var units = ProvisionedUnits(read: try record.integer("read"), write: try record.integer("write"))
        units.lastIncrease = record.optionalTime("increased")
        units.lastDecrease = record.optionalTime("decreased")
        units.decreasesToday = try record.integer("decreases")
        return units
    }

    // MARK: Streams and restores

    private static func encode(_ stream: StreamDefinition) -> [UInt8] {
        var record = RecordWriter()
        record.set("id", String(stream.id))
        record.set("view", stream.view.rawValue)
        record.set("label", stream.label)
        return record.finish()
    }

    private static func stream(_ record: RecordReader) throws(DynamoDBError) -> StreamDefinition {
        guard let id = UInt64(try record.string("id")),
            let view = StreamDefinition.View(rawValue: try record.string("view"))
        else { throw .damagedRecord("stream") }
        return StreamDefinition(id: id, view: view, label: try record.string("label"))
    }

    private static func encode(_ restored: RestoreSummary) -> [UInt8] {
        var record = RecordWriter()
        record.set("backup", restored.sourceBackupARN)
        record.set("table", restored.sourceTableARN)
        record.set("time", restored.time)
        return record.finish()
    }

    private static func restored(_ record: RecordReader) throws(DynamoDBError) -> RestoreSummary {
        RestoreSummary(
            sourceBackupARN: record.optionalString("backup"), sourceTableARN: record.optionalString("table"),
            time: try record.time("time"))
    }
}

extension RecordWriter {
    mutating func set(_ table: TableName) {
        set("account", table.account)
        set("region", table.region)
        set("table", table.table)
    }

    mutating func set(_ name: String, _ time: LabTime?) {
        set(name, time.map { Int($0.millisecondsSinceEpoch) })
    }
}

extension RecordReader {
    func tableName() throws(DynamoDBError) -> TableName {
        TableName(account: try string("account"), region: try string("region"), table: try string("table"))
    }

    func time(_ name: String) throws(DynamoDBError) -> LabTime {
        LabTime(millisecondsSinceEpoch: Int64(try integer(name)))
    }

    func optionalTime(_ name: String) -> LabTime? {
        optionalInteger(name).map { LabTime(millisecondsSinceEpoch: Int64($0)) }
    }
}

extension TableDefinition {
    /// Adds the table's record to a batch.
    func put(into batch: inout WriteBatch) {
        batch.put(.catalog, DynamoDBKeys.table(name), StoredValue(head: TableRecord.encode(self)))
    }
}

extension KeyType {
    /// As AWS names it.
    package var name: String {
        switch self {
        case .string: "S"
        case .number: "N"
        case .binary: "B"
        }
    }

    package init?(name: String) {
        switch name {
        case "S": self = .string
        case "N": self = .number
        case "B": self = .binary
        default: return nil
        }
    }
}
