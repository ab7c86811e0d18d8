/// A tree's shape with the sums that the policy asks for again and again.
struct TreeView {
    let tree: TreeShape
    let targets: LevelTargets
    /// Bytes of tables and of what they name in extents.
    let totalBytes: UInt64
    let level0Bytes: UInt64
    let level0Entries: UInt64
    let level0Deletes: UInt64
    /// What an average entry takes in tables and extents. A delete hides about that much: what it really frees is not
    /// known before it meets the entry.
    private let bytesPerEntry: UInt64
    /// Keys that stay in level 0 when it is handed down.
    var held = KeyRanges()
    /// For each level, the bytes of all tables before each table, and of all at the end.
    private let sums: [[UInt64]]
    private let level0RunsMin: Int

    /// - Parameter targets: those of a tree of which this is a part.
    init(_ tree: TreeShape, _ settings: CompactionSettings, targets known: LevelTargets? = nil) {
        self.tree = tree
        level0RunsMin = settings.level0RunsMin
        let sums = tree.levels.map { tables in
            tables.reduce(into: [UInt64(0)]) { $0.append(($0.last ?? 0) + $1.bytes) }
        }
        level0Bytes = tree.level0.reduce(0) { $0 + $1.bytes }
        level0Entries = tree.level0.reduce(0) { $0 + $1.entries }
        level0Deletes = tree.level0.reduce(0) { $0 + $1.deletes }
        targets =
            known
            ?? LevelTargets(
                levelBytes: [level0Bytes] + sums[1...].map { $0.last ?? 0 }, levelBaseBytes: settings.levelBaseBytes)
        self.sums = sums
        var total: UInt64 = 0
        var puts: UInt64 = 0
        for tables in tree.levels + tree.level0.map(\.tables) {
            for table in tables {
                total += table.bytes + table.extentBytes
                puts += table.entries - min(table.entries, table.deletes)
            }
        }
        totalBytes = total
        bytesPerEntry = total / max(1, puts)
    }

    /// Bytes of a table, and of what its deletes hide.
    func weight(_ table: TableShape) -> UInt64 {
        table.bytes + table.deletes.saturatingMultiplied(by: bytesPerEntry)
    }

    func weight(ofLevel level: Int) -> UInt64 { tree.levels[level].reduce(0) { $0 &+ weight($1) } }

    var level0Weight: UInt64 { level0Bytes + level0Deletes.saturatingMultiplied(by: bytesPerEntry) }

    /// How urgent a merge out of a level is, by its size alone; above 1 it is due.
    func score(_ level: Int) -> Double {
        if level == 0 { return Double(tree.level0.count) / Double(level0RunsMin) }
        if tree.levels[level].isEmpty || level == TreeShape.lastLevel { return 0 }
        return Double(weight(ofLevel: level)) / Double(targets.bytes[level])
    }

    /// The most deletes that lie together: in level 0, or in one table of another level.
    var mostDeletes: UInt64 { tree.levels.joined().reduce(level0Deletes) { max($0, $1.deletes) } }

    /// What deletes in all levels hide, about.
    var hiddenBytes: UInt64 {
        tree.levels.joined().reduce(level0Deletes) { $0 + $1.deletes }.saturatingMultiplied(by: bytesPerEntry)
    }

    /// Whether a table of a deeper level cannot be handed down because of damage.
    func isBlocked(level: Int, _ table: TableShape) -> Bool {
        if table.isUnfit { return true }
        guard level < TreeShape.lastLevel else { return false }
        let below = tree.overlap(level: level + 1, smallest: table.smallestKey, largest: table.largestKey)
        return tree.levels[level + 1][below].contains(where: \.isUnfit)
    }

    func bytes(level: Int, _ range: Range<Int>) -> UInt64 {
        sums[level][range.upperBound] - sums[level][range.lowerBound]
    }

    func overlapBytes(level: Int, smallest: [UInt8], largest: [UInt8]) -> UInt64 {
        bytes(level: level, tree.overlap(level: level, smallest: smallest, largest: largest))
    }
}
