import Items

/// What a request wants to know of what it consumed.
enum CapacityDetail: String {
    case none = "NONE"
    case total = "TOTAL"
    case indexes = "INDEXES"
}

extension ConsumedCapacity {
    /// Writes the structure; nothing for `.none`.
    func write(_ detail: CapacityDetail, to json: inout JSONWriter) {
        json.beginObject()
        json.name("TableName")
        json.string(table)
        writeUnits(total, to: &json)
        if detail == .indexes {
            json.name("Table")
            json.beginObject()
            writeUnits(tableUnits, to: &json)
            json.endObject()
            write(localIndexes, as: "LocalSecondaryIndexes", to: &json)
            write(globalIndexes, as: "GlobalSecondaryIndexes", to: &json)
        }
        json.endObject()
    }

    private func write(
        _ indexes: [(name: String, units: Double)], as name: StaticString, to json: inout JSONWriter
    ) {
        guard !indexes.isEmpty else { return }
        json.name(name)
        json.beginObject()
        for index in indexes {
            json.name(index.name)
            json.beginObject()
            writeUnits(index.units, to: &json)
            json.endObject()
        }
        json.endObject()
    }

    private func writeUnits(_ units: Double, to json: inout JSONWriter) {
        json.name("CapacityUnits")
        json.double(units)
        switch kind {
        case .read?:
            json.name("ReadCapacityUnits")
            json.double(units)
        case .write?:
            json.name("WriteCapacityUnits")
            json.double(units)
        case nil: break
        }
    }
}
