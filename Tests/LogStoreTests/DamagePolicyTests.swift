import Bytes
import Disk
import Testing

@testable import LogStore

/// What merges choose and write around a table that they cannot read, case by case.
@Suite struct DamagePolicyTests {
    private let settings = CompactionSettings(level0RunsMin: 4, tableBytes: 1_000, levelBaseBytes: 4_000)

    private func shape(_ file: UInt64, _ smallest: String, _ largest: String, isUnfit: Bool = false) -> TableShape {
        TableShape(
            file: file, bytes: 1_000, entries: 10, deletes: 0, smallestKey: key(smallest), largestKey: key(largest),
            isUnfit: isUnfit)
    }

    /// - Parameter level0: newest first.
    private func tree(level0: [[TableShape]], base: [TableShape]) -> TreeShape {
        var tree = TreeShape()
        for (index, tables) in level0.enumerated() {
            tree.level0.append(TreeShape.Run(id: UInt64(level0.count - index), tables: tables))
        }
        tree.levels[TreeShape.lastLevel] = base
        return tree
    }

    private func choose(_ tree: TreeShape) -> CompactionPlan? {
        CompactionPolicy(settings: settings).choose(tree)?.plan
    }

    /// Merged with the runs above the damage, it would rise above entries that are newer.
    @Test func aSoundTableUnderDamageOfLevel0IsNotMergedWithWhatLiesAbove() throws {
        let newer = (2...5).reversed().map { [shape($0, "a", "z")] }
        let base = [shape(10, "a", "f"), shape(11, "g", "p"), shape(12, "q", "z")]
        let plan = try #require(choose(tree(level0: newer + [[shape(1, "h", "k", isUnfit: true)]], base: base)))
        #expect(plan.sources == [[5], [4], [3], [2], [10, 12]])
        #expect(plan.outputLevel == TreeShape.lastLevel)
        #expect(plan.heldRun == 5)
        for held in ["g", "h", "k", "p"] { #expect(plan.held.contains(key(held))) }
        for sinking in ["f", "q"] { #expect(!plan.held.contains(key(sinking))) }
    }

    /// What is older than the damage may be merged with everything below.
    @Test func runsUnderDamageGoDownFirst() throws {
        let level0 = [
            [shape(5, "a", "z")], [shape(4, "h", "k", isUnfit: true)], [shape(3, "a", "z")], [shape(2, "a", "z")],
        ]
        let plan = try #require(choose(tree(level0: level0, base: [shape(10, "g", "p")])))
        #expect(plan.sources == [[3], [2], [10]])
        #expect(plan.held.isEmpty)
    }

    // MARK: What is written

    /// Commits each batch, and flushes it into a run of its own.
    private func flushed(_ batches: [WriteBatch]) async throws -> LogStore {
        let store = try openStore(SimulatedDisk(seed: 1), takesPauses: false)
        for batch in batches {
            try await store.commit(batch)
            store.core.withLock { store.freezeActiveSet(&$0).logEnd = $0.logPosition }
            while try store.flushOldestSet() {}
        }
        return store
    }

    private func puts(_ names: String...) -> WriteBatch {
        var batch = WriteBatch()
        for name in names { batch.put(.catalog, key(name), value(name)) }
        return batch
    }

    private func merge(_ store: LogStore, _ plan: CompactionPlan, _ runs: [SortedRun]) throws -> [Table] {
        let version = store.version.replacing(runs: [.catalog: runs])
        let job = CompactionJob(store: store, keyspace: .catalog, plan: plan, version: version)
        while try job.output.append(next: job.merge) {}
        return try job.output.finishKeyspace().tables
    }

    @Test func aDeleteStaysAsLongAsADamagedTableOfAMergedRunMayHoldTheKey() async throws {
        var newest = puts("y")
        newest.delete(.catalog, key("a"))
        let store = try await flushed([puts("a"), puts("x"), newest])
        var runs = store.version.runs(.catalog)
        try #require(runs.count == 3)
        // The run that an earlier merge around the damage made.
        runs[1].tables.insert(contentsOf: runs.remove(at: 2).tables, at: 0)
        let damaged = runs[1].tables[0]
        damaged.markUnfit()
        let plan = CompactionPlan(
            reason: .level0Runs, sources: [runs[0].tables.map(\.number), [runs[1].tables[1].number]], outputLevel: 0,
            outputRun: runs[0].id)
        let tables = try merge(store, plan, runs)
        #expect(tables.map(\.properties.deleteCount) == [1])
        try store.close()
    }

    @Test func noTableReachesOverOneThatStays() async throws {
        let store = try await flushed([puts("a", "m", "z"), puts("c", "x")])
        let runs = store.version.runs(.catalog)
        var plan = CompactionPlan(
            reason: .level0, sources: runs.map { $0.tables.map(\.number) }, outputLevel: TreeShape.lastLevel)
        plan.held = KeyRanges([shape(100, "d", "e"), shape(101, "k", "o"), shape(102, "n", "w")])
        plan.heldRun = 9
        let tables = try merge(store, plan, runs)
        #expect(tables.map(\.properties.smallestKey) == [key("a"), key("m"), key("x")])
        #expect(tables.map(\.properties.largestKey) == [key("c"), key("m"), key("z")])
        plan.held = KeyRanges([shape(100, "d", "e")])
        #expect(try merge(store, plan, runs).map(\.properties.smallestKey) == [key("a"), key("m")])
        try store.close()
    }
}
