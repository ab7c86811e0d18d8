import Bytes
import Testing

@testable import LogStore

extension LogStore {
    /// What the shape of every keyspace must fulfil at any time: runs in order, tables within a run or level disjoint
    /// and in order, at most one run a level, and the manifest of the same opinion. Says what does not; nil when all
    /// does.
    var treeFault: String? {
        let version = version
        for keyspace in Keyspace.allCases {
            let runs = version.runs(keyspace)
            for (newer, older) in zip(runs, runs.dropFirst()) where !newer.isNewer(than: older) {
                return "\(keyspace): runs of level \(newer.level) and \(older.level) are out of order"
            }
            for run in runs {
                if run.firstOverlap != nil { return "\(keyspace), level \(run.level): \(run.ranges)" }
                if run.level > 0, run.id != 0 { return "\(keyspace), level \(run.level): run \(run.id)" }
                if run.tables.isEmpty { return "\(keyspace), level \(run.level): an empty run" }
            }
        }
        let named = manifest.state.tables.map(\.file).sorted()
        return named == version.allTables.map(\.number).sorted() ? nil : "the manifest names other tables"
    }

    func checkTree() { #expect(treeFault == nil) }

    /// Levels in use in any keyspace.
    var usedLevels: Set<Int> {
        let version = version
        return Set(Keyspace.allCases.flatMap { version.runs($0).map(\.level) })
    }
}

extension SortedRun {
    /// The key ranges of the tables, for messages.
    fileprivate var ranges: String {
        tables.map { table in
            let properties = table.properties
            return "\(table.number): \(Hex.encode(properties.smallestKey))…\(Hex.encode(properties.largestKey))"
        }.joined(separator: ", ")
    }
}
