import Bytes
import Encryption
import Items
import LabClock
import LogStore

extension DynamoDBService {
    /// Reads on in a shard, as of one state of the store: commits come to be seen in their order, so what lies before a
    /// position has been seen once everything up to it has.
    func getRecords(_ call: Call<API.GetRecordsInput>) async throws(DynamoDBError) -> [UInt8] {
        let limit = try Self.checkLimit(
            call.input.limit ?? DynamoDBLimits.streamRecordsMax, max: DynamoDBLimits.streamRecordsMax)
        let iterator = try ShardIterator(call.input.shardIterator ?? "", call.context)
        let now = clock.now()
        if iterator.isExpired(at: now) { throw Self.expired }
        let snapshot = store.snapshot()
        let stream = try await stream(iterator.stream, at: snapshot)
        guard stream.definition.id == iterator.streamID else { throw iterator.stream.notFound }
        guard let shard = try await shard(iterator.streamID, iterator.partitionID, at: snapshot) else {
            throw StreamShard.notFound(StreamShard.name(iterator.streamID, iterator.partitionID))
        }
        if iterator.position < (try await trimPoint(shard.streamID, shard.partitionID, at: snapshot)) {
            throw Self.trimmed
        }
        // A position that was never reached: of a state that a loss of power has taken back.
        if iterator.position > .behind(snapshot.sequence) { throw Self.expired }
        var page = RecordsPage(stream: stream, limit: limit)
        let prefix = StreamKeys.shard(shard.streamID, partition: shard.partitionID)
        try await forEach(.streams, prefix: prefix, from: prefix + iterator.position.bytes, at: snapshot) {
            (key, value) throws(DynamoDBError) in
            guard let position = StreamPosition(bytes: key.dropFirst(prefix.count)) else {
                throw .damagedRecord("stream")
            }
            return page.add(try StreamRecord.decode(value.head), at: position)
        }
        var next: StreamPosition?
        if page.isFull {
            next = page.last?.next ?? iterator.position
        } else if shard.end(in: stream) == nil {
            next = .behind(snapshot.sequence)
        }
        let nextIterator = next.map {
            ShardIterator(stream, partitionID: shard.partitionID, position: $0, created: now).text
        }
        return page.finish(nextIterator)
    }

    private static let expired = DynamoDBError(
        .expiredIteratorException, "The provided iterator exceeds the maximum age allowed.")
}

/// The answer of a GetRecords, as far as it is written.
private struct RecordsPage: ~Copyable {
    private let stream: TableStream
    private let limit: Int
    private var json = JSONWriter(capacity: 4096)
    private var count = 0
    private var byteCount = 0
    /// Where the last of its records lies.
    private(set) var last: StreamPosition?
    /// Whether there was a record for which there is no room.
    private(set) var isFull = false

    init(stream: TableStream, limit: Int) {
        self.stream = stream
        self.limit = limit
        json.beginObject()
        json.name("Records")
        json.beginArray()
    }

    /// - Returns: false when there is no room for the record, nor for another.
    mutating func add(_ record: StreamRecord, at position: StreamPosition) -> Bool {
        let size = record.size
        guard count < limit, count == 0 || byteCount + size <= DynamoDBLimits.streamRecordsBytesMax else {
            isFull = true
            return false
        }
        count += 1
        byteCount += size
        last = position
        write(record, size, at: position)
        return true
    }

    private mutating func write(_ record: StreamRecord, _ size: Int, at position: StreamPosition) {
        json.beginObject()
        json.member("eventID", eventID(position))
        json.member("eventName", record.event.name)
        json.member("eventVersion", "1.1")
        json.member("eventSource", "aws:dynamodb")
        json.member("awsRegion", stream.table.region)
        json.name("dynamodb")
        json.beginObject()
        // AWS's is whole seconds.
        json.member("ApproximateCreationDateTime", (record.time.seconds).rounded(.down))
        write(record.keys, as: "Keys")
        if let image = record.newImage { write(image, as: "NewImage") }
        if let image = record.oldImage { write(image, as: "OldImage") }
        json.member("SequenceNumber", position.text)
        json.member("SizeBytes", size)
        json.member("StreamViewType", stream.definition.view.rawValue)
        json.endObject()
        if record.isExpiry {
            json.name("userIdentity")
            json.beginObject()
            json.member("PrincipalId", "dynamodb.amazonaws.com")
            json.member("Type", "Service")
            json.endObject()
        }
        json.endObject()
    }

    private mutating func write(_ item: [UInt8], as name: StaticString) {
        json.name(name)
        item.reading { json.item(ItemView($0)) }
    }

    /// The same for the same record however often it is read.
    private func eventID(_ position: StreamPosition) -> String {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(stream.definition.id)
        return Hex.encode(Digest.md5(bytes + position.bytes))
    }

    /// Ends the answer.
    ///
    /// - Parameter next: nil when there is nothing more to come: the shard is closed and drained.
    consuming func finish(_ next: String?) -> [UInt8] {
        json.endArray()
        json.member("NextShardIterator", next)
        json.endObject()
        return json.copyBytes()
    }
}

extension StreamRecord {
    /// In bytes: its keys and images, as items are reckoned.
    fileprivate var size: Int {
        [keys, newImage, oldImage].reduce(0) { $0 + ($1?.reading { ItemView($0).size } ?? 0) }
    }
}

extension StreamRecord.Event {
    /// As AWS names it.
    fileprivate var name: String {
        switch self {
        case .insert: "INSERT"
        case .modify: "MODIFY"
        case .remove: "REMOVE"
        }
    }
}
