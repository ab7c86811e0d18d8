import Bytes
import Expressions
import Items

extension DynamoDBService {
    func query(_ call: Call<API.QueryInput>) async throws(DynamoDBError) -> [UInt8] {
        let input = call.input
        var expressions = try ExpressionParameters(
            expressions: [
                ("ProjectionExpression", input.projectionExpression), ("FilterExpression", input.filterExpression),
                ("KeyConditionExpression", input.keyConditionExpression),
            ],
            legacy: [
                ("AttributesToGet", input.attributesToGet != nil), ("QueryFilter", input.queryFilter != nil),
                ("ConditionalOperator", input.conditionalOperator != nil),
                // Beside other expressions it is not counted.
                ("KeyConditions", input.keyConditions != nil && input.keyConditionExpression != nil),
            ],
            names: input.expressionAttributeNames, values: input.expressionAttributeValues,
            valueUsers: ["FilterExpression", "KeyConditionExpression"], arena: call.arena,
            valueProblem: call.valueProblem)
        var filter = try LegacyConditions.condition(
            filter: input.queryFilter, operator: input.conditionalOperator, call.arena)
        var projection = try LegacyProjection.projection(input.attributesToGet)
        try call.checkStartKey()
        guard input.keyConditions != nil || input.keyConditionExpression != nil else {
            throw .validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
        }
        let keyCondition = try expressions.condition(.keyCondition, input.keyConditionExpression)
        if let parsed = try expressions.condition(.filter, input.filterExpression) { filter = parsed }
        if let parsed = try expressions.projection(input.projectionExpression) { projection = parsed }
        try expressions.checkAllUsed()
        let conditions: [KeyCondition]
        if let keyCondition {
            conditions = try ExpressionParameters.keyConditions(keyCondition)
        } else {
            try call.checkKeyConditions()
            conditions = try LegacyConditions.keyConditions(input.keyConditions ?? [:], call.arena)
        }
        let selection = try Selection(
            input.select, projection, hasIndex: input.indexName != nil,
            parameter: input.projectionExpression == nil ? "AttributesToGet" : "ProjectionExpression")
        let name = try call.tableName(input.tableName)
        let target = try ReadTarget(
            try await table(name), indexName: input.indexName, isConsistent: input.consistentRead ?? false)
        let start = input.exclusiveStartKey.map { call.item($0) }
        if let start, start.attributes.count != target.pageKeyAttributes.count {
            throw .validation("The provided starting key is invalid")
        }
        var range = try target.range(of: conditions, isForward: input.scanIndexForward ?? true, start: start)
        if let start {
            let place = try target.place(ofStartKey: start)
            // Behind the only item there can be is nothing.
            guard !target.holdsOneItem else {
                throw .validation(
                    "The provided exclusive start key is invalid: ExclusiveStartKey: "
                        + ReadTarget.text(ofStartKey: start))
            }
            guard range.contains(place) else { throw target.refusal(ofStart: start, conditions) }
            range.start(behind: place)
        }
        try target.table.checkLeadsIntoNoKey(projection?.paths ?? [])
        try target.checkFilter(filter, isExpression: input.filterExpression != nil)
        let request = try PageRequest(
            target, range, filter: filter, selection: selection,
            limit: target.holdsOneItem ? nil : input.limit, owners: [call.arena])
        try target.table.checkLeadsIntoNoKey(filter?.paths ?? [])
        return try await answer(
            request, name, capacity: input.returnConsumedCapacity, isConsistent: input.consistentRead ?? false)
    }

    func scan(_ call: Call<API.ScanInput>) async throws(DynamoDBError) -> [UInt8] {
        let input = call.input
        var expressions = try ExpressionParameters(
            expressions: [
                ("ProjectionExpression", input.projectionExpression), ("FilterExpression", input.filterExpression),
            ],
            legacy: [
                ("AttributesToGet", input.attributesToGet != nil), ("ScanFilter", input.scanFilter != nil),
                ("ConditionalOperator", input.conditionalOperator != nil),
            ],
            names: input.expressionAttributeNames, values: input.expressionAttributeValues,
            valueUsers: ["FilterExpression"], arena: call.arena, valueProblem: call.valueProblem, checksValues: false)
        var projection = try LegacyProjection.projection(input.attributesToGet)
        try expressions.checkValues()
        var filter = try LegacyConditions.condition(
            filter: input.scanFilter, operator: input.conditionalOperator, call.arena)
        try call.checkStartKey()
        let segment = try ScanSegment(input.segment, of: input.totalSegments)
        if let parsed = try expressions.condition(.filter, input.filterExpression) { filter = parsed }
        if let parsed = try expressions.projection(input.projectionExpression) { projection = parsed }
        try expressions.checkAllUsed()
        let selection = try Selection(
            input.select, projection, hasIndex: input.indexName != nil,
            parameter: input.projectionExpression == nil ? "AttributesToGet" : "ProjectionExpression")
        let name = try call.tableName(input.tableName)
        let target = try ReadTarget(
            try await table(name), indexName: input.indexName, isConsistent: input.consistentRead ?? false)
        if let start = input.exclusiveStartKey { try target.check(ofStartKey: call.item(start)) }
        try PageRequest.check(target, selection, filter)
        var range = segment.range(of: target)
        if let start = input.exclusiveStartKey {
            let place = try target.place(ofStartKey: call.item(start))
            guard range.contains(place) else {
                throw .validation(
                    "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey "
                        + "with correct Segment. TotalSegments: \(segment.count) Segment: \(segment.number)")
            }
            range.start(behind: place)
        }
        let request = try PageRequest(
            target, range, filter: filter, selection: selection, limit: input.limit, owners: [call.arena])
        try target.table.checkLeadsIntoNoKey((projection?.paths ?? []) + (filter?.paths ?? []))
        return try await answer(
            request, name, capacity: input.returnConsumedCapacity, isConsistent: input.consistentRead ?? false)
    }

    private func answer(
        _ request: PageRequest, _ name: TableName, capacity: String?, isConsistent: Bool
    ) async throws(DynamoDBError) -> [UInt8] {
        var json = JSONWriter(capacity: 16 << 10)
        json.beginObject()
        var hasItems = true
        if case .count = request.selection { hasItems = false }
        if hasItems {
            json.name("Items")
            json.beginArray()
        }
        var projection: Projection?
        if case .projected(let wanted) = request.selection { projection = wanted }
        let outcome = try await readPage(request) { item in
            if hasItems { json.write(item, projection) }
        }
        if hasItems { json.endArray() }
        json.member("Count", outcome.count)
        json.member("ScannedCount", outcome.scanned)
        if let lastKey = outcome.lastKey {
            json.name("LastEvaluatedKey")
            lastKey.reading { json.item(ItemView($0)) }
        }
        if let detail = CapacityDetail(rawValue: capacity ?? "NONE"), detail != .none {
            json.name("ConsumedCapacity")
            var consumed = ConsumedCapacity(table: name.table)
            consumed.add(outcome, request.target, isConsistent ? .strong : .eventual)
            consumed.write(detail, to: &json)
        }
        json.endObject()
        return json.copyBytes()
    }
}

extension ReadTarget {
    /// A query's filter must leave the key to the key condition.
    fileprivate func checkFilter(_ filter: Condition?, isExpression: Bool) throws(DynamoDBError) {
        for path in filter?.paths ?? [] where key.contains(path.attribute) {
            let parameter = isExpression ? "Filter Expression" : "QueryFilter"
            throw .validation(
                "\(parameter) can only contain non-primary key attributes: Primary key attribute: \(path.attribute)")
        }
    }
}

extension Selection {
    /// - Throws: `ValidationException` for a Select that does not go with the attributes that are asked for.
    ///
    /// - Parameter parameter: which one asks for attributes.
    init(
        _ select: String?, _ projection: Projection?, hasIndex: Bool, parameter: String
    ) throws(DynamoDBError) {
        switch select {
        case nil:
            self = projection.map { .projected($0) } ?? .stored
        case "SPECIFIC_ATTRIBUTES"?:
            guard let projection else {
                throw .validation(
                    "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
            }
            self = .projected(projection)
        case "COUNT"?:
            if projection != nil { throw Self.conflict(parameter, "only the Count") }
            self = .count
        case "ALL_PROJECTED_ATTRIBUTES"?:
            if projection != nil { throw Self.conflict(parameter, "ALL_PROJECTED_ATTRIBUTES") }
            guard hasIndex else {
                throw .validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
            }
            self = .stored
        default:
            if projection != nil { throw Self.conflict(parameter, "ALL_ATTRIBUTES") }
            self = .all
        }
    }

    private static func conflict(_ parameter: String, _ what: String) -> DynamoDBError {
        .validation("Cannot specify the \(parameter) when choosing to get \(what)")
    }
}

/// One of the equal parts of the hashes that a parallel scan reads.
struct ScanSegment {
    let number: Int
    let count: Int

    /// - Throws: `ValidationException` when only one of them is there, or the number is not below the count.
    init(_ number: Int?, of count: Int?) throws(DynamoDBError) {
        switch (number, count) {
        case (nil, nil):
            self.number = 0
            self.count = 1
        case (nil, _):
            throw .validation(
                "The Segment parameter is required but was not present in the request when parameter TotalSegments is "
                    + "present")
        case (_, nil):
            throw .validation(
                "The TotalSegments parameter is required but was not present in the request when Segment parameter is "
                    + "present")
        case (let number?, let count?):
            guard number < count else {
                throw .validation(
                    "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: "
                        + "\(number) is not less than TotalSegments: \(count)")
            }
            self.number = number
            self.count = count
        }
    }

    /// The first hash of a segment; nil behind the last one.
    private func start(_ number: Int) -> UInt64? {
        guard number < count else { return nil }
        // The number as the high half of a 128-bit dividend: number · 2⁶⁴ ÷ count.
        return UInt64(count).dividingFullWidth((UInt64(number), 0)).quotient
    }

    func range(of target: ReadTarget) -> ReadRange {
        let prefix = target.prefix
        var lower = prefix
        if let start = start(number), start > 0 { lower.appendBigEndian(start) }
        guard let end = start(number + 1) else {
            return ReadRange(lower: lower, upper: OrderedKey.end(ofPrefix: prefix))
        }
        var upper = prefix
        upper.appendBigEndian(end)
        return ReadRange(lower: lower, upper: upper)
    }
}
