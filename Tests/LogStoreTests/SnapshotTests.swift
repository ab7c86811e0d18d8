import Bytes
import Disk
import Testing

@testable import LogStore

/// Snapshots are bounded by what they hold, and whoever reads one that was given up is told.
@Suite struct SnapshotTests {
    private static func fill(_ store: LogStore, _ mark: UInt8, keys: Range<Int> = 0..<60) async throws {
        let content = Content.inline([UInt8](repeating: mark, count: 20_000))
        for number in keys {
            try await store.put("k\(100 + number)", StoredValue(head: [mark], content: content), in: .objects)
        }
    }

    private static func isTooOld(_ read: () async throws -> Void) async -> Bool {
        do {
            try await read()
            return false
        } catch {
            return error as? StoreError == .tooOld
        }
    }

    @Test func aSnapshotThatHoldsTooMuchMemoryIsGivenUpAndANewerOneIsNot() async throws {
        var options = tinyOptions()
        options.snapshotMemoryBytes = 600 << 10
        let store = try openStore(SimulatedDisk(seed: 1), options: options)
        try await Self.fill(store, 1)
        let old = store.snapshot()
        let cursor = store.cursor(.objects, at: old)
        #expect(try await cursor.next()?.value.head == [1])
        #expect(try await store.get(.objects, key("k101"), at: old)?.head == [1])
        var kept: [Snapshot] = []
        var mostBytes = 0
        for mark in 2..<20 as Range<UInt8> {
            try await Self.fill(store, mark, keys: 0..<10)
            kept.append(store.snapshot())
            mostBytes = max(mostBytes, store.statistics().snapshotMemoryBytes)
        }
        #expect(mostBytes <= 600 << 10)
        #expect(mostBytes > 300 << 10)
        #expect(store.statistics().snapshotsGivenUp > 0)
        #expect(await Self.isTooOld { _ = try await store.get(.objects, key("k101"), at: old) })
        #expect(await Self.isTooOld { _ = try store.getBlocking(.objects, key("k101"), at: old) })
        #expect(await Self.isTooOld { _ = try await store.counter(.objects, key("k101"), at: old) })
        #expect(await Self.isTooOld { _ = try await cursor.next() })
        #expect(await Self.isTooOld { _ = try cursor.previousBlocking() })
        #expect(await Self.isTooOld { _ = try await store.cursor(.objects, at: old).next() })
        #expect(try await store.get(.objects, key("k101"), at: kept[17])?.head == [19])
        #expect(try await store.get(.objects, key("k101"), at: kept[16])?.head == [18])
        #expect(try await store.get(.objects, key("k101"))?.head == [19])
    }

    /// A set of memtables is frozen a little above its size: a scan that one flush overtakes must go on all the same.
    @Test func aScanOutlivesTheFlushOfWhatItReads() async throws {
        var options = tinyOptions()
        // Above the least that snapshots may hold, so that the bound follows the size of the sets.
        options.memtableBytes = 33 << 20
        options.memoryBudgetBytes = 256 << 20
        options.commitBytesMax = 2 << 20
        options.firstSegmentBytes = 40 << 20
        options.segmentBytes = 40 << 20
        let store = try openStore(SimulatedDisk(seed: 1), options: options)
        let content = Content.inline([UInt8](repeating: 7, count: 60_000))
        var written = 0
        func writeUntilFlush(_ count: Int) async throws {
            while store.statistics().flushes < count {
                try await store.put("k\(10_000 + written)", StoredValue(head: [], content: content), in: .objects)
                written += 1
            }
        }
        for name in ["a", "b", "c"] { try await store.put(name, value(name), in: .objects) }
        let cursor = store.cursor(.objects)
        #expect(try await cursor.next()?.key == key("a"))
        try await writeUntilFlush(1)
        #expect(try await cursor.next()?.key == key("b"))
        #expect(store.statistics().snapshotMemoryBytes >= 33 << 20)
        try store.close()
    }

    /// The files go although the handle stays.
    @Test func aSnapshotThatHoldsTooMuchDiskIsGivenUp() async throws {
        let disk = SimulatedDisk(seed: 1)
        var options = tinyOptions()
        options.snapshotDiskBytes = 64 << 10
        let store = try openStore(disk, options: options)
        try await Self.fill(store, 1)
        try await store.flushEverything()
        let snapshot = store.snapshot()
        let files = try disk.list().filter { $0.hasSuffix(".tab") }
        #expect(!files.isEmpty)
        #expect(store.statistics().snapshotStates == 0)
        for mark in 2..<9 as Range<UInt8> {
            try await Self.fill(store, mark)
            try await store.flushEverything()
        }
        #expect(store.statistics().snapshotsGivenUp > 0)
        #expect(store.statistics().snapshotDiskBytes == 0)
        #expect(await Self.isTooOld { _ = try await store.get(.objects, key("k101"), at: snapshot) })
        try await store.flushEverything()
        #expect(try !disk.list().contains { files.contains($0) })
    }

    /// A state that many changes have passed is given up, however little it holds.
    @Test func aSnapshotIsGivenUpAtItsAge() async throws {
        let store = try openStore(SimulatedDisk(seed: 1))
        try await store.put("a", value("1"))
        let snapshot = store.snapshot()
        func change() {
            store.core.withLock { $0.version = $0.version.replacing(memtables: $0.version.memtables) }
        }
        for _ in 0...EngineLimits.snapshotAgeMax { change() }
        #expect(store.statistics().snapshotAge == EngineLimits.snapshotAgeMax)
        #expect(store.statistics().snapshotStates == 1)
        store.boundSnapshots()
        #expect(try await store.get(.catalog, key("a"), at: snapshot) == value("1"))
        change()
        store.boundSnapshots()
        #expect(await Self.isTooOld { _ = try await store.get(.catalog, key("a"), at: snapshot) })
        #expect(store.statistics().snapshotStates == 0)
    }

    @Test func aFullDiskComesBeforeSnapshots() async throws {
        let store = try openStore(SimulatedDisk(seed: 1), options: tinyOptions())
        try await Self.fill(store, 1)
        try await store.flushEverything()
        let snapshot = store.snapshot()
        for mark in 2..<9 as Range<UInt8> {
            try await Self.fill(store, mark)
            try await store.flushEverything()
        }
        #expect(store.statistics().snapshotDiskBytes > 0)
        #expect(try await store.get(.objects, key("k101"), at: snapshot)?.head == [1])
        store.core.withLock { $0.isLowOnSpace = true }
        store.boundSnapshots()
        #expect(await Self.isTooOld { _ = try await store.get(.objects, key("k101"), at: snapshot) })
        #expect(store.statistics().snapshotDiskBytes == 0)
    }

    /// Holding nothing is free: handles of the present state, and of one that nobody has left behind.
    @Test func releasedSnapshotsHoldNothing() async throws {
        let store = try openStore(SimulatedDisk(seed: 1), options: tinyOptions())
        try await Self.fill(store, 1)
        var snapshots = (0..<1_000).map { _ in store.snapshot() }
        #expect(store.statistics().snapshotStates == 0)
        try await Self.fill(store, 2)
        #expect(store.statistics().snapshotStates == 1)
        #expect(store.statistics().snapshotMemoryBytes > 0)
        // Held up to here, also in an optimised build.
        #expect(snapshots.count == 1_000)
        snapshots.removeAll()
        #expect(store.statistics().snapshotStates == 0)
        #expect(store.statistics().snapshotMemoryBytes == 0)
        #expect(store.statistics().snapshotsGivenUp == 0)
    }

    /// A transaction whose snapshot is given up under it runs again.
    @Test func aTransactionOutlivesItsSnapshot() async throws {
        let store = try openStore(SimulatedDisk(seed: 1))
        try await store.put("a", value("1"))
        let runs = Lock(0)
        let seen = try await store.transaction { transaction, batch in
            let run = runs.withLock { runs in
                runs += 1
                return runs
            }
            if run == 1 {
                store.core.withLock { core in
                    for _ in 0...EngineLimits.snapshotAgeMax + 1 {
                        core.version = core.version.replacing(memtables: core.version.memtables)
                    }
                }
                store.boundSnapshots()
            }
            batch.put(.catalog, key("b"), value("2"))
            return try await transaction.get(.catalog, key("a"))
        }
        #expect(seen == value("1"))
        #expect(runs.withLock { $0 } == 2)
    }
}
