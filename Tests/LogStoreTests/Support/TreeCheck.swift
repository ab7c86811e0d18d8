import Bytes
import Testing

@testable import LogStore

extension LogStore {
    /// What the shape of every keyspace must fulfil at any time: runs in order, tables within a run or level disjoint
    /// and in order, at most one run a level, and the manifest of the same opinion.
    func checkTree() {
        let version = version
        for keyspace in Keyspace.allCases {
            let runs = version.runs(keyspace)
            for (newer, older) in zip(runs, runs.dropFirst()) { #expect(newer.isNewer(than: older)) }
            for run in runs {
                #expect(run.firstOverlap == nil, "\(keyspace), level \(run.level): \(run.ranges)")
                #expect(run.level == 0 || run.id == 0)
                #expect(!run.tables.isEmpty)
                for table in run.tables {
                    #expect(!precedes(table.properties.largestKey, table.properties.smallestKey))
                }
            }
        }
        let named = manifest.state.tables.map(\.file).sorted()
        #expect(named == version.allTables.map(\.number).sorted())
    }

    /// Deeper levels in use in any keyspace.
    var usedLevels: Set<Int> {
        let version = version
        return Set(Keyspace.allCases.flatMap { version.runs($0).map(\.level) })
    }
}

extension SortedRun {
    /// The key ranges of the tables, for messages.
    var ranges: String {
        tables.map { table in
            let properties = table.properties
            return "\(table.number): \(String(decoding: properties.smallestKey, as: UTF8.self))"
                + "…\(String(decoding: properties.largestKey, as: UTF8.self))"
        }.joined(separator: ", ")
    }
}
