import Bytes
import Disk
import Testing

@testable import LogStore

/// Random commits and checkpoints against dictionaries: what was saved is what comes back, here and in branches.
@Suite struct CheckpointModelTests {
    @Test(arguments: 1...10 as ClosedRange<UInt64>) func whatWasSavedComesBack(seed: UInt64) async throws {
        var run = try CheckpointModelRun(seed: seed)
        for _ in 0..<160 { try await run.step() }
        try await run.end()
    }
}

private struct CheckpointModelRun {
    private let seed: UInt64
    private let disk: SimulatedDisk
    private var workload: Workload
    /// The stores by their places; the first is the one that the others are branches of, or of branches.
    private var stores: [(place: String, store: LogStore, model: Model, saved: [String: Model])]
    private var names = 0
    private var opens: UInt64 = 1

    init(seed: UInt64) throws {
        self.seed = seed
        disk = SimulatedDisk(seed: seed)
        workload = Workload(seed: seed &* 37)
        stores = [("", try openStore(disk, options: tinyOptions(), seed: seed), [:], [:])]
    }

    private mutating func pick<Element>(_ list: [Element]) -> Element? { list.randomElement(using: &workload.random) }

    mutating func step() async throws {
        let index = Int.random(in: 0..<stores.count, using: &workload.random)
        let store = stores[index].store
        let name = pick(stores[index].saved.keys.sorted())
        switch Int.random(in: 0..<100, using: &workload.random) {
        case 0..<72:
            let commit = workload.nextCommit()
            try await commit.commit(to: store)
            commit.apply(to: &stores[index].model)
        case 72..<80:
            names += 1
            _ = try await store.saveCheckpoint(named: "\(names)", createdMilliseconds: UInt64(names))
            stores[index].saved["\(names)"] = stores[index].model
        case 80..<87:
            guard let name, let saved = stores[index].saved[name] else { return }
            let kept = try await store.restoreCheckpoint(named: name, createdMilliseconds: 0)
            stores[index].saved[kept] = stores[index].model
            stores[index].model = saved
            #expect(try await readAll(store) == saved, "seed \(seed)")
        case 87..<92:
            guard let name else { return }
            try await store.removeCheckpoint(named: name)
            stores[index].saved[name] = nil
        case 92..<95:
            guard let name, stores.count < 4, let saved = stores[index].saved[name] else { return }
            try await branch(name, of: store, saved)
        case 95..<98: try await reopen(index)
        default: #expect(try await readAll(store) == stores[index].model, "seed \(seed)")
        }
    }

    private mutating func branch(_ name: String, of store: LogStore, _ saved: Model) async throws {
        names += 1
        let place = "branch-\(names)"
        disk.canLink = workload.random.oneIn(2)
        try await store.branch(fromCheckpoint: name, into: try disk.stage(place))
        opens += 1
        let there = try #require(disk.directory(at: place))
        stores.append((place, try openStore(there, options: tinyOptions(), seed: seed &+ opens), saved, [:]))
        #expect(try await readAll(stores[stores.count - 1].store) == saved, "seed \(seed)")
    }

    private mutating func reopen(_ index: Int) async throws {
        try stores[index].store.close()
        opens += 1
        let place = stores[index].place
        let there = place.isEmpty ? disk : try #require(disk.directory(at: place))
        stores[index].store = try openStore(there, options: tinyOptions(), seed: seed &+ opens)
        #expect(try await readAll(stores[index].store) == stores[index].model, "seed \(seed)")
    }

    mutating func end() async throws {
        for index in stores.indices {
            try await reopen(index)
            let (_, store, _, saved) = stores[index]
            #expect(store.checkpoints().map(\.name).sorted() == saved.keys.sorted())
            for (name, model) in saved.sorted(by: { $0.key < $1.key }) {
                _ = try await store.restoreCheckpoint(named: name, createdMilliseconds: 0)
                #expect(try await readAll(store) == model, "seed \(seed): \(name)")
            }
            try store.close()
        }
    }
}
