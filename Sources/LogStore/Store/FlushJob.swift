/// The flush of one frozen memtable set on its way, a slice at a time: one table or more for each keyspace, with the
/// newest entry of each key.
///
/// Nothing else changes what lies in tables until it ends; segments of the log are laid out in between.
///
/// Unchecked: used under the maintenance turn only.
final class FlushJob: @unchecked Sendable {
    /// What it writes; nothing older waits for its own flush.
    let set: MemtableSet
    let output: TableOutput
    private(set) var records: [ManifestEdit.TableRecord] = []
    private(set) var newRuns: [Keyspace: SortedRun] = [:]
    /// Older tables that the set's range deletes cover whole: they go, unread, with the edit that names the new ones.
    private(set) var covered: [Table] = []
    private let store: LogStore
    private var waiting: [Keyspace]
    private var current: (keyspace: Keyspace, run: UInt64, merge: MergeIterator)?

    init(store: LogStore, set: MemtableSet) {
        self.store = store
        self.set = set
        guard let logEnd = set.logEnd, let lastSequence = set.lastSequence else {
            preconditionFailure("only a frozen, written set is flushed")
        }
        output = TableOutput(store: store, source: .flush(lastSequence: lastSequence, logEnd: logEnd))
        waiting = Keyspace.allCases.filter { !set.memtable($0).isEmpty }.reversed()
    }

    /// Moves about so many bytes. False when all is on disk.
    func step(bytes: Int) throws(StoreError) -> Bool {
        let until = output.bytesSeen + bytes
        while output.bytesSeen < until {
            guard let (keyspace, run, merge) = current ?? next() else {
                try output.finishFiles()
                return false
            }
            var hasMore = true
            while hasMore, output.bytesSeen < until { hasMore = try output.append(next: merge) }
            if !hasMore {
                let finished = try output.finishKeyspace()
                records += finished.records
                if !finished.tables.isEmpty {
                    newRuns[keyspace] = SortedRun(level: 0, id: run, tables: finished.tables)
                }
                current = nil
            }
        }
        return true
    }

    private func next() -> (Keyspace, UInt64, MergeIterator)? {
        guard let keyspace = waiting.popLast() else { return nil }
        output.isLastKeyspace = waiting.isEmpty
        let (run, version) = store.core.withLock { core in
            core.nextRun += 1
            return (core.nextRun - 1, core.version)
        }
        var older = version.runs(keyspace)
        let rangeDeletes = set.memtable(keyspace).rangeDeletes
        var deletes = rangeDeletes?.rangeDeletes ?? []
        if !deletes.isEmpty {
            let tables = older.flatMap(\.tables)
            let index = RangeDeleteIndex(deletes + tables.flatMap(\.properties.rangeDeletes))
            let gone = RangeDeleteScope(tables: tables).covered(by: index)
            covered += gone
            output.removed = covered.map(\.number)
            older = older.removing(gone.map(\.number))
            deletes = RangeDeleteScope(tables: older.flatMap(\.tables)).needed(deletes)
        }
        let merge = MergeIterator(
            sources: [MemtableSource(set: set, keyspace: keyspace, upTo: MemtablePosition.sequenceMax)],
            cover: RangeCover(rangeDeletes, nil))
        let place = TableOutput.Place(level: 0, run: run, tableBytesMax: TableOutput.flushedTableBytesMax)
        output.begin(
            keyspace: keyspace, place: place, older: OlderTables(older), rangeDeletes: deletes, separates: true)
        current = (keyspace, run, merge)
        return current
    }
}
