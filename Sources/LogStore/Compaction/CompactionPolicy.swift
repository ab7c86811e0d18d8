internal import Bytes

/// Which tables to merge next. A pure function of the shape of a keyspace's tree.
///
/// Level 0 goes to the base level when it has several runs and is not small beside what would be rewritten; until then
/// its runs are merged among themselves when they have about one size. A deeper level that holds more than its target
/// hands the tables down that overlap least with the next. Deletes weigh as much as what they hide, so that they sink
/// fast; they are dropped where nothing older lies below.
struct CompactionPolicy {
    /// A table is dense with deletes when they are more than half of its entries and at least this many. A scan passes
    /// fewer in about the time it takes to read a block from the disk.
    static let denseDeletesMin: UInt64 = 2048
    /// Deletes may hide this part of a keyspace.
    static let hiddenPart: UInt64 = 16
    /// A table smaller than a quarter of the target is merged with its neighbour when that is rewritten.
    static let smallTableFraction: UInt64 = 4
    /// Level 0 goes down at any size when no more than this part of a table would be rewritten with it.
    static let cheapOverlapFraction: UInt64 = 8
    /// A run of level 0 joins a merge among themselves when it is at most this many times as large as all newer ones
    /// together.
    private static let sizeRatio = 1.25
    /// Runs of level 0 that go down when reads have paid for them; a single one is not worth rewriting the base level.
    static let hintedRunsMin = 2
    /// In a quiet store level 0 goes down when it is as large as this part of the base level.
    static let level0PartInPeace: UInt64 = 4

    let settings: CompactionSettings
    var space = SpaceState.enough
    /// What readers of the keyspace have left word of: many deletes passed, much paid for the runs of level 0.
    var scansPassDeletes = false
    var readsPayForLevel0 = false
    /// No commits come: what costs little goes down without being asked for.
    var isQuiet = false

    /// The most urgent merge, and how urgent it is; above 1 is due. Nil when none is.
    func choose(_ tree: TreeShape) -> (plan: CompactionPlan, score: Double)? {
        var view = TreeView(tree, settings)
        if tree.hasUnfit {
            let (mergeable, held) = tree.mergeable(baseLevel: view.targets.baseLevel)
            view = TreeView(mergeable, settings, targets: view.targets)
            view.held = held
        }
        if let plan = planForSpace(view) { return (plan, .infinity) }
        for candidate in candidates(view) {
            let plan =
                switch candidate.cause {
                case .level0: level0Plan(view)
                case .level(let level): levelPlan(view, level)
                case .dense(let level): densePlan(view, level)
                case .hidden: hiddenPlan(view, reason: .deletes)
                }
            if let plan { return (plan, candidate.score) }
        }
        return nil
    }

    // MARK: What is due

    private enum Cause {
        case level0
        case level(Int)
        case dense(Int)
        case hidden
    }

    private func candidates(_ view: TreeView) -> [(cause: Cause, score: Double)] {
        var found: [(cause: Cause, score: Double)] = []
        let tree = view.tree
        let runs = tree.level0.count + tree.newerRuns
        if !tree.level0.isEmpty, runs >= settings.level0RunsMin {
            found.append((.level0, Double(runs) / Double(settings.level0RunsMin)))
        } else if readsPayForLevel0, tree.level0.count >= Self.hintedRunsMin {
            found.append((.level0, 1))
        } else if isQuiet, !tree.hasUnfit, isLargeForPeace(view) {
            found.append((.level0, 0.5))
        }
        for level in 1..<TreeShape.lastLevel where !tree.levels[level].isEmpty {
            let score = view.score(level)
            if score > 1 { found.append((.level(level), score)) }
        }
        if isDense(entries: view.level0Entries, deletes: view.level0Deletes) { found.append((.dense(0), 2)) }
        for level in 1...TreeShape.lastLevel where tree.levels[level].contains(where: isDense) {
            found.append((.dense(level), 2))
        }
        if scansPassDeletes, view.mostDeletes >= Self.denseDeletesMin { found.append((.hidden, 3)) }
        let hidden = view.hiddenBytes
        let limit = max(settings.hiddenBytesMin, view.totalBytes / Self.hiddenPart)
        if hidden > limit { found.append((.hidden, Double(hidden) / Double(limit))) }
        return found.sorted { $0.score > $1.score }
    }

    /// Whether level 0 is worth a merge in a quiet store: for the space that what it replaces takes, and for readers.
    private func isLargeForPeace(_ view: TreeView) -> Bool {
        let base = view.tree.bytes(ofLevel: view.targets.baseLevel)
        return view.level0Weight.saturatingMultiplied(by: Self.level0PartInPeace) >= base
            && view.tree.level0.count >= (base > 0 ? 1 : Self.hintedRunsMin)
    }

    private func isDense(_ table: TableShape) -> Bool { isDense(entries: table.entries, deletes: table.deletes) }

    private func isDense(entries: UInt64, deletes: UInt64) -> Bool {
        deletes >= Self.denseDeletesMin && deletes * 2 > entries
    }

    // MARK: Level 0

    private func level0Plan(_ view: TreeView) -> CompactionPlan? {
        guard let down = DownwardMerge(ofLevel0: view, settings) else { return level0RunsPlan(view.tree.level0) }
        let limit = max(
            view.level0Weight.saturatingMultiplied(by: CompactionSettings.level0OverlapMax),
            settings.tableBytes / Self.cheapOverlapFraction)
        if down.overlapBytes <= limit || view.tree.newerRuns > 0 { return down.plan(.level0) }
        return level0RunsPlan(view.tree.level0)
    }

    /// Merges the newest runs that have about one size.
    private func level0RunsPlan(_ runs: [TreeShape.Run]) -> CompactionPlan? {
        var bytes = Double(runs[0].bytes)
        var count = 1
        while count < runs.count, Double(runs[count].bytes) <= bytes * Self.sizeRatio {
            bytes += Double(runs[count].bytes)
            count += 1
        }
        let least = readsPayForLevel0 ? Self.hintedRunsMin : settings.level0RunsMin
        if count < least {
            guard readsPayForLevel0 || runs.count > settings.level0RunsMax else { return nil }
            count = least
        }
        return CompactionPlan(
            reason: .level0Runs, sources: runs[..<count].map { $0.tables.map(\.file) }, outputLevel: 0,
            outputRun: runs[0].id)
    }

    // MARK: Deeper levels

    /// Hands down the tables that overlap least with the next level, for their weight.
    private func levelPlan(_ view: TreeView, _ level: Int) -> CompactionPlan? {
        let tables = view.tree.levels[level]
        var best: (index: Int, ratio: Double)?
        for (index, table) in tables.enumerated() where !view.isBlocked(level: level, table) {
            let overlap = view.overlapBytes(level: level + 1, smallest: table.smallestKey, largest: table.largestKey)
            let ratio = Double(overlap) / Double(max(1, view.weight(table)))
            if best.map({ ratio < $0.ratio }) ?? true { best = (index, ratio) }
        }
        guard let best else { return nil }
        let target = view.targets.bytes[level]
        let bytes = view.tree.bytes(ofLevel: level)
        var merge = DownwardMerge(view, level: level, index: best.index, settings)
        merge.grow(excess: bytes > target ? bytes - target : 0)
        return merge.plan(.levelSize)
    }

    // MARK: Deletes

    private func densePlan(_ view: TreeView, _ level: Int) -> CompactionPlan? {
        if level == 0 { return DownwardMerge(ofLevel0: view, settings)?.plan(.deletes) }
        let index = view.tree.levels[level].firstIndex { isDense($0) && !view.isBlocked(level: level, $0) }
        guard let index else { return nil }
        var merge = DownwardMerge(view, level: level, index: index, settings)
        merge.grow(while: isDense)
        return merge.plan(.deletes)
    }

    /// Hands down what hides most.
    private func hiddenPlan(_ view: TreeView, reason: CompactionPlan.Reason) -> CompactionPlan? {
        var best: (level: Int, index: Int, deletes: UInt64)?
        for level in 1...TreeShape.lastLevel {
            for (index, table) in view.tree.levels[level].enumerated()
            where table.deletes > best?.deletes ?? 0 && !view.isBlocked(level: level, table) {
                best = (level, index, table.deletes)
            }
        }
        if view.level0Deletes > best?.deletes ?? 0, let down = DownwardMerge(ofLevel0: view, settings) {
            return down.plan(reason)
        }
        guard let best else { return nil }
        return DownwardMerge(view, level: best.level, index: best.index, settings).plan(reason)
    }

    // MARK: Space

    private func planForSpace(_ view: TreeView) -> CompactionPlan? {
        switch space {
        case .enough: return nil
        case .nearlyShort: return hiddenPlan(view, reason: .space)
        case .short:
            if let plan = hiddenPlan(view, reason: .space) { return plan }
            let tree = view.tree
            if let down = DownwardMerge(ofLevel0: view, settings), tree.level0.count > 1 || down.overlapBytes > 0 {
                return down.plan(.space)
            }
            for level in 1..<TreeShape.lastLevel {
                let index = tree.levels[level].firstIndex {
                    tree.hasOverlap(below: level, smallest: $0.smallestKey, largest: $0.largestKey)
                        && !view.isBlocked(level: level, $0)
                }
                if let index { return DownwardMerge(view, level: level, index: index, settings).plan(.space) }
            }
            return nil
        }
    }
}

extension UInt64 {
    func saturatingMultiplied(by other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
