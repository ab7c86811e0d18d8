import Bytes
import Disk
import Foundation
import Synchronization
import Testing

@testable import LogStore

/// Random work against a plain dictionary. `VARVE_SEED=n` runs one seed.
@Suite struct ModelTests {
    static let seeds: [UInt64] = {
        if let text = ProcessInfo.processInfo.environment["VARVE_SEED"], let seed = UInt64(text) { return [seed] }
        return Array(1...24)
    }()

    @Test(arguments: seeds) func theStoreBehavesLikeADictionary(seed: UInt64) async throws {
        var run = try ModelRun(seed: seed)
        try await run.run(steps: 260)
    }
}

/// One seed's run.
private struct ModelRun {
    let seed: UInt64
    let disk: SimulatedDisk
    var store: LogStore
    var workload: Workload
    var model: Model = [:]
    var snapshots: [(Snapshot, Model)] = []
    var opens: UInt64 = 1
    var flushes = 0

    init(seed: UInt64) throws {
        self.seed = seed
        disk = SimulatedDisk(seed: seed)
        workload = Workload(seed: seed &* 31)
        workload.drawsRangeDeletes = true
        store = try openStore(disk, options: tinyOptions(), seed: seed)
    }

    mutating func run(steps: Int) async throws {
        for _ in 0..<steps { try await step() }
        try await checkAll()
        try close()
        #expect(flushes > 0, "seed \(seed)")
    }

    private mutating func step() async throws {
        switch Int.random(in: 0..<100, using: &workload.random) {
        case 0..<60:
            let commit = workload.nextCommit()
            try await commit.commit(to: store)
            commit.apply(to: &model)
        case 60..<66: try await update()
        case 66..<70: try await transact()
        case 70..<72: try await transactOverARange()
        case 72..<80: try await checkGet()
        case 80..<85: try await checkScan()
        case 85..<88: try await walk()
        case 88..<92: snapshots.append((store.snapshot(), model))
        case 92..<96:
            guard !snapshots.isEmpty else { return }
            let index = Int.random(in: 0..<snapshots.count, using: &workload.random)
            let (snapshot, old) = snapshots.remove(at: index)
            let found = try await readAll(store, at: snapshot)
            #expect(found == old, "seed \(seed): a snapshot changed")
        case 96..<98: try await stamp()
        default: try await reopen()
        }
    }

    private mutating func close() throws {
        flushes += store.counters.flushes.load(ordering: .relaxed)
        try store.close()
    }

    private mutating func reopen() async throws {
        snapshots = []
        try close()
        opens += 1
        store = try openStore(disk, options: tinyOptions(), seed: seed &+ opens)
        try await checkAll()
    }

    private mutating func update() async throws {
        let place = workload.nextPlace()
        let mark = UInt8.random(in: 0...255, using: &workload.random)
        let seen = try await store.update(place.keyspace, place.key) { current, batch -> [UInt8]? in
            batch.put(place.keyspace, place.key, StoredValue(head: (current?.head ?? []).suffix(20) + [mark]))
            return current?.head
        }
        var old: [UInt8]?
        if case .value(let head, _) = model[place] { old = head }
        #expect(seen == old, "seed \(seed)")
        model[place] = .value(head: (old ?? []).suffix(20) + [mark], content: [])
    }

    /// Moves a value from one key to another.
    private mutating func transact() async throws {
        let from = workload.nextPlace()
        let to = workload.nextPlace()
        try await store.transaction { transaction, batch in
            guard let value = try await transaction.get(from.keyspace, from.key) else { return }
            batch.delete(from.keyspace, from.key)
            batch.put(to.keyspace, to.key, StoredValue(head: value.head))
        }
        guard case .value(let head, _) = model[from] else { return }
        model[from] = nil
        model[to] = .value(head: head, content: [])
    }

    /// Reads a range, deletes it, and writes its number of keys into it.
    private mutating func transactOverARange() async throws {
        let (lower, change) = workload.nextRangeDelete()
        guard case .deleteRange(let upper) = change, precedes(lower.key, upper), lower.keyspace != .items else {
            return
        }
        let count = try await store.transaction { transaction, batch in
            let found = try await transaction.scan(lower.keyspace, lower: lower.key, upper: upper, limit: .max)
            batch.deleteRange(lower.keyspace, from: lower.key, to: upper)
            batch.put(lower.keyspace, lower.key, StoredValue(head: [UInt8(found.count)]))
            return found.count
        }
        let hidden = model.keys.filter { $0.isIn(lower, upTo: upper) }
        #expect(count == hidden.count, "seed \(seed)")
        for place in hidden { model[place] = nil }
        model[lower] = .value(head: [UInt8(count)], content: [])
    }

    private mutating func stamp() async throws {
        var batch = WriteBatch()
        let place = workload.nextPlace()
        let head = [UInt8](repeating: 0, count: 8)
        batch.put(
            .versions, place.key + head, StoredValue(head: head), keyStampOffset: place.key.count, headStampOffset: 0)
        let sequence = try await store.commit(batch)
        let bytes = withUnsafeBytes(of: sequence.rawValue.bigEndian) { [UInt8]($0) }
        model[Place(keyspace: .versions, key: place.key + bytes)] = .value(head: bytes, content: [])
    }

    private mutating func checkGet() async throws {
        let place = workload.nextPlace()
        let found = try await store.get(place.keyspace, place.key)
        let expected = try found.map { Expected.value(head: $0.head, content: try store.bytes($0.content)) }
        #expect(expected == model[place], "seed \(seed): \(place)")
        let counter = Workload.key(Int.random(in: 0..<6, using: &workload.random))
        let value = try await store.counter(.items, counter)
        #expect(
            Expected.counter(value) == model[Place(keyspace: .items, key: counter)] ?? .counter(0), "seed \(seed)")
    }

    private mutating func checkScan() async throws {
        let a = workload.nextPlace()
        let b = workload.nextPlace()
        let (lower, upper) = precedes(a.key, b.key) ? (a.key, b.key) : (b.key, a.key)
        let found = try await store.scan(a.keyspace, lower: lower, upper: upper).map(\.0)
        let expected = model.keys.filter {
            $0.keyspace == a.keyspace && !precedes($0.key, lower) && precedes($0.key, upper)
        }
        #expect(found == expected.sorted().map(\.key), "seed \(seed): \(lower) to \(upper)")
    }

    /// A cursor that goes both ways, within bounds, at the present or in the past.
    private mutating func walk() async throws {
        let places = [workload.nextPlace(), workload.nextPlace()].sorted { precedes($0.key, $1.key) }
        let (snapshot, shown) = snapshots.last.map { ($0.0, $0.1) } ?? (store.snapshot(), model)
        let upper = workload.random.oneIn(3) ? nil : places[1].key
        var walk = CursorWalk(
            store, places[0].keyspace, lower: places[0].key, upper: upper, at: snapshot, model: shown)
        try await walk.run(
            steps: 12, keys: [places[0].key, places[1].key, workload.nextPlace().key], store: store,
            random: &workload.random, "seed \(seed)")
    }

    private func checkAll() async throws {
        let found = try await readAll(store)
        #expect(found == model, "seed \(seed)")
        store.checkTree()
    }
}
