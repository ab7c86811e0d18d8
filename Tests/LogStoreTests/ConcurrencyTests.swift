import Bytes
import Disk
import Foundation
import Testing

@testable import LogStore

/// Many tasks on the daemon's threads and a real disk; `scripts/sanitize thread` runs them under the sanitizer.
@Suite struct ConcurrencyTests {
    private static let taskCount = 8

    private func withStore(seed: UInt64, _ body: @Sendable (LogStore) async throws -> Void) async throws {
        // A real disk: the sanitizer sees what its calls read and write.
        let place = FileManager.default.temporaryDirectory.appending(path: "varve-threads-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        let driver = ThreadedDriver(offloadThreadCount: 2, syncIntervalMilliseconds: nil)
        let store = try LogStore.open(
            disk: try POSIXDisk(path: place.path), options: tinyOptions(), driver: driver, randomSeed: seed)
        driver.start(driving: store)
        do { try await body(store) } catch { Issue.record(error) }
        driver.stop()
        try store.close()
    }

    @Test func countersOfManyTasksAddUp() async throws {
        try await withStore(seed: 1) { store in
            try await withThrowingTaskGroup { group in
                for task in 0..<Self.taskCount {
                    group.addTask {
                        for round in 0..<60 {
                            var batch = WriteBatch()
                            batch.add(.items, key("n"), 1)
                            batch.put(
                                .objects, key("fill\(task)"),
                                StoredValue(head: [], content: .inline([UInt8](repeating: 3, count: 3_000))))
                            try await store.commit(batch)
                            try await Self.increment(store, "latched")
                            if round % 3 == 0 { try await Self.incrementByTransaction(store, "validated") }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let rounds = Int64(Self.taskCount) * 60
            #expect(try await store.counter(.items, key("n")) == rounds)
            #expect(try await store.get(.catalog, key("latched"))?.head.first.map(Int64.init) == rounds % 256)
            #expect(try await store.get(.catalog, key("validated"))?.head.first.map(Int64.init) == rounds / 3 % 256)
        }
    }

    private static func increment(_ store: LogStore, _ name: String) async throws {
        try await store.update(.catalog, key(name)) { current, batch in
            batch.put(.catalog, key(name), StoredValue(head: [(current?.head[0] ?? 0) &+ 1]))
        }
    }

    private static func incrementByTransaction(_ store: LogStore, _ name: String) async throws {
        try await store.transaction { transaction, batch in
            let current = try await transaction.get(.catalog, key(name))
            batch.put(.catalog, key(name), StoredValue(head: [(current?.head[0] ?? 0) &+ 1]))
        }
    }

    /// A writer finds what it was told is there, on whatever processor it looks, and no reader sees a key go back,
    /// while flushes and merges replace what both read.
    @Test func readsFindWhatWasAcknowledgedAndNeverGoBack() async throws {
        @Sendable func number(_ store: LogStore, _ writer: Int) async throws -> UInt16 {
            let head = try await store.get(.objects, key("\(writer)"))?.head ?? [0, 0]
            return UInt16(head[0]) << 8 | UInt16(head[1])
        }
        try await withStore(seed: 3) { store in
            try await withThrowingTaskGroup { group in
                for writer in 0..<3 {
                    group.addTask {
                        for round in 1...300 as ClosedRange<UInt16> {
                            var batch = WriteBatch()
                            batch.put(
                                .objects, key("\(writer)"),
                                StoredValue(
                                    head: [UInt8(round >> 8), UInt8(truncatingIfNeeded: round)],
                                    content: .inline([UInt8](repeating: 1, count: 3_000))))
                            try await store.commit(batch)
                            #expect(try await number(store, writer) == round)
                        }
                    }
                }
                for _ in 0..<3 {
                    group.addTask {
                        var newest: [UInt16] = [0, 0, 0]
                        while newest.min() != 300 {
                            for writer in newest.indices {
                                let found = try await number(store, writer)
                                #expect(found >= newest[writer])
                                newest[writer] = found
                            }
                            await Task.yield()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(store.statistics().flushes > 10)
        }
    }

    /// Writers move two keys together; no reader ever sees them apart, whatever is flushed or compacted meanwhile.
    @Test func readersSeeWholeCommits() async throws {
        try await withStore(seed: 2) { store in
            try await withThrowingTaskGroup { group in
                for writer in 0..<3 {
                    group.addTask {
                        for round in 0..<150 {
                            var batch = WriteBatch()
                            let stored = StoredValue(
                                head: key("\(round)"),
                                content: .inline([UInt8](repeating: UInt8(round), count: 4_000)))
                            batch.put(.objects, key("\(writer)/a"), stored)
                            batch.put(.bodies, key("\(writer)/b"), stored)
                            batch.put(.objects, key("\(writer)/\(round)"), value("x"))
                            if round >= 20 { batch.delete(.objects, key("\(writer)/\(round - 20)")) }
                            try await store.commit(batch)
                        }
                    }
                }
                for _ in 0..<3 {
                    group.addTask {
                        for _ in 0..<120 {
                            let snapshot = store.snapshot()
                            for writer in 0..<3 {
                                let a = try await store.get(.objects, key("\(writer)/a"), at: snapshot)
                                let b = try await store.get(.bodies, key("\(writer)/b"), at: snapshot)
                                #expect(a?.head == b?.head)
                                if let a, let b { #expect(try store.bytes(a.content) == store.bytes(b.content)) }
                            }
                            let cursor = store.cursor(.objects, lower: key("1/"), upper: key("2/"), at: snapshot)
                            var count = 0
                            while try await cursor.next() != nil { count += 1 }
                            #expect(count <= 22)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
