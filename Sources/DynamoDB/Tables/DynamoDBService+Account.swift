import LogStore

extension DynamoDBService {
    // MARK: Tags

    /// No output: the answer is empty.
    private static let empty: [UInt8] = []

    func tagResource(_ call: Call<API.TagResourceInput>) async throws(DynamoDBError) -> [UInt8] {
        let arn = try ResourceARN(call.input.resourceARN)
        guard let tags = call.input.tags else { throw Self.missing("tags") }
        let name = try arn.tableName(call.context)
        guard !tags.isEmpty else { throw .validation("Atleast one Tag needs to be provided as Input.") }
        let added = try TagList.read(tags)
        try await changeTags(of: name, named: arn.text) { (tags) throws(DynamoDBError) in
            let keys = Set(added.compactMap(\.key))
            let changed = tags.filter { !keys.contains($0.key ?? "") } + added
            try TagList.checkCount(changed.count)
            return changed
        }
        return Self.empty
    }

    func untagResource(_ call: Call<API.UntagResourceInput>) async throws(DynamoDBError) -> [UInt8] {
        let arn = try ResourceARN(call.input.resourceARN)
        guard let keys = call.input.tagKeys else { throw Self.missing("tagKeys") }
        let name = try arn.tableName(call.context)
        guard !keys.isEmpty else { throw .validation("Atleast one Tag Key needs to be provided as Input.") }
        let removed = Set(keys)
        try await changeTags(of: name, named: nil) { tags in
            tags.filter { !removed.contains($0.key ?? "") }
        }
        return Self.empty
    }

    private static func missing(_ member: String) -> DynamoDBError {
        .validation(
            "1 validation error detected: Value null at '\(member)' failed to satisfy constraint: "
                + "Member must not be null")
    }

    /// - Parameter arn: what to name when there is no such table; nil where AWS names nothing.
    private func changeTags(
        of name: TableName, named arn: String?,
        _ change: @Sendable ([API.Tag]) throws(DynamoDBError) -> [API.Tag]
    ) async throws(DynamoDBError) {
        let handle = try await taggedHandle(name, named: arn)
        guard let table = await handle.enter() else { throw Self.notFound(arn) }
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
        let arn = try ResourceARN(call.input.resourceARN)
        let handle = try await taggedHandle(try arn.tableName(call.context), named: arn.text)
        guard let table = handle.table else { throw Self.notFound(arn.text) }
        // All of a table's tags fit into one answer, which names no next one.
        if call.input.nextToken != nil { throw .validation("Invalid NextToken") }
        let value = try await read(.catalog, DynamoDBKeys.tags(table.id))
        let tags = try value.map { (value) throws(DynamoDBError) in try TagList.decode(value.head) } ?? []
        return API.ListTagsOfResourceOutput(tags: tags)
    }

    private func taggedHandle(_ name: TableName, named arn: String?) async throws(DynamoDBError) -> TableHandle {
        do throws(DynamoDBError) { return try await handle(name) } catch {
            throw error == .resourceNotFound ? Self.notFound(arn) : error
        }
    }

    private static func notFound(_ arn: String?) -> DynamoDBError {
        guard let arn else { return .resourceNotFound }
        return DynamoDBError(
            .resourceNotFoundException, "Requested resource not found: ResourceArn: \(arn) not found")
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

/// The resource that has tags. AWS looks at it in two steps: whether it is an ARN of anything, and, after the other
/// members, whether it is a table's.
private struct ResourceARN {
    let text: String

    /// - Throws: `ValidationException` when it is missing, and for what is no ARN.
    init(_ text: String?) throws(DynamoDBError) {
        guard let text else { throw .validation("Invalid TableArn") }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let isBegun = text.hasPrefix("arn:")
        guard isBegun, parts.count == 6 else {
            let what = isBegun ? Self.missing[parts.count - 2] : "ARNs must start with 'arn:'"
            throw .validation("One or more parameter values were invalid: \(what): \(text)")
        }
        self.text = text
    }

    /// What is missing behind each of the first four colons, as AWS says it.
    private static let missing = [
        "Second colon partition not found", "Third colon vendor not found",
        "Fourth colon (region/namespace delimiter) not found",
        "Fifth colon (namespace/relative-id delimiter) not found",
    ]

    /// - Throws: `ValidationException` when it is no table's.
    func tableName(_ context: CallContext) throws(DynamoDBError) -> TableName {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let table = parts[5].hasPrefix("table/") ? parts[5].dropFirst("table/".count) : ""
        guard text.hasPrefix("arn:aws:dynamodb:"), table.utf8.count >= 3, !table.contains("/") else {
            throw .validation("Invalid TableArn: Invalid ResourceArn provided as input \(text)")
        }
        return try TableName(text, context)
    }
}
