import LabClock
import LogStore

extension DynamoDBService {
    /// The stream of a new table, or a new one of a table; nil when none is asked for.
    func newStream(_ specification: API.StreamSpecification?) throws(DynamoDBError) -> StreamDefinition? {
        guard let specification else { return nil }
        guard specification.streamEnabled == true else {
            if specification.streamViewType != nil {
                throw .validation(
                    "One or more parameter values were invalid: StreamViewType cannot be specified when StreamEnabled "
                        + "is false")
            }
            return nil
        }
        guard let view = StreamDefinition.View(rawValue: specification.streamViewType ?? "") else {
            throw .validation(
                "One or more parameter values were invalid: StreamViewType must be specified when StreamEnabled is true"
            )
        }
        let id = random(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let text = ISO8601.extended(unixMilliseconds: clock.now().millisecondsSinceEpoch)
        return StreamDefinition(id: id, view: view, label: String(text.dropLast()))
    }

    /// Enables or disables a table's stream.
    func updateStream(
        _ definition: inout TableDefinition, _ specification: API.StreamSpecification, _ batch: inout WriteBatch
    ) throws(DynamoDBError) {
        let stream = try newStream(specification)
        if stream != nil, definition.stream != nil {
            throw .validation("Table already has an enabled stream: TableName: \(definition.name.table)")
        }
        if stream == nil, definition.stream == nil {
            throw .validation("Table does not have an enabled stream: TableName: \(definition.name.table)")
        }
        definition.stream = stream
    }
}
