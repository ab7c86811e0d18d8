/// Finds on which line of a TOML text a key stands. The parser does not say, and a message without a line is half a
/// message.
///
/// It knows only what configuration files use: `key = …` and `"key" = …` lines under `[table]` and `[[table]]` headers.
/// A key written in another way (inside an inline table, say) has no line, and the message then names the key alone.
struct TOMLLines {
    private let lines: [Substring]

    init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The 1-based line of the header that starts the given occurrence (from 0) of a table.
    func header(ofTable table: String, occurrence: Int) -> Int? {
        var seen = -1
        for (index, line) in lines.enumerated() where Self.header(of: line) == table {
            seen += 1
            if seen == occurrence { return index + 1 }
        }
        return nil
    }

    /// The 1-based line of a key, at the top level (`table` nil) or within an occurrence (from 0) of a table.
    func line(ofKey key: String, inTable table: String?, occurrence: Int) -> Int? {
        var current: String?
        var seen = -1
        for (index, line) in lines.enumerated() {
            if let header = Self.header(of: line) {
                current = header
                if header == table { seen += 1 }
                if table == nil, header == key { return index + 1 }
            } else if current == table, table == nil || seen == occurrence, Self.key(of: line) == key {
                return index + 1
            }
        }
        return nil
    }

    private static func header(of line: Substring) -> String? {
        let trimmed = line.trimmingASCIISpace()
        guard trimmed.hasPrefix("[") else { return nil }
        return String(trimmed.drop { $0 == "[" }.prefix { $0 != "]" }.trimmingASCIISpace())
    }

    private static func key(of line: Substring) -> String? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        var name = line[..<equals].trimmingASCIISpace()
        if name.count >= 2, let quote = name.first, quote == "\"" || quote == "'", name.last == quote {
            name = name.dropFirst().dropLast()
        }
        return String(name)
    }
}
