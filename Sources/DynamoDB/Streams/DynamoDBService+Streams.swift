import Items
import LogStore

extension DynamoDBService {
    func listStreams(_ call: Call<API.ListStreamsInput>) async throws(DynamoDBError) -> API.ListStreamsOutput {
        let limit = try Self.pageLimit(call.input.limit)
        let context = call.context
        var prefix = DynamoDBKeys.streams(account: context.accountID, region: context.region)
        if let table = call.input.tableName { prefix = DynamoDBKeys.streams(of: try call.tableName(table)) }
        var start: [UInt8]?
        if let arn = call.input.exclusiveStartStreamARN {
            let name = try StreamName(arn: arn, context)
            let key = DynamoDBKeys.stream(of: name.table, label: name.label)
            start = key.lexicographicallyPrecedes(prefix) ? prefix : key + [0]
        }
        var streams: [API.Stream] = []
        var hasMore = false
        try await forEachStream(prefix, from: start) { stream in
            hasMore = streams.count == limit
            if !hasMore {
                streams.append(
                    API.Stream(
                        streamARN: stream.arn, tableName: stream.table.table, streamLabel: stream.definition.label))
            }
            return !hasMore
        }
        return API.ListStreamsOutput(
            streams: streams, lastEvaluatedStreamARN: hasMore ? streams.last?.streamARN : nil)
    }

    private static func pageLimit(_ limit: Int?) throws(DynamoDBError) -> Int {
        try checkLimit(limit ?? DynamoDBLimits.streamsPageMax, max: DynamoDBLimits.streamsPageMax)
    }

    /// The model knows no upper limit, the service does.
    static func checkLimit(_ limit: Int, max: Int) throws(DynamoDBError) -> Int {
        guard limit <= max else {
            throw .validation(
                "One or more parameter values were invalid: Limit should be less than or equal to \(max)")
        }
        return limit
    }

    func describeStream(
        _ call: Call<API.DescribeStreamInput>
    ) async throws(DynamoDBError) -> API.DescribeStreamOutput {
        let limit = try Self.pageLimit(call.input.limit)
        let stream = try await stream(StreamName(arn: call.input.streamARN ?? "", call.context))
        let filter = try Self.shardFilter(call.input.shardFilter, of: stream)
        var shards: [API.Shard] = []
        var hasMore = false
        try await forEachShard(of: stream.definition.id) { shard in
            // Names sort by age, as shards do.
            if let start = call.input.exclusiveStartShardID, shard.name <= start { return true }
            guard filter.includes(shard) else { return true }
            hasMore = shards.count == limit
            if !hasMore { shards.append(shard.description(in: stream)) }
            return !hasMore
        }
        var description = API.StreamDescription()
        description.streamARN = stream.arn
        description.streamLabel = stream.definition.label
        description.streamStatus = (stream.disabled == nil ? API.StreamStatus.enabled : .disabled).rawValue
        description.streamViewType = stream.definition.view.rawValue
        description.creationRequestDateTime = stream.definition.created.seconds
        description.tableName = stream.table.table
        description.keySchema = stream.key.elements
        description.shards = shards
        if hasMore { description.lastEvaluatedShardID = shards.last?.shardID }
        return API.DescribeStreamOutput(streamDescription: description)
    }

    private static func shardFilter(
        _ filter: API.ShardFilter?, of stream: TableStream
    ) throws(DynamoDBError) -> ShardSelection {
        guard let filter else { return .all }
        guard filter.type != nil, let name = filter.shardID else {
            throw .validation(
                "One or more parameter values were invalid: ShardFilter must have both Type and ShardId")
        }
        guard let parent = StreamShard.partitionID(name, of: stream.definition.id) else {
            throw StreamShard.notFound(name)
        }
        return .children(of: parent)
    }
}

/// Which shards are asked for.
private enum ShardSelection {
    case all
    case children(of: UInt64)

    func includes(_ shard: StreamShard) -> Bool {
        switch self {
        case .all: true
        case .children(let parent): shard.parent == parent
        }
    }
}

extension StreamShard {
    /// The commit behind all of the shard's records; nil while it is open.
    func end(in stream: TableStream) -> SequenceNumber? { span.end ?? stream.span.end }

    fileprivate func description(in stream: TableStream) -> API.Shard {
        API.Shard(
            shardID: name,
            sequenceNumberRange: API.SequenceNumberRange(
                startingSequenceNumber: StreamPosition(span.begin).text,
                endingSequenceNumber: end(in: stream).map { StreamPosition($0).text }),
            parentShardID: parent.map { StreamShard.name(streamID, $0) })
    }
}
