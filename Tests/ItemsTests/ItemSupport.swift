import Items

/// An item's stored form, read from text that must be good.
func storedItem(_ json: String) throws -> [UInt8] {
    var json = json
    return try json.withUTF8 { text in
        var reader = JSONReader(UnsafeRawBufferPointer(text))
        var builder = ValueBuilder(capacity: text.count)
        guard let item = try reader.readItem(into: &builder) else { throw InputError.validation("null") }
        try reader.end()
        if let problem = reader.takeProblem() { throw InputError.validation(problem) }
        return Array(builder.item(at: item).bytes)
    }
}

/// Why text is refused as an item; nil when it is not.
func refusal(_ json: [UInt8]) -> InputError? {
    json.withUnsafeBytes { (text) -> InputError? in
        var reader = JSONReader(text)
        var builder = ValueBuilder(capacity: text.count)
        do throws(InputError) {
            guard try reader.readItem(into: &builder) != nil else { return nil }
            try reader.end()
        } catch {
            return error
        }
        return reader.takeProblem().map { .validation($0) }
    }
}

/// As of bytes.
func refusal(_ json: String) -> InputError? { refusal(Array(json.utf8)) }

extension [UInt8] {
    /// Looks at an item's stored form.
    func withItem<Result>(_ body: (ItemView) throws -> Result) rethrows -> Result {
        try withUnsafeBytes { try body(ItemView($0)) }
    }
}

/// An item written as JSON.
func jsonText(_ item: [UInt8]) -> [UInt8] {
    item.withItem { view in
        var writer = JSONWriter()
        writer.item(view)
        return writer.copyBytes()
    }
}
