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
            try check(key, member: "key", 1...keyLengthMax)
            guard let value = tag.value else {
                throw .validation(
                    "1 validation error detected: Value null at 'tags.1.member.value' failed to satisfy constraint: "
                        + "Member must not be null")
            }
            try check(value, member: "value", 0...valueLengthMax)
            guard keys.insert(key).inserted else {
                throw .validation("One or more parameter values were invalid: Duplicate tag keys: \(key)")
            }
        }
        try checkCount(tags.count)
        return tags
    }

    /// Characters (UTF-16) of a key and of a value: AWS's limits for tags of all services.
    private static let keyLengthMax = 128
    private static let valueLengthMax = 256

    private static func check(
        _ text: String, member: String, _ lengths: ClosedRange<Int>
    ) throws(DynamoDBError) {
        func violation(_ constraint: String) -> DynamoDBError {
            .validation(
                "1 validation error detected: Value '\(text)' at 'tags.1.member.\(member)' failed to satisfy "
                    + "constraint: Member must \(constraint)")
        }
        let length = text.utf16.count
        if length < lengths.lowerBound {
            throw violation("have length greater than or equal to \(lengths.lowerBound)")
        }
        if length > lengths.upperBound {
            throw violation("have length less than or equal to \(lengths.upperBound)")
        }
        let isAllowed = text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || "_.:/=+-@".unicodeScalars.contains(scalar) || scalar.properties.generalCategory == .spaceSeparator
        }
        if !isAllowed {
            throw violation(#"satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"#)
        }
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
