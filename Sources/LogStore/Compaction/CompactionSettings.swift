/// The sizes that shape the levels of a store.
struct CompactionSettings: Sendable {
    /// A level holds about so many times as much as the one above. Ten is what a space overhead of a tenth asks for.
    static let multiplier: UInt64 = 10
    /// Memtables that the first deeper level may hold. One level more would save writes only from about five times what
    /// level 0 hands down (its tables take about half of the memtables they come from); a merge of both is to stay
    /// small beside the memory and the disk.
    static let levelBaseMemtables: UInt64 = 12
    /// Merging level 0 downward waits while this many times its bytes would be rewritten with it; until then its runs
    /// are merged among themselves.
    static let level0OverlapMax: UInt64 = 10
    /// Inputs of one merge of deeper levels, in tables of the target size: bounds the space it takes while it lasts.
    static let jobTablesMax: UInt64 = 12
    /// An output table is cut when so many tables of the level below its own overlap it: bounds its next merge.
    static let grandparentTablesMax: UInt64 = 8

    /// Runs of level 0 that start a merge into the first deeper level.
    var level0RunsMin = StoreOptions.level0RunsMinDefault
    /// A table of a deeper level is cut at about this size.
    var tableBytes: UInt64
    /// The first deeper level in use holds at most about this much; a larger last level brings another one into use
    /// above it.
    var levelBaseBytes: UInt64

    /// Bytes that the largest merge of a keyspace would take for its output: level 0 with the base level, or a bounded
    /// one of deeper levels.
    func largestJobBytes(_ runs: [SortedRun]) -> UInt64 {
        if runs.isEmpty { return 0 }
        var levelBytes = [UInt64](repeating: 0, count: TreeShape.lastLevel + 1)
        for run in runs { levelBytes[run.level] += run.byteCount }
        let targets = LevelTargets(levelBytes: levelBytes, levelBaseBytes: levelBaseBytes)
        let total = levelBytes.reduce(0, +)
        return min(total, max(levelBytes[0] + levelBytes[targets.baseLevel], jobBytesMax))
    }

    /// What deletes of a keyspace may hide, whatever its size: a few large objects need no merge of their own.
    var hiddenBytesMin: UInt64 = 16 << 20

    /// More runs of level 0 than this are merged whatever their sizes.
    var level0RunsMax: Int { level0RunsMin + 8 }
    var jobBytesMax: UInt64 { tableBytes * Self.jobTablesMax }
    var grandparentBytesMax: UInt64 { tableBytes * Self.grandparentTablesMax }
}

extension StoreOptions {
    /// A longer table is cut in two: bounds what one merge rewrites and what a damaged index takes down. Never larger
    /// than what a flush writes, so that small stores have levels too.
    private static let tableBytesMax: UInt64 = 32 << 20

    var compactionSettings: CompactionSettings {
        var settings = CompactionSettings(
            level0RunsMin: level0RunsMin,
            tableBytes: tableBytes ?? min(Self.tableBytesMax, UInt64(memtableBytesMax)),
            levelBaseBytes: levelBaseBytes ?? UInt64(memtableBytesMax) * CompactionSettings.levelBaseMemtables)
        settings.hiddenBytesMin = min(settings.hiddenBytesMin, extentFileBytes / 16)
        return settings
    }
}
