/// The decoded query of a request target. Parameters keep their order; the first of a name counts.
package struct S3Query: Sendable {
    package struct Item: Sendable, Equatable {
        package var name: String
        /// Empty where the parameter has no `=`.
        package var value: String
    }

    package private(set) var items: [Item] = []

    /// No parameters: costs nothing.
    package init() {}

    /// Decodes what follows the `?`. A `+` is a space here, unlike in paths.
    ///
    /// - Throws: `InvalidURI` for a broken escape or text that is not UTF-8.
    package init(encoded bytes: Substring.UTF8View) throws(S3WireError) {
        for part in bytes.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = try Self.decode(part[..<(equals ?? part.endIndex)])
            let value = try equals.map { index throws(S3WireError) in
                try Self.decode(part[part.index(after: index)...])
            }
            items.append(Item(name: name, value: value ?? ""))
        }
    }

    /// The value of a parameter; nil when it is absent, empty when it has no value.
    package subscript(name: String) -> String? {
        for item in items where item.name == name { return item.value }
        return nil
    }

    private static func decode(_ bytes: Substring.UTF8View) throws(S3WireError) -> String {
        guard let decoded = PercentDecoding.decode(bytes, plusIsSpace: true),
            let text = String(validating: decoded, as: UTF8.self)
        else { throw S3WireError(.invalidURI, "The query of the request is not validly encoded UTF-8.") }
        return text
    }
}
