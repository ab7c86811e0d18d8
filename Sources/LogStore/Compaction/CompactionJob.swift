internal import Synchronization

/// One merge of one keyspace on its way, a slice at a time. Its inputs stay in the version until it ends; flushes may
/// add runs to level 0 meanwhile.
///
/// Unchecked: used under the maintenance turn only.
final class CompactionJob: @unchecked Sendable {
    let keyspace: Keyspace
    let plan: CompactionPlan
    /// The tables that are merged, newest first.
    let inputs: [SortedRun]
    let merge: MergeIterator
    let output: TableOutput
    /// Moves runs out of dying extent files on the way; nil when there are none.
    let copier: RunCopier?
    /// Bytes of the inputs by the level they come from.
    let readBytes: [Int: UInt64]

    /// - Parameters:
    ///   - version: has the plan's inputs.
    ///   - copier: what is to be moved on the way.
    init(
        store: LogStore, keyspace: Keyspace, plan: CompactionPlan, version: StoreVersion,
        copier: RunCopier? = nil
    ) {
        let runs = version.runs(keyspace)
        self.copier = copier
        self.keyspace = keyspace
        self.plan = plan
        inputs = Self.inputs(of: plan, in: runs)
        merge = MergeIterator(
            sources: inputs.map { RunSource(run: $0, fillCache: false) },
            cover: RangeCover(nil, version.rangeDeletes(keyspace)))
        output = TableOutput(store: store, source: .merge, copier: copier)
        output.removed = inputs.flatMap(\.tables).map(\.number)
        let settings = store.options.compactionSettings
        var place = TableOutput.Place(level: plan.outputLevel, run: plan.outputRun, tableBytesMax: settings.tableBytes)
        if plan.outputLevel == 0 { place.tableBytesMax = TableOutput.flushedTableBytesMax }
        let below = runs.first { $0.level == plan.outputLevel + 1 && plan.outputLevel > 0 }
        place.cuts = TableCuts(grandparents: below?.tables ?? [], bytesMax: settings.grandparentBytesMax)
        place.held = plan.held
        place.heldRun = plan.heldRun
        output.begin(
            keyspace: keyspace, place: place, older: OlderTables(Self.older(than: inputs, plan, in: runs)),
            rangeDeletes: Self.rangeDeletes(of: inputs, in: runs), separates: false)
        var readBytes: [Int: UInt64] = [:]
        for run in inputs { readBytes[run.level, default: 0] += run.byteCount }
        self.readBytes = readBytes
    }

    /// The range deletes of the inputs, as far as something older lies under them outside of the inputs. What lies in
    /// the inputs the merge drops.
    private static func rangeDeletes(of inputs: [SortedRun], in runs: [SortedRun]) -> [RangeDelete] {
        let merged = inputs.flatMap(\.tables)
        let deletes = merged.flatMap(\.properties.rangeDeletes)
        if deletes.isEmpty { return [] }
        let numbers = Set(merged.map(\.number))
        let others = runs.flatMap(\.tables).filter { !numbers.contains($0.number) }
        return RangeDeleteScope(tables: others).needed(deletes)
    }

    /// The tables that a plan names, as runs.
    static func inputs(of plan: CompactionPlan, in runs: [SortedRun]) -> [SortedRun] {
        var tables: [UInt64: (run: SortedRun, table: Table)] = [:]
        for run in runs { for table in run.tables { tables[table.number] = (run, table) } }
        return plan.sources.map { files in
            let found = files.compactMap { tables[$0] }
            guard let first = found.first, found.count == files.count else {
                preconditionFailure("a plan names tables of the version it was made for")
            }
            return SortedRun(level: first.run.level, id: first.run.id, tables: found.map(\.table))
        }
    }

    /// The runs with entries older than what the output will hold, in which its deletes may still hide something.
    private static func older(than inputs: [SortedRun], _ plan: CompactionPlan, in runs: [SortedRun]) -> [SortedRun] {
        if plan.outputLevel > 0 { return runs.filter { $0.level > plan.outputLevel } }
        // Not only the runs behind the inputs: a damaged table stays in its run when the others of that are merged.
        let merged = Set(inputs.flatMap(\.tables).map(\.number))
        let newest = inputs.map(\.id).max() ?? 0
        return runs.compactMap { run in
            guard run.level > 0 || run.id <= newest else { return nil }
            let tables = run.tables.filter { !merged.contains($0.number) }
            return tables.isEmpty ? nil : SortedRun(level: run.level, id: run.id, tables: tables)
        }
    }
}

/// How near the disk is to being full.
enum SpaceState: Sendable {
    case enough
    /// What deletes free is wanted at once.
    case nearlyShort
    /// So is what was overwritten.
    case short

    init(_ core: borrowing StoreCore) {
        self = core.isLowOnSpace ? .short : core.isNearlyLowOnSpace ? .nearlyShort : .enough
    }
}
