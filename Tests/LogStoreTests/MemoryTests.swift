import Bytes
import Disk
import Foundation
import Testing

@testable import LogStore

/// What a store takes of its memory budget, and gives back.
@Suite struct MemoryTests {
    @Test func anArenasMemoryServesTheNextOneAndGoesBack() {
        let memory = ArenaMemory(spareBytesMax: 2 << 20)
        func fill(bytes: Int) {
            let arena = Arena(memory: memory)
            var places: [UnsafeMutableRawPointer] = []
            while arena.allocatedBytes < bytes {
                let place = arena.allocate(3_000)
                place.storeBytes(of: UInt64(places.count), as: UInt64.self)
                places.append(place)
            }
            #expect(memory.usedBytes == arena.allocatedBytes)
            #expect(places.enumerated().allSatisfy { $1.load(as: UInt64.self) == UInt64($0) })
        }
        fill(bytes: 512 << 10)
        #expect(memory.usedBytes == 0)
        #expect(!memory.hasSpares)
        for _ in 0..<2 {
            fill(bytes: 6 << 20)
            #expect(memory.usedBytes == 0)
            #expect(memory.spareBytes == 2 << 20)
        }
        #expect(memory.trimSpares())
        #expect(!memory.hasSpares)
        #expect(!memory.trimSpares())
    }

    @Test func aQuietStoreGivesMemtablesMemoryBack() async throws {
        var options = smallOptions()
        options.memtableBytes = 3 << 20
        let store = try openStore(SimulatedDisk(seed: 1), options: options)
        let value = StoredValue(head: [UInt8](repeating: 7, count: 1_000))
        for number in 0..<4_000 { try await store.put("k\(number)", value) }
        #expect(store.statistics().flushes > 0)
        store.core.withLock { core in store.freezeActiveSet(&core).logEnd = core.logPosition }
        store.driver.backgroundIsWaiting()
        #expect(store.memtableMemory.spareBytes == 0)
        #expect(store.memtableMemory.usedBytes < 1 << 20)
    }

    @Test func memtablesThatReadersHoldTakeFromTheWritersShare() async throws {
        var options = smallOptions()
        options.memtableBytes = 256 << 10
        let store = try openStore(SimulatedDisk(seed: 1), options: options)
        func room() -> Int { store.memtableRoom(besides: store.statistics().memtableBytes) }
        func flushSets(_ count: Int) async throws {
            let flushes = store.statistics().flushes
            while store.statistics().flushes < flushes + count {
                try await store.put("k", StoredValue(head: [UInt8](repeating: 7, count: 1_000)))
            }
        }
        try await flushSets(1)
        #expect(room() == 3 * (256 << 10))
        var held: [Snapshot] = []
        held.append(store.snapshot())
        try await flushSets(1)
        #expect(room() < 9 * (64 << 10))
        for _ in 0..<3 {
            held.append(store.snapshot())
            try await flushSets(1)
        }
        #expect(room() == 3 * (128 << 10))
        held = []
        try await flushSets(1)
        #expect(room() == 3 * (256 << 10))
    }

    /// Memtables, whether the store or a reader has them, block cache, filters and indexes.
    @Test func writersReadersAndScansStayInTheBudget() async throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "varve-memory-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        var options = StoreOptions()
        options.memoryBudgetBytes = 12 << 20
        options.durability = .never
        // At least 32 MiB by itself: so small a budget is for tests only.
        options.snapshotMemoryBytes = options.memtableBytesMax / 2 * 3
        let budget = options.memoryBudgetBytes
        let driver = ThreadedDriver(offloadThreadCount: 2, syncIntervalMilliseconds: nil)
        let store = try LogStore.open(
            disk: try POSIXDisk(path: place.path), options: options, driver: driver, randomSeed: 1)
        driver.start(driving: store)
        let most = try await Self.writeAndScan(store, seed: 1)
        driver.stop()
        #expect(store.statistics().flushes > 4)
        try store.close()
        #expect(most > budget / 2)
        #expect(most <= budget)
    }

    /// Puts, reads and stands in scans; returns the most memory that the store had. All scans go on before each look:
    /// one whose snapshot was given up lets go when it is told so.
    private static func writeAndScan(_ store: LogStore, seed: UInt64) async throws -> Int {
        var random = SeededRandom(seed: seed)
        var cursors: [Cursor] = []
        var most = 0
        for round in 0..<240 {
            for _ in 0..<50 {
                let value = StoredValue(head: [UInt8](repeating: UInt8(round & 255), count: 1_000))
                try await store.put("k\(random.next() % 20_000)", value)
                _ = try await store.get(.catalog, key("k\(random.next() % 20_000)"))
            }
            cursors.append(store.cursor(.catalog))
            if cursors.count > 10 { cursors.removeFirst() }
            for cursor in cursors {
                // A snapshot that held too much is given up, and said to be.
                do { for _ in 0..<20 { _ = try await cursor.next() } } catch .tooOld {}
            }
            let numbers = store.statistics()
            most = max(most, store.memtableMemory.usedBytes + numbers.blockCacheBytes + numbers.tableResidentBytes)
        }
        return most
    }
}
