import Items

/// What PutItem, UpdateItem and DeleteItem answer.
struct WriteAnswer {
    /// What a request wants returned.
    struct Wishes {
        var capacity: String?
        var collections: String?
    }

    /// Writes ConsumedCapacity, when asked for.
    static func writeCapacity(_ outcome: WriteOutcome, _ wish: String?, to json: inout JSONWriter) {
        guard let detail = CapacityDetail(rawValue: wish ?? "NONE"), detail != .none else { return }
        json.name("ConsumedCapacity")
        ConsumedCapacity(outcome).write(detail, to: &json)
    }

    /// Writes one element of ItemCollectionMetrics: the partition key, and its items' size as a range of gigabytes.
    static func writeCollection(_ key: UnsafeRawBufferPointer, bytes: Int, _ table: Table, to json: inout JSONWriter) {
        let item = ItemView(key)
        json.beginObject()
        json.name("ItemCollectionKey")
        json.beginObject()
        for attribute in table.key.partition {
            guard let value = item[attribute.name] else { continue }
            json.name(attribute.name)
            json.value(value)
        }
        json.endObject()
        json.name("SizeEstimateRangeGB")
        json.beginArray()
        let gigabytes = bytes >> 30
        json.double(Double(gigabytes))
        json.double(Double(gigabytes + 1))
        json.endArray()
        json.endObject()
    }
}

extension DynamoDBService {
    /// The answer to a write of one item.
    ///
    /// - Parameter attributes: writes the object of attributes; nil for none.
    func answer(
        _ outcome: WriteOutcome, _ wishes: WriteAnswer.Wishes, attributes: [UInt8]?
    ) async throws(DynamoDBError) -> [UInt8] {
        var collection: Int?
        if wishes.collections == "SIZE" {
            collection = try await collectionBytes(of: outcome.place, in: outcome.table)
        }
        var json = JSONWriter()
        json.beginObject()
        if let attributes {
            json.name("Attributes")
            attributes.reading { json.item(ItemView($0)) }
        }
        WriteAnswer.writeCapacity(outcome, wishes.capacity, to: &json)
        if let collection, let item = outcome.new ?? outcome.old {
            json.name("ItemCollectionMetrics")
            item.reading { WriteAnswer.writeCollection($0, bytes: collection, outcome.table, to: &json) }
        }
        json.endObject()
        return json.copyBytes()
    }
}
