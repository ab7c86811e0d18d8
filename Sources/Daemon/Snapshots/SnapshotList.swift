internal import LogStore
private import NIOHTTP1

/// The snapshots of a store, shown.
struct SnapshotList {
    private let snapshots: [CheckpointInfo]
    private let heldBytes: UInt64

    /// - Parameter heldBytes: what all of them together keep and the store itself no longer needs.
    init(_ snapshots: [CheckpointInfo], heldBytes: UInt64) {
        self.snapshots = snapshots
        self.heldBytes = heldBytes
    }

    var outcome: AdminOutcome { AdminOutcome(status: .ok, json: json, text: text) }

    private var json: String {
        "{\"snapshots\":[\(snapshots.map(Self.json).joined(separator: ","))],\"held_bytes\":\(heldBytes)}"
    }

    /// One snapshot as a JSON object.
    static func json(_ info: CheckpointInfo) -> String {
        "{\"name\":\(JSONText.quoted(info.name)),\"created\":\(JSONText.quoted(created(info))),"
            + "\"sequence\":\(info.sequence),\"tables\":\(info.tables),\"bytes\":\(info.bytes),"
            + "\"held_bytes\":\(info.heldBytes),\"own_bytes\":\(info.ownBytes)}"
    }

    /// A table with a line for each, oldest first.
    private var text: String {
        var rows = [["NAME", "SAVED", "SIZE", "HELD", "OWN"]]
        for info in snapshots {
            rows.append(
                [info.name, Self.created(info)] + [info.bytes, info.heldBytes, info.ownBytes].map(Self.size))
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                // Names and times begin at their left edge, numbers end at their right one.
                return column < 2 ? cell.0 + padding : padding + cell.0
            }
            return cells.joined(separator: "  ") + "\n"
        }
        return lines.joined() + "held by snapshots alone: \(Self.size(heldBytes))\n"
    }

    private static func created(_ info: CheckpointInfo) -> String {
        var bytes: [UInt8] = []
        var writer = TimestampText()
        writer.append(milliseconds: Int64(clamping: info.createdMilliseconds), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A number of bytes with one decimal, in the largest unit of which there is one.
    static func size(_ bytes: UInt64) -> String {
        var (value, unit) = (Double(bytes), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        while value >= 1024, unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        if unit == 0 { return "\(bytes) B" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
