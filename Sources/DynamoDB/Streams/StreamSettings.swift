import LabClock
import LogStore

extension DynamoDBService {
    /// The stream of a new table; nil when none is asked for.
    func newStream(
        _ specification: API.StreamSpecification?, of table: TableName
    ) async throws(DynamoDBError) -> StreamDefinition? {
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
        return try await newStream(view, of: table)
    }

    private func newStream(
        _ view: StreamDefinition.View, of table: TableName
    ) async throws(DynamoDBError) -> StreamDefinition {
        // Labels are times, and a lab's time may stand still.
        var time = clock.now()
        try await forEachStream(DynamoDBKeys.streams(of: table)) { stream in
            time = max(time, stream.definition.created.adding(milliseconds: 1))
            return true
        }
        return StreamDefinition(id: randomID(), view: view, label: StreamDefinition.label(time))
    }

    /// Enables or disables a table's stream.
    func updateStream(
        _ definition: inout TableDefinition, _ partitions: PartitionMap, _ specification: API.StreamSpecification,
        _ batch: inout WriteBatch
    ) async throws(DynamoDBError) {
        guard specification.streamEnabled == true else {
            if specification.streamViewType != nil {
                throw .validation(
                    "One or more parameter values were invalid: If stream is being disabled, then UpdateViewType must "
                        + "not be specified")
            }
            guard definition.stream != nil else {
                throw .validation("Table has no stream to disable: TableName: \(definition.name.table)")
            }
            try await endStream(of: &definition, in: &batch)
            return
        }
        if definition.stream != nil {
            throw .validation("Table already has an enabled stream: TableName: \(definition.name.table)")
        }
        guard let view = StreamDefinition.View(rawValue: specification.streamViewType ?? "") else {
            throw .validation(
                "One or more parameter values were invalid: If stream is being enabled then UpdateViewType is required")
        }
        definition.stream = try await newStream(view, of: definition.name)
        beginStream(of: definition, partitions.partitions, in: &batch)
    }

    /// Adds the records of a table's stream, which is new: the commit stamps its begin.
    func beginStream(of table: TableDefinition, _ partitions: [Partition], in batch: inout WriteBatch) {
        guard let definition = table.stream else { return }
        let span = CommitSpan(begin: .zero, end: nil)
        let stream = TableStream(table: table.name, definition: definition, key: table.key, span: span)
        batch.put(
            .catalog, stream.recordKey, StoredValue(head: stream.encoded()), headStampOffset: CommitSpan.beginOffset)
        for partition in partitions {
            let shard = StreamShard(
                streamID: definition.id, partitionID: partition.id, parent: nil, created: clock.now(), span: span)
            beginShard(shard, in: &batch)
        }
    }

    private func beginShard(_ shard: StreamShard, in batch: inout WriteBatch) {
        batch.put(
            .catalog, shard.recordKey, StoredValue(head: shard.encoded()), headStampOffset: CommitSpan.beginOffset)
        due.add(StreamTrim.entry(shard.streamID, shard.partitionID, after: shard.created), to: &batch)
    }

    /// Ends a table's stream, if it has one: it stays to be read for a day, then goes. The commit stamps its end. A
    /// full disk does not refuse it: deletes need no more space then.
    func endStream(of table: inout TableDefinition, in batch: inout WriteBatch) async throws(DynamoDBError) {
        guard let definition = table.stream else { return }
        let name = StreamName(table: table.name, label: definition.label)
        var stream = try await stream(name)
        let now = clock.now()
        stream.disabled = now
        batch.put(
            .catalog, stream.recordKey, StoredValue(head: stream.encoded()), headStampOffset: CommitSpan.endOffset)
        due.add(StreamRemoval.entry(stream, after: now), to: &batch)
        batch.makesRoom = true
        table.stream = nil
        table.lastStreamLabel = definition.label
    }

    /// Closes the shard of a partition that is split, and begins those of its halves.
    func splitShard(
        of stream: StreamDefinition, _ split: PartitionSplit, in batch: inout WriteBatch
    ) async throws(DynamoDBError) {
        guard var parent = try await shard(stream.id, split.parent.id) else { throw .damagedRecord("shard") }
        parent.closed = split.time
        batch.put(
            .catalog, parent.recordKey, StoredValue(head: parent.encoded()), headStampOffset: CommitSpan.endOffset)
        for half in split.halves() {
            let shard = StreamShard(
                streamID: stream.id, partitionID: half.id, parent: parent.partitionID, created: split.time,
                span: CommitSpan(begin: .zero, end: nil))
            beginShard(shard, in: &batch)
        }
    }
}
