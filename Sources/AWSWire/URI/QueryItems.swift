/// One `name=value` of a query.
package struct QueryItem: Sendable, Equatable {
    /// Decoded once; `+` is a space.
    package var name: String
    /// Decoded once; empty when there was none.
    package var value: String
    /// As sent.
    package var rawName: Substring
    /// As sent; empty when there was none.
    package var rawValue: Substring
    /// Whether there was a `=`: `?acl` and `?acl=` mean the same but sign differently in signature version 2.
    package var hasValue: Bool
}

/// The parameters of a query in the order sent, duplicates included.
package struct QueryItems: Sendable, Equatable {
    package private(set) var items: [QueryItem]

    /// No parameters.
    package static let empty = QueryItems(items: [])

    private init(items: [QueryItem]) { self.items = items }

    /// Splits a raw query at `&` and decodes each side once. Empty pieces (`a&&b`) are skipped.
    ///
    /// - Throws: `.malformedPercentEncoding`, `.invalidUTF8`.
    package init(raw: Substring) throws(RequestTargetError) {
        items = []
        guard !raw.isEmpty else { return }
        for piece in raw.split(separator: "&", omittingEmptySubsequences: true) {
            let equals = piece.utf8.firstIndex(of: UInt8(ascii: "="))
            let rawName = piece[..<(equals ?? piece.endIndex)]
            let rawValue = equals.map { piece[piece.utf8.index(after: $0)...] } ?? ""
            items.append(
                QueryItem(
                    name: try Self.decoded(rawName), value: try Self.decoded(rawValue),
                    rawName: rawName, rawValue: rawValue, hasValue: equals != nil))
        }
    }

    private static func decoded(_ raw: Substring) throws(RequestTargetError) -> String {
        if !raw.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) { return String(raw) }
        guard let bytes = URLCoding.decode(raw.utf8, plusIsSpace: true) else { throw .malformedPercentEncoding }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
        return text
    }

    package var isEmpty: Bool { items.isEmpty }

    /// The decoded value of the first parameter of this name (names are case-sensitive); empty when it was given without one.
    package func first(name: String) -> String? {
        for item in items where item.name == name { return item.value }
        return nil
    }

    package func contains(_ name: String) -> Bool { items.contains { $0.name == name } }
}
