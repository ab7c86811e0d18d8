internal import Bytes

/// What the compaction policy looks at of a table.
struct TableShape: Sendable, Equatable {
    var file: UInt64
    /// Length of the file.
    var bytes: UInt64
    var entries: UInt64
    var deletes: UInt64
    /// Bytes in extents that its values name.
    var extentBytes: UInt64 = 0
    var smallestKey: [UInt8]
    var largestKey: [UInt8]
    /// Damaged: no merge can take it in.
    var isUnfit = false
}

/// What the compaction policy looks at of a keyspace: level 0 run by run, and one ordered list of disjoint tables for
/// each deeper level.
struct TreeShape: Sendable {
    /// A run of level 0.
    struct Run: Sendable {
        var id: UInt64
        /// In ascending order, disjoint.
        var tables: [TableShape]

        var bytes: UInt64 { tables.reduce(0) { $0 + $1.bytes } }
        var entries: UInt64 { tables.reduce(0) { $0 + $1.entries } }
        var deletes: UInt64 { tables.reduce(0) { $0 + $1.deletes } }
    }

    /// The deepest level. Six levels of ten times the one above are more than any disk holds.
    static let lastLevel = 6

    /// Newest first.
    var level0: [Run] = []
    /// The tables of level n at index n; index 0 is not used.
    var levels: [[TableShape]] = Array(repeating: [], count: lastLevel + 1)

    /// All keys of level 0 lie over damaged tables: none can go down.
    var isLevel0Held = false
    /// Runs of level 0 that are left out because older ones must go down before them.
    var newerRuns = 0

    init() {}

    init(_ runs: [SortedRun]) {
        for (index, run) in runs.enumerated() {
            let older = runs[(index + 1)...]
            let tables = run.tables.map { TableShape($0, older: older) }
            if run.level == 0 {
                level0.append(Run(id: run.id, tables: tables))
            } else {
                levels[run.level] = tables
            }
        }
    }

    var isEmpty: Bool { level0.isEmpty && levels.allSatisfy(\.isEmpty) }

    func bytes(ofLevel level: Int) -> UInt64 {
        level == 0 ? level0.reduce(0) { $0 + $1.bytes } : levels[level].reduce(0) { $0 + $1.bytes }
    }

    /// The tables of a deeper level whose keys lie in `smallest...largest`, by index.
    func overlap(level: Int, smallest: [UInt8], largest: [UInt8]) -> Range<Int> {
        let tables = levels[level]
        let first = tables.partitioningIndex { !precedes($0.largestKey, smallest) }
        let end = tables.partitioningIndex { precedes(largest, $0.smallestKey) }
        return first..<max(first, end)
    }

    /// Whether a level below `level` has tables in that range.
    func hasOverlap(below level: Int, smallest: [UInt8], largest: [UInt8]) -> Bool {
        guard level < Self.lastLevel else { return false }
        return ((level + 1)...Self.lastLevel).contains {
            !overlap(level: $0, smallest: smallest, largest: largest).isEmpty
        }
    }
}

extension TableShape {
    /// - Parameter older: the runs behind the table's own. What its range deletes hide there counts as that many
    ///   deletes.
    init(_ table: Table, older: ArraySlice<SortedRun>) {
        let properties = table.properties
        var hidden: UInt64 = 0
        if !properties.rangeDeletes.isEmpty {
            hidden = RangeDeleteScope(tables: older.flatMap(\.tables)).hiddenEntries(properties.rangeDeletes)
        }
        self.init(
            file: table.number, bytes: table.length, entries: properties.entryCount,
            deletes: properties.deleteCount + hidden,
            extentBytes: properties.extentReferences.reduce(0) { $0 + $1.storedBytes },
            smallestKey: properties.smallestKey, largestKey: properties.largestKey, isUnfit: table.isUnfit)
    }
}

extension Array {
    /// The first index whose element fulfils a condition that all behind it fulfil too; `count` when none does.
    func partitioningIndex(where holds: (Element) -> Bool) -> Int {
        var lower = 0
        var upper = count
        while lower < upper {
            let middle = (lower + upper) / 2
            if holds(self[middle]) { upper = middle } else { lower = middle + 1 }
        }
        return lower
    }
}
