import Expressions
import Items
import LabClock
import LogStore

extension DynamoDBService {
    // MARK: Writes

    func batchWriteItem(_ call: Call<API.BatchWriteItemInput>) async throws(DynamoDBError) -> [UInt8] {
        let input = call.input
        let requests = (input.requestItems ?? [:]).sorted { $0.key < $1.key }
        if requests.isEmpty { throw .validation("The requestItems parameter is required for BatchWriteItem") }
        let total = requests.reduce(0) { $0 + $1.value.count }
        guard total > 0 else {
            throw .validation("The batch write request list for a table cannot be null or empty")
        }
        if total > DynamoDBLimits.batchWritesMax {
            throw .validation("Too many items requested for the BatchWriteItem call")
        }
        try call.checkValues()
        var groups: [(name: TableName, writes: [PreparedWrite])] = []
        for (table, list) in requests {
            if list.isEmpty {
                throw .validation("The batch write request list for a table cannot be null or empty")
            }
            var writes: [PreparedWrite] = []
            writes.reserveCapacity(list.count)
            for request in list { writes.append(try batchWrite(request, call)) }
            groups.append((try call.tableName(table), writes))
        }
        var json = JSONWriter()
        json.beginObject()
        json.name("UnprocessedItems")
        json.beginObject()
        json.endObject()
        var answers = BatchAnswers(
            capacity: input.returnConsumedCapacity, collections: input.returnItemCollectionMetrics)
        for group in groups {
            let outcomes = try await writeBatch(group.writes, to: group.name)
            try await answers.add(outcomes, of: group.name, self)
        }
        answers.write(to: &json)
        json.endObject()
        return json.copyBytes()
    }

    private func batchWrite(
        _ request: API.WriteRequest, _ call: Call<API.BatchWriteItemInput>
    ) throws(DynamoDBError) -> PreparedWrite {
        switch (request.putRequest, request.deleteRequest) {
        case (let put?, nil):
            let item = try call.itemToPut(put.item)
            return PreparedWrite(.put(item), key: item, condition: nil, returnsItemOnFailure: false, owners: [])
        case (nil, let delete?):
            return PreparedWrite(
                .delete, key: call.bytes(delete.key), condition: nil, returnsItemOnFailure: false, owners: [])
        case (nil, nil), (_?, _?):
            throw .validation(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
                    + "datatypes")
        }
    }

    /// Writes unconditional changes of different items of a table, as a rule in one commit, which costs one sync for
    /// all; large ones in several.
    private func writeBatch(
        _ writes: [PreparedWrite], to name: TableName
    ) async throws(DynamoDBError) -> [WriteOutcome] {
        try await writing(name) { (handle, table) throws(DynamoDBError) in
            var places: [ItemPlace] = []
            places.reserveCapacity(writes.count)
            for write in writes { places.append(try write.placeInBatch(in: table)) }
            guard Set(places).count == places.count else {
                throw .validation("Provided list of item keys contains duplicates")
            }
            let planned = Array(zip(writes, places))
            var outcomes = try await self.writePiece(planned[...], to: table, handle.restoreCount)
            while outcomes.count < planned.count {
                outcomes += try await self.writePiece(planned[outcomes.count...], to: table, handle.restoreCount)
            }
            return outcomes
        }
    }

    /// Writes as many of the changes as go well into one commit: one at least.
    private func writePiece(
        _ writes: ArraySlice<(PreparedWrite, ItemPlace)>, to table: Table, _ restoreCount: Int
    ) async throws(DynamoDBError) -> [WriteOutcome] {
        let time = clock.now()
        return try await transact { transaction, batch in
            batch.restoreCount = restoreCount
            var outcomes: [WriteOutcome] = []
            outcomes.reserveCapacity(writes.count)
            var collections = CollectionSizes()
            var bytes = 0
            transaction.expect(.items, writes.map(\.1.key))
            for (write, place) in writes {
                let old = try await transaction.get(.items, place.key)?.head
                let new = try write.decide(old, in: table)
                bytes += table.commitBytes(old: old, new: new)
                if bytes > DynamoDBLimits.pieceBytes, !outcomes.isEmpty { break }
                let uncounted = try await table.indexesWithout(old, transaction)
                let change = ItemChange(place: place, old: old, new: new, uncounted: uncounted)
                let cost = table.apply(change, at: time, ordinal: outcomes.count, self.due, into: &batch)
                try await collections.add(cost, at: place, in: table, self)
                outcomes.append(WriteOutcome(old: old, new: new, cost: cost, table: table, place: place))
            }
            return outcomes
        }
    }

    // MARK: Reads

    func batchGetItem(_ call: Call<API.BatchGetItemInput>) async throws(DynamoDBError) -> [UInt8] {
        let requests = (call.input.requestItems ?? [:]).sorted { $0.key < $1.key }
        if requests.isEmpty { throw .validation("The requestItems parameter is required for BatchGetItem") }
        let total = requests.reduce(0) { $0 + ($1.value.keys?.count ?? 0) }
        if total > DynamoDBLimits.batchReadsMax {
            throw .validation("Too many items requested for the BatchGetItem call")
        }
        // They may not be mixed within the request either.
        let hasOld = requests.contains { $0.value.attributesToGet != nil }
        if hasOld, requests.contains(where: { $0.value.projectionExpression != nil }) {
            throw .validation(
                "Can not use both expression and non-expression parameters in the same request: "
                    + "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}")
        }
        var reads: [BatchRead] = []
        for (table, request) in requests { reads.append(try await batchRead(table, request, call)) }
        var json = JSONWriter(capacity: 16 << 10)
        json.beginObject()
        json.name("Responses")
        json.beginObject()
        var bytes = 0
        var left = total
        var long = LongAnswer(call.context.answerRoom)
        var capacities: [ConsumedCapacity] = []
        var unprocessed: [(read: BatchRead, from: Int)] = []
        for read in reads {
            json.name(read.requestName)
            json.beginArray()
            var consumed = ConsumedCapacity(table: read.table.name.table)
            var position = 0
            while position < read.places.count, bytes < DynamoDBLimits.batchReadBytesMax {
                let item = try await self.read(.items, read.places[position])?.head
                let size = item?.reading { ItemView($0).size } ?? 0
                item?.reading { json.write(ItemView($0), read.projection) }
                consumed.tableUnits += CapacityUnits.read(bytes: size, read.consistency)
                bytes += size
                position += 1
                left -= 1
                let rest = min(left * ItemLimits.itemSizeMax, DynamoDBLimits.batchReadBytesMax - bytes)
                try await long.pause(at: json.count, beforeUpTo: max(0, rest))
            }
            json.endArray()
            capacities.append(consumed)
            if position < read.places.count { unprocessed.append((read, position)) }
        }
        json.endObject()
        json.name("UnprocessedKeys")
        json.beginObject()
        for (read, position) in unprocessed {
            json.name(read.requestName)
            read.writeUnprocessed(from: position, call.arena, to: &json)
        }
        json.endObject()
        BatchAnswers.write(capacities, call.input.returnConsumedCapacity, to: &json)
        json.endObject()
        return await json.copyBytes(pausingIn: call.context.answerRoom)
    }

    private func batchRead(
        _ name: String, _ request: API.KeysAndAttributes, _ call: Call<API.BatchGetItemInput>
    ) async throws(DynamoDBError) -> BatchRead {
        var expressions = try ExpressionParameters(
            expressions: [("ProjectionExpression", request.projectionExpression)],
            legacy: [("AttributesToGet", request.attributesToGet != nil)], names: request.expressionAttributeNames,
            values: nil, valueUsers: [], arena: call.arena, valueProblem: call.valueProblem)
        var projection = try expressions.projection(request.projectionExpression)
        try expressions.checkAllUsed()
        if projection == nil { projection = try LegacyProjection.projection(request.attributesToGet) }
        // Equal values have equal forms: what is there twice shows before the table is looked for.
        let keys = request.keys ?? []
        guard Set(keys.map { call.arena.copyBytes($0) }).count == keys.count else {
            throw .validation("Provided list of item keys contains duplicates")
        }
        let table = try await table(try call.tableName(name))
        var places: [[UInt8]] = []
        for key in keys { places.append(try table.place(ofKey: call.item(key)).key) }
        try table.checkLeadsIntoNoKey(projection?.paths ?? [])
        return BatchRead(requestName: name, request: request, table: table, places: places, projection: projection)
    }
}

/// What a BatchGetItem reads of one table.
private struct BatchRead {
    /// The table as the request names it.
    let requestName: String
    let request: API.KeysAndAttributes
    let table: Table
    let places: [[UInt8]]
    let projection: Projection?

    var consistency: ReadConsistency { request.consistentRead == true ? .strong : .eventual }

    /// Writes the request for the keys from a position on.
    func writeUnprocessed(from position: Int, _ arena: RequestArena, to json: inout JSONWriter) {
        json.beginObject()
        json.name("Keys")
        json.beginArray()
        for key in (request.keys ?? [])[position...] { json.item(arena.item(key)) }
        json.endArray()
        json.member("AttributesToGet", request.attributesToGet)
        json.member("ConsistentRead", request.consistentRead)
        json.member("ProjectionExpression", request.projectionExpression)
        if let names = request.expressionAttributeNames {
            json.name("ExpressionAttributeNames")
            json.beginObject()
            for (name, value) in names.sorted(by: { $0.key < $1.key }) {
                json.name(name)
                json.string(value)
            }
            json.endObject()
        }
        json.endObject()
    }
}

/// ConsumedCapacity and ItemCollectionMetrics of an operation on several tables.
struct BatchAnswers {
    private let capacity: String?
    private let wantsCollections: Bool
    private var capacities: [ConsumedCapacity] = []
    private var collections: [(table: String, entries: [(item: [UInt8], bytes: Int, table: Table)])] = []

    init(capacity: String?, collections: String?) {
        self.capacity = capacity
        wantsCollections = collections == "SIZE"
    }

    /// - Parameter factor: what transactions multiply units by.
    mutating func add(
        _ outcomes: [WriteOutcome], of name: TableName, factor: Double = 1, kind: ConsumedCapacity.Kind? = nil,
        _ service: DynamoDBService
    ) async throws(DynamoDBError) {
        var consumed = ConsumedCapacity(table: name.table)
        consumed.kind = kind
        for outcome in outcomes { consumed.add(outcome.cost, factor: factor) }
        capacities.append(consumed)
        guard wantsCollections else { return }
        var entries: [(item: [UInt8], bytes: Int, table: Table)] = []
        for outcome in outcomes {
            guard let item = outcome.new ?? outcome.old,
                let bytes = try await service.collectionBytes(of: outcome.place, in: outcome.table)
            else { continue }
            entries.append((item, bytes, outcome.table))
        }
        if !entries.isEmpty { collections.append((name.table, entries)) }
    }

    /// What was consumed of a table without writing.
    mutating func add(_ consumed: ConsumedCapacity) { capacities.append(consumed) }

    func write(to json: inout JSONWriter) {
        if !collections.isEmpty {
            json.name("ItemCollectionMetrics")
            json.beginObject()
            for (table, entries) in collections {
                json.name(table)
                json.beginArray()
                for entry in entries {
                    entry.item.reading {
                        WriteAnswer.writeCollection($0, bytes: entry.bytes, entry.table, to: &json)
                    }
                }
                json.endArray()
            }
            json.endObject()
        }
        Self.write(capacities, capacity, to: &json)
    }

    /// Adds what was consumed to that of the same table.
    static func merge(_ consumed: ConsumedCapacity, into capacities: inout [ConsumedCapacity]) {
        if let position = capacities.firstIndex(where: { $0.table == consumed.table }) {
            capacities[position].add(consumed)
        } else {
            capacities.append(consumed)
        }
    }

    static func write(_ capacities: [ConsumedCapacity], _ wish: String?, to json: inout JSONWriter) {
        guard let detail = CapacityDetail(rawValue: wish ?? "NONE"), detail != .none else { return }
        json.name("ConsumedCapacity")
        json.beginArray()
        for consumed in capacities { consumed.write(detail, to: &json) }
        json.endArray()
    }
}
