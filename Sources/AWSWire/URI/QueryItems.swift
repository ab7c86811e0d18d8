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
        guard !raw.isEmpty else {
            items = []
            return
        }
        var text = raw
        items = try text.withUTF8 { Self.parse($0, raw) }.get()
    }

    /// Works on bytes: splitting a string at a character would look for grapheme clusters.
    private static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, _ raw: Substring
    ) -> Result<[QueryItem], RequestTargetError> {
        var items: [QueryItem] = []
        items.reserveCapacity(8)
        let text = raw.utf8
        func part(_ range: Range<Int>) -> Substring {
            let start = text.index(text.startIndex, offsetBy: range.lowerBound)
            return raw[start..<text.index(start, offsetBy: range.count)]
        }
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count
            defer { start = end + 1 }
            guard end > start else { continue }
            let equals = bytes[start..<end].firstIndex(of: UInt8(ascii: "="))
            let name = start..<(equals ?? end)
            let value = (equals.map { $0 + 1 } ?? end)..<end
            do throws(RequestTargetError) {
                items.append(
                    QueryItem(
                        name: try decoded(bytes[name]), value: try decoded(bytes[value]),
                        rawName: part(name), rawValue: part(value), hasValue: equals != nil))
            } catch { return .failure(error) }
        }
        return .success(items)
    }

    private static func decoded(_ raw: Slice<UnsafeBufferPointer<UInt8>>) throws(RequestTargetError) -> String {
        let raw = UnsafeBufferPointer(rebasing: raw)
        if !raw.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) {
            return String(decoding: raw, as: UTF8.self)
        }
        guard let bytes = URLCoding.decode(raw, plusIsSpace: true) else { throw .malformedPercentEncoding }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
        return text
    }

    package var isEmpty: Bool { items.isEmpty }

    /// The decoded value of the first parameter of this name (names are case-sensitive); empty when it was given
    /// without one.
    package func first(name: String) -> String? {
        for item in items where item.name == name { return item.value }
        return nil
    }

    package func contains(_ name: String) -> Bool { items.contains { $0.name == name } }
}
