import Bytes
import Items
import LabClock
import LogStore

/// A stream as the catalog keeps it: it outlives being disabled, and its table, by a day.
struct TableStream: Sendable {
    let table: TableName
    let definition: StreamDefinition
    /// Of the table when the stream was enabled.
    let key: KeySchema
    /// The commits that enabled and disabled it.
    var span: CommitSpan
    var disabled: LabTime?

    var arn: String { StreamDefinition.arn(of: table, label: definition.label) }
    var recordKey: [UInt8] { DynamoDBKeys.stream(of: table, label: definition.label) }

    func encoded() -> [UInt8] {
        var record = RecordWriter()
        record.set(table)
        record.set("id", String(definition.id))
        record.set("view", definition.view.rawValue)
        record.set("label", definition.label)
        TableRecord.encode(key, into: &record)
        record.set("disabled", disabled)
        return span.encoded + record.finish()
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> TableStream {
        let span = try CommitSpan(bytes)
        return try RecordReader.read(bytes.dropFirst(CommitSpan.size)) { (record) throws(DynamoDBError) in
            guard let id = UInt64(try record.string("id")),
                let view = StreamDefinition.View(rawValue: try record.string("view"))
            else { throw .damagedRecord("stream") }
            return TableStream(
                table: try record.tableName(),
                definition: StreamDefinition(id: id, view: view, label: try record.string("label")),
                key: try TableRecord.keySchema(record), span: span, disabled: record.optionalTime("disabled"))
        }
    }
}

extension StreamDefinition {
    /// The label that a stream which is enabled at a time has.
    static func label(_ time: LabTime) -> String {
        String(ISO8601.extended(unixMilliseconds: time.millisecondsSinceEpoch).dropLast())
    }

    /// When it was enabled: labels are times, to the millisecond.
    var created: LabTime { LabTime(millisecondsSinceEpoch: ISO8601.parseExtended(label + "Z") ?? 0) }
}

extension DynamoDBService {
    /// Calls `body` with the streams under a prefix of the catalog, in the order of their keys, until it returns false.
    func forEachStream(
        _ prefix: [UInt8], from start: [UInt8]? = nil,
        _ body: (TableStream) throws(DynamoDBError) -> Bool
    ) async throws(DynamoDBError) {
        try await forEach(.catalog, prefix: prefix, from: start) { (_, value) throws(DynamoDBError) in
            try body(try TableStream.decode(value.head))
        }
    }

    /// A stream by its name.
    ///
    /// - Throws: `ResourceNotFoundException`.
    func stream(_ name: StreamName, at snapshot: Snapshot? = nil) async throws(DynamoDBError) -> TableStream {
        let key = DynamoDBKeys.stream(of: name.table, label: name.label)
        guard let value = try await read(.catalog, key, at: snapshot) else { throw name.notFound }
        return try TableStream.decode(value.head)
    }
}
