private import Bytes
internal import DynamoDB
private import LabClock
private import LogStore
private import NIOHTTP1

/// Partitions of tables, for people and programs.
enum TableText {
    /// All that a table has had, with a line for each.
    static func partitions(_ partitions: [Partition]) -> AdminOutcome {
        var rows = [["PARTITION", "FROM", "TO", "PARENT", "STATE", "MADE"]]
        for partition in partitions {
            rows.append([
                "\(partition.id)", hash(partition.lower), hash(partition.upper),
                partition.parent.map { "\($0)" } ?? "-", partition.isOpen ? "open" : "split",
                TimeText.describe(partition.created),
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                // Nothing follows the last one.
                column == row.count - 1
                    ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count)
            }.joined(separator: "  ") + "\n"
        }
        return AdminOutcome(
            status: .ok, json: "{\"partitions\":[\(partitions.map(json).joined(separator: ","))]}",
            text: lines.joined())
    }

    static func split(_ partition: UInt64, _ halves: [Partition]) -> AdminOutcome {
        let names = halves.map { "\($0.id)" }.joined(separator: " and ")
        return AdminOutcome(
            status: .ok, json: "{\"split\":\(partition),\"partitions\":[\(halves.map(json).joined(separator: ","))]}",
            text: "split \(partition) into \(names)\n")
    }

    private static func json(_ partition: Partition) -> String {
        let parent = partition.parent.map { "\($0)" } ?? "null"
        let end = partition.end.map { "\($0.rawValue)" } ?? "null"
        return "{\"id\":\(partition.id),\"from\":\"\(hash(partition.lower))\",\"to\":\"\(hash(partition.upper))\","
            + "\"parent\":\(parent),\"open\":\(partition.isOpen),\"begin\":\(partition.begin.rawValue),\"end\":\(end),"
            + "\"created\":\(JSONText.quoted(TimeText.describe(partition.created)))}"
    }

    /// A hash in its sixteen digits.
    static func hash(_ hash: UInt64) -> String { Hex.encode(hash) }
}
