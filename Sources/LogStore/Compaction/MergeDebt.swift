/// What merges owe a keyspace.
struct MergeDebt: Sendable, Equatable {
    var level0Runs = 0
    /// Bytes to rewrite until every level has its size.
    var pendingBytes: UInt64 = 0
    /// Bytes of its tables, and of what they name in extents.
    var storedBytes: UInt64 = 0
    /// What an average entry takes in tables and extents: what a delete hides, about.
    var bytesPerPut: UInt64 = 0

    init() {}

    init(_ runs: [SortedRun], _ settings: CompactionSettings) {
        var levelBytes = [UInt64](repeating: 0, count: TreeShape.lastLevel + 1)
        var puts: UInt64 = 0
        var stored: UInt64 = 0
        for run in runs {
            levelBytes[run.level] += run.byteCount
            for table in run.tables {
                let properties = table.properties
                puts += properties.entryCount - min(properties.entryCount, properties.deleteCount)
                stored += table.length + properties.extentReferences.reduce(0) { $0 + $1.storedBytes }
            }
        }
        self.init(
            levelBytes: levelBytes, level0Runs: runs.count { $0.level == 0 }, settings)
        storedBytes = stored
        bytesPerPut = stored / max(1, puts)
    }

    init(levelBytes: [UInt64], level0Runs: Int, _ settings: CompactionSettings) {
        self.level0Runs = level0Runs
        let targets = LevelTargets(levelBytes: levelBytes, levelBaseBytes: settings.levelBaseBytes)
        var arriving: UInt64 = 0
        if level0Runs >= settings.level0RunsMin {
            arriving = levelBytes[0]
            pendingBytes =
                arriving
                + min(
                    levelBytes[targets.baseLevel],
                    arriving.saturatingMultiplied(by: CompactionSettings.level0OverlapMax))
        }
        for level in targets.baseLevel..<TreeShape.lastLevel {
            let bytes = levelBytes[level] + arriving
            arriving = bytes - min(bytes, targets.bytes[level])
            // Each byte that goes down is merged with its share of the level below.
            let ratio = min(levelBytes[level + 1] / max(1, bytes), CompactionSettings.multiplier)
            pendingBytes += arriving.saturatingMultiplied(by: 1 + ratio)
        }
    }
}
