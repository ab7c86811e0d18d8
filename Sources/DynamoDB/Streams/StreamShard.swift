import Bytes
import LabClock
import LogStore

/// A shard of a stream: what was written to one partition of the table while the stream was enabled.
struct StreamShard: Sendable {
    let streamID: UInt64
    let partitionID: UInt64
    /// The shard that it was split off; nil when the stream has none from before.
    let parent: UInt64?
    let created: LabTime
    /// When the partition was split.
    var closed: LabTime?
    /// The commits that began and closed it. Neither writes a record of it.
    var span: CommitSpan

    var recordKey: [UInt8] { DynamoDBKeys.shard(streamID, partitionID) }

    func encoded() -> [UInt8] {
        var record = RecordWriter()
        record.set("parent", parent.map { String($0) })
        record.set("created", created)
        record.set("closed", closed)
        return span.encoded + record.finish()
    }

    static func decode(_ key: [UInt8], _ bytes: [UInt8]) throws(DynamoDBError) -> StreamShard {
        let span = try CommitSpan(bytes)
        guard key.count == keySize else { throw .damagedRecord("shard") }
        return try RecordReader.read(bytes.dropFirst(CommitSpan.size)) { (record) throws(DynamoDBError) in
            StreamShard(
                streamID: UInt64(bigEndianBytes: key[1...]), partitionID: UInt64(bigEndianBytes: key[9...]),
                parent: record.optionalString("parent").flatMap { UInt64($0) }, created: try record.time("created"),
                closed: record.optionalTime("closed"), span: span)
        }
    }

    private static let keySize = 17

    // MARK: Names

    /// The shard's name: its partition in twenty digits, so that names sort by age, and a part of the stream's id.
    var name: String { Self.name(streamID, partitionID) }

    static func name(_ streamID: UInt64, _ partitionID: UInt64) -> String {
        let digits = String(partitionID)
        let zeros = String(repeating: "0", count: digitCount - digits.count)
        return prefix + zeros + digits + suffix(streamID)
    }

    /// The partition of the shard that a name means; nil when it is none of the stream's.
    static func partitionID(_ name: String, of streamID: UInt64) -> UInt64? {
        guard name.hasPrefix(prefix), let id = UInt64(name.dropFirst(prefix.count).prefix(digitCount)),
            self.name(streamID, id) == name
        else { return nil }
        return id
    }

    private static func suffix(_ streamID: UInt64) -> String { "-" + Hex.encode(streamID).suffix(8) }

    private static let prefix = "shardId-"
    private static let digitCount = 20

    static func notFound(_ name: String) -> DynamoDBError {
        DynamoDBError(.resourceNotFoundException, "Requested resource not found: Shard: \(name) not found")
    }
}

extension DynamoDBService {
    /// Calls `body` with a stream's shards, by age, until it returns false.
    func forEachShard(
        of streamID: UInt64, _ body: (StreamShard) throws(DynamoDBError) -> Bool
    ) async throws(DynamoDBError) {
        try await forEach(.catalog, prefix: DynamoDBKeys.shards(streamID)) { (key, value) throws(DynamoDBError) in
            try body(try StreamShard.decode(key, value.head))
        }
    }

    /// A stream's shard; nil when there is none, or none any more.
    func shard(
        _ streamID: UInt64, _ partitionID: UInt64, at snapshot: Snapshot? = nil
    ) async throws(DynamoDBError) -> StreamShard? {
        let key = DynamoDBKeys.shard(streamID, partitionID)
        guard let value = try await read(.catalog, key, at: snapshot) else { return nil }
        return try StreamShard.decode(key, value.head)
    }

    /// Behind the records of a shard that are gone because of their age.
    func trimPoint(
        _ streamID: UInt64, _ partitionID: UInt64, at snapshot: Snapshot? = nil
    ) async throws(DynamoDBError) -> StreamPosition {
        let value = try await read(.catalog, DynamoDBKeys.trimPoint(streamID, partitionID), at: snapshot)
        guard let value else { return .zero }
        guard let position = StreamPosition(bytes: value.head) else { throw .damagedRecord("trim point") }
        return position
    }
}
