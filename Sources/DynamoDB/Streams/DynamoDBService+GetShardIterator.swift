import LabClock
import LogStore

extension DynamoDBService {
    func getShardIterator(
        _ call: Call<API.GetShardIteratorInput>
    ) async throws(DynamoDBError) -> API.GetShardIteratorOutput {
        let input = call.input
        let start = try ShardStart(input.shardIteratorType, input.sequenceNumber)
        let name = try StreamName(arn: input.streamARN ?? "", call.context)
        let snapshot = store.snapshot()
        let stream = try await stream(name, at: snapshot)
        let shardName = input.shardID ?? ""
        guard let partitionID = StreamShard.partitionID(shardName, of: stream.definition.id),
            let shard = try await shard(stream.definition.id, partitionID, at: snapshot)
        else { throw StreamShard.notFound(shardName) }
        let trimPoint = try await trimPoint(shard.streamID, partitionID, at: snapshot)
        let horizon = max(trimPoint, StreamPosition(shard.span.begin))
        let position: StreamPosition
        switch start {
        case .oldest: position = horizon
        case .newest: position = .behind(snapshot.sequence)
        case .at(let record), .after(let record):
            let end = StreamPosition(shard.end(in: stream) ?? snapshot.sequence)
            guard record >= StreamPosition(shard.span.begin), record.sequence <= end.sequence else {
                throw ShardStart.invalid
            }
            position = if case .at = start { record } else { record.next }
            // What lies behind the last record that is gone can still be read from.
            if position < trimPoint { throw Self.trimmed }
        }
        let iterator = ShardIterator(stream, partitionID: partitionID, position: position, created: clock.now())
        return API.GetShardIteratorOutput(shardIterator: iterator.text)
    }

    static let trimmed = DynamoDBError(
        .trimmedDataAccessException, "The operation attempted to read past the oldest stream record in a shard.")
}

/// Where an iterator starts, as a request says it.
private enum ShardStart {
    case oldest
    case newest
    case at(StreamPosition)
    case after(StreamPosition)

    static let invalid = DynamoDBError.validation("Invalid SequenceNumber for the shard")

    /// - Throws: `ValidationException` for a sequence number that is missing, out of place, or none.
    init(_ type: String?, _ sequenceNumber: String?) throws(DynamoDBError) {
        let problem = "One or more parameter values were invalid: "
        switch type.flatMap(API.ShardIteratorType.init) {
        case .trimHorizon, .latest:
            if sequenceNumber != nil {
                throw .validation(problem + "SequenceNumber must not be specified for ShardIteratorType \(type ?? "")")
            }
            self = type == API.ShardIteratorType.latest.rawValue ? .newest : .oldest
        case .atSequenceNumber, .afterSequenceNumber:
            guard let sequenceNumber else {
                throw .validation(problem + "SequenceNumber must be specified for ShardIteratorType \(type ?? "")")
            }
            guard let position = StreamPosition(text: sequenceNumber) else { throw Self.invalid }
            self = type == API.ShardIteratorType.atSequenceNumber.rawValue ? .at(position) : .after(position)
        case nil: throw .validation(problem + "Invalid ShardIteratorType")
        }
    }
}
