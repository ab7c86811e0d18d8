/// One level of the trees, over all keyspaces, and the traffic of merges since the store was opened.
package struct LevelStatistics: Sendable, Equatable {
    /// 0 for what was flushed; deeper levels hold older entries.
    package var level: Int
    package var tables = 0
    package var bytes: UInt64 = 0
    package var entries: UInt64 = 0
    package var deletes: UInt64 = 0
    /// How urgent a merge out of this level is, in the keyspace that needs it most: above 1 it is due. Always 0 for the
    /// last level.
    package var score = 0.0
    /// Bytes that merges have read from the level, and written to it.
    package var readBytes: UInt64 = 0
    package var writtenBytes: UInt64 = 0
}

extension LogStore {
    /// The levels, from 0 to the last.
    func levelStatistics(of version: StoreVersion) -> [LevelStatistics] {
        let traffic = counters.levelTraffic
        var levels = (0...TreeShape.lastLevel).map { level in
            LevelStatistics(
                level: level, readBytes: traffic[level].readBytes, writtenBytes: traffic[level].writtenBytes)
        }
        let settings = options.compactionSettings
        for keyspace in Keyspace.allCases {
            let runs = version.runs(keyspace)
            if runs.isEmpty { continue }
            for run in runs {
                levels[run.level].tables += run.tables.count
                levels[run.level].bytes += run.byteCount
                levels[run.level].entries += run.entryCount
                levels[run.level].deletes += run.deleteCount
            }
            let view = TreeView(TreeShape(runs), settings)
            for level in 0..<TreeShape.lastLevel { levels[level].score = max(levels[level].score, view.score(level)) }
        }
        return levels
    }
}
