import Bytes
import Disk
import Testing

@testable import LogStore

/// Merges go on around damage, and keep the order around it: when the damaged file is put back as it was, the store
/// holds exactly what was written before and since.
@Suite struct DamageMergeTests {
    private func options() -> StoreOptions {
        var options = tinyOptions()
        options.memtableBytes = 64 << 10
        options.tableBytes = 16 << 10
        options.compression = false
        return options
    }

    /// A file's bytes, to put back later.
    private struct Original {
        var name: String
        var bytes: [UInt8]

        init(_ disk: SimulatedDisk, _ name: String) throws {
            self.name = name
            let file = try disk.open(name, direct: false)
            bytes = [UInt8](repeating: 0, count: Int(try file.size()))
            let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
            #expect(count == bytes.count)
        }

        func putBack(on disk: SimulatedDisk) throws {
            let file = try disk.open(name, direct: false)
            try file.truncate(to: UInt64(bytes.count))
            try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        }
    }

    @Test(arguments: [false, true]) func mergesGoAroundDamageAndKeepTheOrder(withRangeDeletes: Bool) async throws {
        var held = 0
        // In 12 a damaged table names an extent file that cleaning would empty for ever.
        for seed in [0, 1, 2, 3, 4, 12, 22] as [UInt64] { held += try await run(seed: seed, withRangeDeletes) }
        #expect(held > 10, "merges met no damage")
    }

    /// Returns how often a keyspace had a table that could not be merged.
    private func run(seed: UInt64, _ withRangeDeletes: Bool) async throws -> Int {
        var merges = 0
        var held = 0
        var disk = SimulatedDisk(seed: seed)
        var store = try openStore(disk, options: options(), seed: seed)
        var random = SeededRandom(seed: seed &+ 100)
        var workload = Workload(seed: seed)
        workload.keyCount = 300
        workload.inlineBytesMax = 1500
        workload.writerBytesMax = 3000
        workload.drawsRangeDeletes = withRangeDeletes
        workload.changesPerRangeDelete = 100
        var model: Model = [:]
        try await work(store, 800, &workload, &model)
        try store.close()

        var originals: [Original] = []
        for round in 0..<3 {
            disk = disk.killProcess()
            let tables = try #require(try Manifest.open(disk: disk, isRepairing: false)).state.tables
            let names = try disk.list()
            let candidates = names.filter { name in
                name.hasSuffix(".tab") && !originals.contains { $0.name == name }
                    && tables.contains { FileName(name)?.number == $0.file }
            }
            if let name = candidates.randomElement(using: &random) {
                let original = try Original(disk, name)
                originals.append(original)
                // One block, or all of it.
                if random.oneIn(2) {
                    disk.corrupt(
                        name: name, offset: UInt64.random(in: 0..<UInt64(original.bytes.count), using: &random))
                } else {
                    try disk.open(name, direct: false).truncate(to: UInt64(original.bytes.count / 3))
                }
            }
            store = try openStore(disk, options: options(), seed: seed &+ UInt64(round) &+ 2)
            try await work(store, 600, &workload, &model)
            merges += store.statistics().compactions
            held += Keyspace.allCases.reduce(0) { $0 + (TreeShape(store.version.runs($1)).hasUnfit ? 1 : 0) }
            for keyspace in Keyspace.allCases {
                #expect(store.version.runs(keyspace).count <= 18, "runs pile up in \(keyspace)")
            }
            store.checkTree()
            try await checkReads(store, model, originals)
            try store.close()
        }
        #expect(merges > 3, "no merges since the damage")

        disk = disk.killProcess()
        for original in originals where try disk.list().contains(original.name) { try original.putBack(on: disk) }
        store = try openStore(disk, options: options(), seed: 99)
        #expect(store.damages.notes == [])
        #expect(try await readAll(store) == model)
        try store.close()
        #expect(try StoreScrub(disk.killProcess(), isServed: false).run().damages == [])
        return held
    }

    private func work(
        _ store: LogStore, _ count: Int, _ workload: inout Workload, _ model: inout Model
    ) async throws {
        for _ in 0..<count {
            let commit = workload.nextCommit()
            try await commit.commit(to: store)
            commit.apply(to: &model)
        }
    }

    /// Every key reads as it should, or as damaged; never as something else.
    private func checkReads(_ store: LogStore, _ model: Model, _ originals: [Original]) async throws {
        for (place, expected) in model {
            do {
                if case .counter(let count) = expected {
                    #expect(try await store.counter(place.keyspace, place.key) == count)
                } else {
                    let found = try #require(try await store.get(place.keyspace, place.key), "\(place) is gone")
                    #expect(try .value(head: found.head, content: store.bytes(found.content)) == expected)
                }
            } catch {
                guard case .damaged(let file, _, _) = error as? StoreError else {
                    Issue.record("\(error) is no answer to damage")
                    return
                }
                #expect(originals.contains { $0.name == file }, "\(file) was not damaged")
            }
        }
    }
}
