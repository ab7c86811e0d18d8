import Bytes
import Disk
import Synchronization
import Testing

@testable import LogStore

/// Cursors: both directions, bounds, and what they need not read.
@Suite struct CursorTests {
    private static var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    // MARK: Memtables

    /// Many versions of few keys, split over many leaves, as readers at different sequences see them.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func aMemtableIsWalkedBothWaysAtAnySequence(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let memtable = Memtable()
        let keyCount = [1, 5, 40, 400][Int(seed % 4)]
        var history: [(key: [UInt8], sequence: UInt64)] = []
        for sequence in 1...1_200 as ClosedRange<UInt64> {
            let name = key("k\(Int.random(in: 0..<keyCount, using: &random))")
            history.append((name, sequence))
            name.withUnsafeBytes { memtable.insert(sequence: sequence, kind: .put, key: $0, value: Self.empty) }
        }
        for sequence in [0, 1, 7, 100, 601, 1_199, 1_200, 5_000] as [UInt64] {
            var newest: [[UInt8]: UInt64] = [:]
            for entry in history where entry.sequence <= sequence { newest[entry.key] = entry.sequence }
            let sorted = newest.sorted { precedes($0.key, $1.key) }
            var cursor = MemtableCursor(memtable, upTo: sequence)
            cursor.seekToLast()
            for expected in sorted.reversed() {
                #expect(cursor.entry.map { [UInt8]($0.key) } == expected.key)
                #expect(cursor.entry?.sequence == expected.value)
                if cursor.entry == nil { return }
                cursor.moveToPreviousKey()
            }
            #expect(cursor.entry == nil)
            cursor.seek(Self.empty)
            for expected in sorted {
                #expect(cursor.entry?.sequence == expected.value)
                if cursor.entry == nil { return }
                cursor.moveToNextKey()
            }
            #expect(cursor.entry == nil)
            for number in 0..<keyCount {
                let target = key("k\(number)")
                target.withUnsafeBytes { cursor.seek(before: $0) }
                #expect(cursor.entry?.sequence == sorted.last { precedes($0.key, target) }?.value)
                target.withUnsafeBytes { cursor.seek($0) }
                #expect(cursor.entry?.sequence == sorted.first { !precedes($0.key, target) }?.value)
            }
        }
    }

    // MARK: Blocks

    @Test(arguments: [1, 15, 16, 17, 100]) func aBlockIsWalkedBackward(count: Int) throws {
        let names = (0..<count).map { key("a-common-prefix/\(1_000 + $0 * 2)") }
        var builder = DataBlockBuilder()
        for (index, name) in names.enumerated() {
            name.withUnsafeBytes {
                builder.append(key: $0, kind: .delete, sequence: UInt64(index + 1), value: Self.empty)
            }
        }
        let cursor = DataBlockCursor(block: try DataBlock(payload: builder.finish()))
        cursor.seekToLast()
        for (index, name) in names.enumerated().reversed() {
            #expect(cursor.isValid && [UInt8](cursor.key) == name && cursor.sequence == UInt64(index + 1))
            #expect(cursor.hasPrevious == (index > 0))
            cursor.retreat()
        }
        #expect(!cursor.isValid)
        for number in 0...(2 * count) {
            key("a-common-prefix/\(1_000 + number)").withUnsafeBytes { cursor.seek(before: $0) }
            let expected = (number + 1) / 2
            #expect(cursor.isValid == (expected > 0))
            if expected > 0 { #expect(cursor.sequence == UInt64(expected)) }
        }
    }

    // MARK: The store

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func cursorsWalkBothWaysWithinBoundsAtAnySnapshot(seed: UInt64) async throws {
        let store = try openStore(SimulatedDisk(seed: seed), options: tinyOptions(), seed: seed)
        var workload = Workload(seed: seed &* 17)
        workload.keyCount = 120
        workload.inlineBytesMax = 3_000
        workload.writerBytesMax = 9_000
        var random = SeededRandom(seed: seed &* 29)
        var model: Model = [:]
        var old: (Snapshot, Model)?
        let keys = (0..<130).map { Workload.key($0) } + [[], [0], [0xFF]]
        for round in 0..<160 {
            let commit = workload.nextCommit()
            try await commit.commit(to: store)
            commit.apply(to: &model)
            if round == 60 { old = (store.snapshot(), model) }
            guard round % 8 == 0 else { continue }
            let pair = [keys, keys].map { $0[Int.random(in: 0..<$0.count, using: &random)] }.sorted { precedes($0, $1) }
            let upper = random.oneIn(3) ? nil : pair[1]
            for keyspace in [Keyspace.catalog, .objects, .items] {
                let (snapshot, shown) = random.oneIn(3) ? (old?.0, old?.1 ?? model) : (nil, model)
                var walk = CursorWalk(
                    store, keyspace, lower: pair[0], upper: upper, at: snapshot, model: shown)
                try await walk.run(
                    steps: 50, keys: keys, store: store, random: &random,
                    "seed \(seed) round \(round) \(keyspace) \(pair[0])..<\(String(describing: upper))")
            }
        }
        #expect(store.counters.flushes.load(ordering: .relaxed) > 1)
    }

    /// Of two tables that overlap, the one without any key of the scanned prefix is not looked at: its blocks may even
    /// be damaged.
    @Test func aScanWithinOnePrefixSkipsTablesByTheirFilters() async throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try openStore(disk, takesPauses: false)
        func bucket(_ number: UInt64, _ name: String) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.appendBigEndian(number)
            return bytes + key(name)
        }
        for group in [[1, 9], [4]] as [[UInt64]] {
            var batch = WriteBatch()
            for number in group { batch.put(.objects, bucket(number, "x"), value("\(number)")) }
            try await store.commit(batch)
            try await store.flushEverything()
        }
        let wide = try #require(store.version.allTables.first { $0.properties.entryCount == 2 })
        let file = try disk.open(wide.name, direct: false)
        try [UInt8](repeating: 0xEE, count: 16).withUnsafeBytes { try file.write($0, at: 0) }
        let prefix = bucket(4, "")
        let cursor = store.cursor(.objects, lower: prefix, upper: OrderedKey.end(ofPrefix: prefix))
        #expect(try await cursor.next()?.value == value("4"))
        #expect(try await cursor.next() == nil)
        // Both tables would be read without the filter.
        let whole = store.cursor(.objects, lower: prefix, upper: nil)
        await #expect(throws: StoreError.self) { _ = try await whole.next() }
    }
}

extension LogStore {
    /// Flushes what is in memory, by the thread that calls.
    func flushEverything() async throws {
        try await barrier()
        core.withLock { core in
            guard !core.activeSet.isEmpty else { return }
            let set = freezeActiveSet(&core)
            set.logEnd = core.logPosition
        }
        driver.backgroundIsWaiting()
    }
}
