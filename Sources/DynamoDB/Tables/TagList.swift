import Items

/// A table's tags.
enum TagList {
    /// - Throws: `ValidationException` for tags that are not allowed.
    static func read(_ tags: [API.Tag]) throws(DynamoDBError) -> [API.Tag] {
        var keys: Set<String> = []
        for tag in tags {
            let key = tag.key ?? ""
            if key.hasPrefix("aws:") {
                throw .validation(
                    "One or more parameter values were invalid: System tags cannot be updated by requester")
            }
            guard keys.insert(key).inserted else {
                throw .validation("One or more parameter values were invalid: Duplicate tag keys: \(key)")
            }
        }
        try checkCount(tags.count)
        return tags
    }

    static func checkCount(_ count: Int) throws(DynamoDBError) {
        if count > DynamoDBLimits.tagsMax {
            throw .validation(
                "One or more parameter values were invalid: Too many tags: \(count), at most \(DynamoDBLimits.tagsMax)")
        }
    }

    static func encode(_ tags: [API.Tag]) -> [UInt8] {
        var record = RecordWriter()
        for tag in tags { record.set(tag.key ?? "", tag.value ?? "") }
        return record.finish()
    }

    static func decode(_ bytes: [UInt8]) throws(DynamoDBError) -> [API.Tag] {
        try RecordReader.read(bytes) { (record) throws(DynamoDBError) in record.allStrings }
            .map { API.Tag(key: $0.name, value: $0.value) }
    }
}
