internal import Bytes

/// Merging around damage.
///
/// A table that cannot be read as a whole stays where it is, and so does the order around it: nothing newer than it may
/// sink past its keys, nothing older may rise. In deeper levels the merges that would take it in are left out. Level 0,
/// which is merged as a whole, is merged without the keys of such tables (*held keys*): those stay in level 0, as a run
/// of their own, above the table. A sound table of the base level that lies under a damaged one of level 0 stays too,
/// and holds its keys like a damaged one: its entries are older than the ones that cannot be read.
extension TreeShape {
    var hasUnfit: Bool {
        level0.contains { $0.tables.contains(where: \.isUnfit) } || levels.joined().contains(where: \.isUnfit)
    }

    /// The tree that merges are chosen from: of level 0 only the runs that may be merged with each other now.
    ///
    /// Damaged tables divide level 0 into parts. The oldest part that still has something to hand down goes first, so
    /// that a newer one never passes an older one.
    func mergeable(baseLevel: Int) -> (tree: TreeShape, held: KeyRanges) {
        var parts: [(runs: [Run], held: KeyRanges)] = []
        // The tables that stay where they are, under the next run.
        var staying = levels[baseLevel].filter(\.isUnfit)
        var runs: [Run] = []
        // From the oldest run on. A damaged table holds its keys for its own run and all newer ones.
        for run in level0.reversed() {
            let damaged = run.tables.filter(\.isUnfit)
            if !damaged.isEmpty {
                if !runs.isEmpty { parts.append((runs, KeyRanges(staying))) }
                runs = []
                staying += damaged
                for table in damaged {
                    let below = overlap(level: baseLevel, smallest: table.smallestKey, largest: table.largestKey)
                    staying += levels[baseLevel][below]
                }
            }
            let whole = run.tables.filter { !$0.isUnfit }
            if !whole.isEmpty { runs.insert(Run(id: run.id, tables: whole), at: 0) }
        }
        parts.append((runs, KeyRanges(staying)))
        let next = parts.first { part in
            part.runs.contains { $0.tables.contains { !part.held.covers($0.smallestKey, $0.largestKey) } }
        }
        var tree = self
        // With nothing to hand down, the newest runs may still be merged among themselves.
        let part = next ?? parts[parts.count - 1]
        tree.level0 = part.runs
        tree.newerRuns = level0.prefix { $0.id > part.runs.first?.id ?? .max }.count
        tree.isLevel0Held = next == nil && !part.held.isEmpty
        return (tree, part.held)
    }
}
