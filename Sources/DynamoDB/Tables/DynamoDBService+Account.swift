import LogStore

extension DynamoDBService {
    // MARK: Tags

    /// No output: the answer is empty.
    private static let empty: [UInt8] = []

    func tagResource(_ call: Call<API.TagResourceInput>) async throws(DynamoDBError) -> [UInt8] {
        guard let tags = call.input.tags else {
            throw .validation(
                "1 validation error detected: Value null at 'tags' failed to satisfy constraint: "
                    + "Member must not be null")
        }
        let added = try TagList.read(tags)
        try await changeTags(of: call.input.resourceARN, call.context) { (tags) throws(DynamoDBError) in
            let keys = Set(added.compactMap(\.key))
            let changed = tags.filter { !keys.contains($0.key ?? "") } + added
            try TagList.checkCount(changed.count)
            return changed
        }
        return Self.empty
    }

    func untagResource(_ call: Call<API.UntagResourceInput>) async throws(DynamoDBError) -> [UInt8] {
        let removed = Set(call.input.tagKeys ?? [])
        try await changeTags(of: call.input.resourceARN, call.context) { tags in
            tags.filter { !removed.contains($0.key ?? "") }
        }
        return Self.empty
    }

    private func changeTags(
        of arn: String?, _ context: CallContext,
        _ change: @Sendable ([API.Tag]) throws(DynamoDBError) -> [API.Tag]
    ) async throws(DynamoDBError) {
        let handle = try await namedHandle(try Self.resource(arn, context))
        guard let table = await handle.enter() else { throw .tableNotFound(handle.name.table) }
        defer { handle.leave() }
        let key = DynamoDBKeys.tags(table.id)
        do {
            try await store.update(.catalog, key) { (current, batch) throws(DynamoDBError) in
                batch.restoreCount = handle.restoreCount
                let changed = try change(
                    try current.map { (value) throws(DynamoDBError) in try TagList.decode(value.head) } ?? [])
                batch.put(.catalog, key, StoredValue(head: TagList.encode(changed)))
            }
        } catch {
            throw DynamoDBError.wrap(error)
        }
    }

    func listTagsOfResource(
        _ call: Call<API.ListTagsOfResourceInput>
    ) async throws(DynamoDBError) -> API.ListTagsOfResourceOutput {
        let table = try await namedTable(try Self.resource(call.input.resourceARN, call.context))
        let value = try await read(.catalog, DynamoDBKeys.tags(table.id))
        let tags = try value.map { (value) throws(DynamoDBError) in try TagList.decode(value.head) } ?? []
        return API.ListTagsOfResourceOutput(tags: tags)
    }

    private static func resource(_ arn: String?, _ context: CallContext) throws(DynamoDBError) -> TableName {
        guard let arn, arn.hasPrefix("arn:") else {
            throw .validation("Invalid TableArn: Invalid ResourceArn provided as input \(arn ?? "")")
        }
        guard !arn.contains("/index/") else {
            throw .validation(
                "One or more parameter values were invalid: Invalid resource arn provided, only table or stream is "
                    + "accepted. Provided resource arn: \(arn)")
        }
        return try TableName(arn, context)
    }

    // MARK: Limits and endpoints

    /// AWS's default quotas of an account and of a table; not enforced until there are budgets.
    static let limits = API.DescribeLimitsOutput(
        accountMaxReadCapacityUnits: 80_000, accountMaxWriteCapacityUnits: 80_000, tableMaxReadCapacityUnits: 40_000,
        tableMaxWriteCapacityUnits: 40_000)

    /// Minutes for which clients may keep what DescribeEndpoints says.
    private static let endpointMinutes = 1440

    static func endpoints(_ context: CallContext) -> API.DescribeEndpointsResponse {
        API.DescribeEndpointsResponse(
            endpoints: [API.Endpoint(address: context.host, cachePeriodInMinutes: endpointMinutes)])
    }
}
