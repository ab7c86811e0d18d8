internal import Bytes

/// A merge of neighbouring tables of one level into the next, or of the whole level 0 into the base level, as it is put
/// together.
struct DownwardMerge {
    private let view: TreeView
    private let settings: CompactionSettings
    /// Where the tables come from; 0 for the whole level 0.
    private let level: Int
    private let outputLevel: Int
    /// The upper tables, in their level; empty for level 0.
    private var upper: Range<Int>
    private var smallest: [UInt8]
    private var largest: [UInt8]
    /// The tables of `outputLevel` that are merged with them.
    private var lower: Range<Int> = 0..<0

    /// Nil when level 0 is empty, or all of it lies over damage.
    init?(ofLevel0 view: TreeView, _ settings: CompactionSettings) {
        let tables = view.tree.level0.flatMap(\.tables)
        guard let first = tables.first, !view.tree.isLevel0Held else { return nil }
        self.view = view
        self.settings = settings
        level = 0
        outputLevel = view.targets.baseLevel
        upper = 0..<0
        smallest = tables.reduce(first.smallestKey) { precedes($1.smallestKey, $0) ? $1.smallestKey : $0 }
        largest = tables.reduce(first.largestKey) { precedes($0, $1.largestKey) ? $1.largestKey : $0 }
        lower = lowerRange(smallest, largest, weight: view.level0Weight)
    }

    /// Of one table. One of the last level is rewritten where it is.
    init(_ view: TreeView, level: Int, index: Int, _ settings: CompactionSettings) {
        self.view = view
        self.settings = settings
        self.level = level
        outputLevel = min(level + 1, TreeShape.lastLevel)
        upper = index..<(index + 1)
        let table = view.tree.levels[level][index]
        smallest = table.smallestKey
        largest = table.largestKey
        if outputLevel > level { lower = lowerRange(smallest, largest, weight: view.weight(table)) }
    }

    /// Bytes that are rewritten besides the upper tables.
    var overlapBytes: UInt64 { view.bytes(level: outputLevel, lower) }

    private var upperBytes: UInt64 { view.bytes(level: level, upper) }

    /// The tables below that overlap, and small neighbours of theirs, which would otherwise stay small for good.
    private func lowerRange(_ smallest: [UInt8], _ largest: [UInt8], weight: UInt64) -> Range<Int> {
        let tables = view.tree.levels[outputLevel]
        var range = view.tree.overlap(level: outputLevel, smallest: smallest, largest: largest)
        let small = min(
            settings.tableBytes / CompactionPolicy.smallTableFraction,
            weight.saturatingMultiplied(by: CompactionSettings.level0OverlapMax))
        if range.lowerBound > 0, tables[range.lowerBound - 1].bytes < small, !tables[range.lowerBound - 1].isUnfit {
            range = (range.lowerBound - 1)..<range.upperBound
        }
        if range.upperBound < tables.count, tables[range.upperBound].bytes < small, !tables[range.upperBound].isUnfit {
            range = range.lowerBound..<(range.upperBound + 1)
        }
        return range
    }

    /// Takes in neighbours up to `excess` bytes while the proportion of what is rewritten with them gets no worse: what
    /// the tables at both ends cost is then shared by more.
    mutating func grow(excess: UInt64) {
        while upperBytes < excess {
            let ratio = Double(overlapBytes) / Double(max(1, upperBytes))
            let grown = [upper.lowerBound..<(upper.upperBound + 1), (upper.lowerBound - 1)..<upper.upperBound]
                .compactMap { extended(to: $0) }
                .min { $0.overlapBytes * $1.upperBytes < $1.overlapBytes * $0.upperBytes }
            guard let grown, Double(grown.overlapBytes) <= ratio * Double(grown.upperBytes) else { return }
            self = grown
        }
    }

    /// Takes in the following neighbours that fulfil a condition.
    mutating func grow(while holds: (TableShape) -> Bool) {
        let tables = view.tree.levels[level]
        while upper.upperBound < tables.count, holds(tables[upper.upperBound]),
            let grown = extended(to: upper.lowerBound..<(upper.upperBound + 1))
        {
            self = grown
        }
    }

    /// Nil beyond the level's ends, and when the merge would get too large.
    private func extended(to range: Range<Int>) -> DownwardMerge? {
        let tables = view.tree.levels[level]
        guard range.lowerBound >= 0, range.upperBound <= tables.count else { return nil }
        var grown = self
        grown.upper = range
        grown.smallest = tables[range.lowerBound].smallestKey
        grown.largest = tables[range.upperBound - 1].largestKey
        if outputLevel > level {
            grown.lower = lowerRange(grown.smallest, grown.largest, weight: grown.upperBytes)
        }
        if tables[range].contains(where: \.isUnfit) { return nil }
        if view.tree.levels[outputLevel][grown.lower].contains(where: \.isUnfit) { return nil }
        return grown.upperBytes + grown.overlapBytes <= settings.jobBytesMax ? grown : nil
    }

    func plan(_ reason: CompactionPlan.Reason) -> CompactionPlan {
        var sources: [[UInt64]]
        let tables: [TableShape]
        if level == 0 {
            sources = view.tree.level0.map { $0.tables.map(\.file) }
            tables = view.tree.level0.flatMap(\.tables)
        } else {
            tables = Array(view.tree.levels[level][upper])
            sources = [tables.map(\.file)]
        }
        // No held key lies in a table that is not held as a whole.
        let below = view.tree.levels[outputLevel][lower].filter {
            !$0.isUnfit && (level > 0 || !view.held.covers($0.smallestKey, $0.largestKey))
        }
        if !below.isEmpty { sources.append(below.map(\.file)) }
        let isHeld = level == 0 && view.held.overlaps(smallest, largest)
        let isMove =
            !isHeld && outputLevel > level && lower.isEmpty && Self.areDisjoint(tables) && tables.allSatisfy(mayMove)
        var plan = CompactionPlan(reason: reason, sources: sources, outputLevel: outputLevel, isMove: isMove)
        if isHeld {
            plan.held = view.held
            plan.heldRun = view.tree.level0[0].id
        }
        return plan
    }

    private static func areDisjoint(_ tables: [TableShape]) -> Bool {
        let sorted = tables.sorted { precedes($0.smallestKey, $1.smallestKey) }
        return zip(sorted, sorted.dropFirst()).allSatisfy { precedes($0.largestKey, $1.smallestKey) }
    }

    /// A small table of level 0 is better merged with the others; one whose deletes have nothing left to hide is better
    /// rewritten without them.
    private func mayMove(_ table: TableShape) -> Bool {
        if level == 0, table.bytes < settings.tableBytes / CompactionPolicy.smallTableFraction { return false }
        return table.deletes == 0
            || view.tree.hasOverlap(below: outputLevel, smallest: table.smallestKey, largest: table.largestKey)
    }
}
