import Expressions
import Items
import LogStore

extension DynamoDBService {
    func getItem(_ call: Call<API.GetItemInput>) async throws(DynamoDBError) -> [UInt8] {
        let input = call.input
        var expressions = try ExpressionParameters(
            expressions: [("ProjectionExpression", input.projectionExpression)],
            legacy: [("AttributesToGet", input.attributesToGet != nil)], names: input.expressionAttributeNames,
            values: nil, valueUsers: [], arena: call.arena, valueProblem: call.valueProblem)
        var projection = try expressions.projection(input.projectionExpression)
        try expressions.checkAllUsed()
        if projection == nil { projection = try LegacyProjection.projection(input.attributesToGet) }
        let name = try call.tableName(input.tableName)
        let table = try await table(name)
        let place = try call.bytes(input.key).reading { (key) throws(DynamoDBError) in
            try table.place(ofKey: ItemView(key))
        }
        try table.checkLeadsIntoNoKey(projection?.paths ?? [])
        let value = try await read(.items, place.key)
        let item = value?.head
        var json = JSONWriter(capacity: 256 + 2 * (item?.count ?? 0))
        json.beginObject()
        item?.reading { bytes in
            json.name("Item")
            json.write(ItemView(bytes), projection)
        }
        if let detail = CapacityDetail(rawValue: input.returnConsumedCapacity ?? "NONE"), detail != .none {
            let size = item?.reading { ItemView($0).size } ?? 0
            var consumed = ConsumedCapacity(table: name.table)
            consumed.tableUnits = CapacityUnits.read(bytes: size, input.consistentRead == true ? .strong : .eventual)
            json.name("ConsumedCapacity")
            consumed.write(detail, to: &json)
        }
        json.endObject()
        return json.copyBytes()
    }
}

extension JSONWriter {
    /// Writes an item, or the parts of it that a projection asks for.
    mutating func write(_ item: ItemView, _ projection: Projection?) {
        guard let projection else { return self.item(item) }
        if let attributes = projection.attributes { return self.item(item, only: attributes) }
        var builder = ValueBuilder(capacity: item.bytes.count)
        let range = projection.apply(to: item, into: &builder)
        self.item(builder.item(at: range))
    }
}
