/// A table of findings, for people and for programs.
package struct InspectionReport: Sendable {
    enum Cell: Sendable {
        case text(String)
        case number(UInt64)
        /// A number as somebody else wrote it, fit for JSON.
        case figure(String)

        var text: String {
            switch self {
            case .text(let text): text
            case .number(let number): String(number)
            case .figure(let digits): digits
            }
        }

        var json: String {
            switch self {
            case .text(let text): JSONText.quoted(text)
            case .number(let number): String(number)
            case .figure(let digits): digits
            }
        }
    }

    let storeID: String
    var columns: [String]
    var rows: [[Cell]] = []

    /// The store's id, then columns under their names. Numbers stand to the right.
    package var text: String {
        var widths = columns.map(\.count)
        for row in rows {
            for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.text.count) }
        }
        var lines = ["store \(storeID), \(rows.count) rows"]
        lines.append(zip(columns, widths).map { $0 + Self.space($1 - $0.count) }.joined(separator: "  "))
        for row in rows {
            let cells = zip(row, widths).map { cell, width in
                let gap = Self.space(width - cell.text.count)
                if case .text = cell { return cell.text + gap }
                return gap + cell.text
            }
            lines.append(cells.joined(separator: "  "))
        }
        return lines.map { line in
            var end = line[...]
            while end.last == " " { end = end.dropLast() }
            return end + "\n"
        }.joined()
    }

    /// `{"store":…,"rows":[{column:value,…},…]}`.
    package var json: String {
        let objects = rows.map { row in
            "{" + zip(columns, row).map { "\(JSONText.quoted($0)):\($1.json)" }.joined(separator: ",") + "}"
        }
        return "{\"store\":\(JSONText.quoted(storeID)),\"rows\":[\(objects.joined(separator: ","))]}"
    }

    private static func space(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
