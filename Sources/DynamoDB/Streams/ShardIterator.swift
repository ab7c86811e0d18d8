import Bytes
import Encryption
import LabClock

/// What a client reads a shard by: which one, from where, and when it was told. It says nothing that its account could
/// not ask for, and is looked up as anything else that a client says, so it is not secret; its digest keeps out what
/// this service has not made.
struct ShardIterator: Sendable {
    let stream: StreamName
    let streamID: UInt64
    let partitionID: UInt64
    /// The first record that it reads is at or behind this.
    let position: StreamPosition
    let created: LabTime

    private static let digestSize = 8
    private static let payloadSize = 8 + 8 + StreamPosition.byteCount + 8
    /// Stands between the stream's ARN and the rest; 1 is the form of the rest.
    private static let separator = "|1|"

    static let invalid = DynamoDBError.validation("Invalid ShardIterator")

    init(_ stream: TableStream, partitionID: UInt64, position: StreamPosition, created: LabTime) {
        self.stream = StreamName(table: stream.table, label: stream.definition.label)
        streamID = stream.definition.id
        self.partitionID = partitionID
        self.position = position
        self.created = created
    }

    /// Reads what `text` wrote.
    ///
    /// - Throws: `ValidationException`; `AccessDeniedException` for another account's.
    init(_ text: String, _ context: CallContext) throws(DynamoDBError) {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "1", let bytes = Base64.decode(parts[2]),
            bytes.count == Self.payloadSize + Self.digestSize
        else { throw Self.invalid }
        let payload = Array(bytes.prefix(Self.payloadSize))
        let arn = String(parts[0])
        guard Self.digest(arn, payload) == bytes.suffix(Self.digestSize),
            let position = StreamPosition(bytes: payload[16..<16 + StreamPosition.byteCount])
        else { throw Self.invalid }
        stream = try StreamName(arn: arn, context)
        streamID = UInt64(bigEndianBytes: payload)
        partitionID = UInt64(bigEndianBytes: payload[8...])
        self.position = position
        let time = UInt64(bigEndianBytes: payload.suffix(8))
        created = LabTime(millisecondsSinceEpoch: Int64(bitPattern: time))
    }

    var text: String {
        var payload: [UInt8] = []
        payload.appendBigEndian(streamID)
        payload.appendBigEndian(partitionID)
        payload.append(contentsOf: position.bytes)
        payload.appendBigEndian(UInt64(bitPattern: created.millisecondsSinceEpoch))
        return stream.arn + Self.separator + Base64.encode(payload + Self.digest(stream.arn, payload))
    }

    private static func digest(_ arn: String, _ payload: [UInt8]) -> ArraySlice<UInt8> {
        Digest.sha256(Array(arn.utf8) + payload).prefix(digestSize)
    }

    /// Whether it may not be used any more; one from the future is from a state that was given up.
    func isExpired(at time: LabTime) -> Bool {
        created > time || created.adding(milliseconds: DynamoDBLimits.shardIteratorMilliseconds) < time
    }
}
