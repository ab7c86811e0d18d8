import Bytes
import Disk
import Testing

@testable import LogStore

/// Power cuts at every call that changes something, while states are saved, restored, branched and removed.
@Suite struct CheckpointCrashTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func everyCrashLeavesAStateThatWas(seed: UInt64) async throws {
        // Every call with the first seed, and a part of them with each of the others.
        let stride = seed == 1 ? 1 : 5
        var cut = Int(seed) % stride + 1
        var restores = 0
        var branches = 0
        while true {
            var run = CheckpointRun(seed: seed)
            guard try await run.run(cutAt: cut) else { break }
            restores += run.foundRestores
            branches += run.foundBranches
            cut += stride
        }
        #expect(cut > 100, "the run is too short to mean anything")
        #expect(restores > 5 && branches > 5)
    }

    @Test func theCheckerFindsFilesThatAreNotKept() async {
        await #expect(throws: (any Error).self) {
            for seed in 1...4 as ClosedRange<UInt64> {
                var run = CheckpointRun(seed: seed, bugs: .checkpointsUnpinned)
                _ = try await run.run(cutAt: nil)
            }
        }
    }

    @Test(arguments: [".tab", ".man", ".ext"]) func theCheckerFindsSkippedSyncs(suffix: String) async {
        await #expect(throws: (any Error).self) {
            for seed in 1...4 as ClosedRange<UInt64> {
                for cut in stride(from: 1, to: 400, by: 3) {
                    var run = CheckpointRun(seed: seed, lie: .init(fileSuffix: suffix))
                    guard try await run.run(cutAt: cut) else { break }
                }
            }
        }
    }
}

/// One seed's run: work, checkpoints, a crash, and a look at everything that must have survived.
private struct CheckpointRun {
    let seed: UInt64
    private let lie: LyingDisk.Lie
    private let options: StoreOptions
    private var disk: SimulatedDisk
    private var workload: Workload
    private var model: Model = [:]
    /// What the store may hold: the state after each step from the last acknowledged one on.
    private var states: [Model] = [[:]]
    /// Checkpoints that must be there, and those that may.
    private var kept: [String: Model] = [:]
    private var perhaps: [String: Model] = [:]
    private var branch: (model: Model, isDone: Bool)?
    private(set) var foundRestores = 0
    private(set) var foundBranches = 0

    init(seed: UInt64, lie: LyingDisk.Lie = .init(), bugs: PlantedBugs = []) {
        self.seed = seed
        self.lie = lie
        disk = SimulatedDisk(seed: seed)
        workload = Workload(seed: seed &* 31)
        workload.keyCount = 12
        workload.inlineBytesMax = 9_000
        workload.writerBytesMax = 30_000
        var options = tinyOptions()
        options.plantedBugs = bugs
        self.options = options
    }

    private func violation(_ text: String) -> Violation { Violation(description: "seed \(seed): \(text)") }

    /// - Parameter cut: the changing call within which the power goes, counted from the first checkpoint on.
    /// - Returns: false when the run ended before.
    mutating func run(cutAt cut: Int?) async throws -> Bool {
        let lying = LyingDisk(disk, lie)
        let store = try StepwiseStore(lying, options: options, seed: seed)
        lying.openingEnded()
        try await work(30, on: store)
        while store.store.runBackgroundStep() {}
        if let cut { disk.crashAfterOperations = disk.operationCount + cut }
        do {
            try await steps(on: store, lying)
        } catch let error as Violation {
            throw error
        } catch {
            guard isDown else { throw violation("failed: \(error)") }
        }
        let hasCrashed = isDown
        disk = disk.crash()
        try await check()
        return hasCrashed
    }

    private var isDown: Bool { (try? disk.freeBytes()) == nil }

    private mutating func steps(on store: StepwiseStore, _ lying: LyingDisk) async throws {
        try save("one", on: store)
        try await work(12, on: store)
        try save("two", on: store)
        // Runs enough that compaction replaces the tables of both.
        for name in ["three", "four", "five"] {
            try await work(4, on: store)
            try save(name, on: store)
        }
        while store.store.runBackgroundStep() {}
        guard isDown || !store.store.manifest.state.checkpoints.pinned.isEmpty else {
            throw violation("nothing was compacted")
        }
        try await restore("one", on: store)
        try await work(8, on: store)
        branch = (kept["two"] ?? [:], false)
        try await store.store.branch(fromCheckpoint: "two", into: LyingStage(try disk.stage("there"), lie))
        branch?.isDone = true
        try remove("one", on: store)
        try await work(6, on: store)
        try await restore("two", on: store)
        try await work(6, on: store)
        try remove("two", on: store)
        try remove("four", on: store)
        while store.store.runBackgroundStep() {}
    }

    private mutating func work(_ count: Int, on store: StepwiseStore) async throws {
        for _ in 0..<count {
            let commit = workload.nextCommit()
            let (batch, reserved) = try await commit.prepare(on: store.store)
            commit.apply(to: &model)
            states.append(model)
            try store.commit(batch)
            withExtendedLifetime(reserved) {}
            states = [model]
        }
    }

    private mutating func save(_ name: String, on store: StepwiseStore) throws {
        perhaps[name] = model
        try store.save(name)
        kept[name] = perhaps.removeValue(forKey: name)
    }

    private mutating func remove(_ name: String, on store: StepwiseStore) throws {
        perhaps[name] = kept.removeValue(forKey: name)
        try store.remove(name)
        perhaps[name] = nil
    }

    private mutating func restore(_ name: String, on store: StepwiseStore) async throws {
        guard let saved = kept[name] else { preconditionFailure("only what was saved is restored") }
        let before = model
        let backup = "before-restore-\(store.store.manifest.state.generation + 1)"
        perhaps[backup] = before
        model = saved
        states.append(saved)
        guard try await store.restore(name) == backup else { throw violation("\(name) was kept under another name") }
        kept[backup] = perhaps.removeValue(forKey: backup)
        states = [saved]
    }

    // MARK: Afterwards

    private mutating func check() async throws {
        let store = try open(disk, seed: seed &+ 100)
        let found = try await readAll(store)
        guard states.contains(found) else { throw violation("holds what it never held") }
        foundRestores = store.manifest.state.generation > 0 ? 1 : 0
        let names = Set(store.checkpoints().map(\.name))
        let missing = Set(kept.keys).subtracting(names)
        guard missing.isEmpty else { throw violation("checkpoints are lost: \(missing)") }
        for name in names.sorted() {
            guard let expected = kept[name] ?? perhaps[name] else { throw violation("a checkpoint \(name)") }
            _ = try await store.restoreCheckpoint(named: name, createdMilliseconds: 3)
            guard try await readAll(store) == expected else { throw violation("\(name) is not what was saved") }
        }
        try await checkBranch()
        try await checkNothingIsLeft(of: store, found)
        try store.close()
    }

    private func open(_ disk: SimulatedDisk, seed: UInt64) throws -> LogStore {
        do { return try openStore(disk, options: options, seed: seed) } catch {
            throw violation("does not open: \(error)")
        }
    }

    private mutating func checkBranch() async throws {
        guard let branch else { return }
        guard let place = disk.directory(at: "there") else {
            if branch.isDone { throw violation("the branch is lost") }
            return
        }
        foundBranches = 1
        let other = try open(place, seed: seed &+ 200)
        guard try await readAll(other) == branch.model else { throw violation("the branch is not what was saved") }
        // What it does to its files is no matter to the first store, which is looked at again.
        for keyspacePlace in branch.model.keys.sorted() {
            var batch = WriteBatch()
            batch.delete(keyspacePlace.keyspace, keyspacePlace.key)
            try await other.commit(batch)
        }
        try other.close()
    }

    /// Without checkpoints only what the store consists of takes space.
    private func checkNothingIsLeft(of store: LogStore, _ found: Model) async throws {
        let last = store.checkpoints().first { $0.name.hasPrefix("before-restore") }
        for checkpoint in store.checkpoints() where checkpoint.name != last?.name {
            try await store.removeCheckpoint(named: checkpoint.name)
        }
        let model = try await readAll(store)
        if let last { try await store.removeCheckpoint(named: last.name) }
        guard try await readAll(store) == model else { throw violation("a removal took what the store needs") }
        let files = try disk.list().compactMap(FileName.init)
        let tables = Set(store.version.allTables.map(\.number))
        let strays = files.filter { $0.kind == .table && !tables.contains($0.number) }
        guard strays.isEmpty else { throw violation("files are left: \(strays.map(\.string))") }
    }
}

/// A staged directory on which some syncs do nothing.
private final class LyingStage: StagedDirectory {
    private let stage: any StagedDirectory
    let disk: any Disk

    init(_ stage: SimulatedStagedDirectory, _ lie: LyingDisk.Lie) {
        self.stage = stage
        disk = LyingDisk(stage.files, lie)
    }

    func publish() throws(DiskError) { try stage.publish() }

    func discard() { stage.discard() }
}
