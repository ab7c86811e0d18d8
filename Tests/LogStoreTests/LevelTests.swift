import Bytes
import Disk
import Testing

@testable import LogStore

/// The levels of a real store: what they cost to write, and what deletes leave behind.
@Suite struct LevelTests {
    private func options() -> StoreOptions {
        var options = smallOptions()
        options.memtableBytes = 128 << 10
        options.tableBytes = 32 << 10
        options.levelBaseBytes = 256 << 10
        options.compression = false
        return options
    }

    /// Driven as if commits came without a break.
    private func open(_ disk: SimulatedDisk, seed: UInt64 = 1) throws -> LogStore {
        try openStore(disk, options: options(), seed: seed, takesPauses: false)
    }

    private func name(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) } }

    private func fill(
        _ store: LogStore, _ numbers: some Sequence<Int>, random: inout SeededRandom, valueBytes: Int = 100
    ) async throws {
        var batch = WriteBatch()
        for number in numbers {
            let bytes = (0..<valueBytes / 8).flatMap { _ in withUnsafeBytes(of: random.next()) { [UInt8]($0) } }
            batch.put(.catalog, name(number), StoredValue(head: bytes))
            if batch.entries.count == 50 {
                try await store.commit(batch)
                batch = WriteBatch()
            }
        }
        try await store.commit(batch)
    }

    private func remove(_ store: LogStore, _ numbers: some Sequence<Int>) async throws {
        var batch = WriteBatch()
        for number in numbers {
            batch.delete(.catalog, name(number))
            if batch.entries.count == 200 {
                try await store.commit(batch)
                batch = WriteBatch()
            }
        }
        try await store.commit(batch)
    }

    /// Random overwrites of a store of forty memtables: each byte is written once to the log, once by a flush, and a
    /// bounded number of times by merges; and no level takes more than its share of space.
    @Test func overwritesCostABoundedNumberOfWrites() async throws {
        let store = try open(SimulatedDisk(seed: 1))
        var random = SeededRandom(seed: 1)
        let count = 20_000
        try await fill(store, 0..<count, random: &random)
        let before = store.statistics()
        for _ in 0..<3 {
            let numbers = (0..<count).map { _ in Int.random(in: 0..<count, using: &random) }
            try await fill(store, numbers, random: &random)
        }
        let after = store.statistics()
        store.checkTree()
        #expect(store.usedLevels.isSuperset(of: [5, 6]))
        let user = Double(after.committedBytes - before.committedBytes)
        let written = Double(
            after.flushedBytes - before.flushedBytes + after.compactedBytes - before.compactedBytes)
        #expect(written / user < 9, "\(written / user)")
        let merged = after.levels.reduce(0) { $0 + $1.writtenBytes }
        #expect(Int(merged) == after.compactedBytes)
        let live = Double(count) * 125
        let tables = Double(after.tableBytes)
        #expect(tables / live < 1.5, "\(tables / live)")
        #expect(after.pendingMergeBytes < 4 << 20)
        try store.close()
    }

    /// Keys in order never meet: they are flushed once and moved.
    @Test func ascendingKeysAreNotRewritten() async throws {
        let store = try open(SimulatedDisk(seed: 2))
        var random = SeededRandom(seed: 2)
        try await fill(store, 0..<30_000, random: &random)
        let numbers = store.statistics()
        store.checkTree()
        #expect(numbers.movedTables > 0)
        #expect(numbers.compactedBytes < numbers.flushedBytes / 4, "\(numbers.compactedBytes)")
        try store.close()
    }

    /// After a mass delete nothing is left to pass: neither of the tables nor of the deletes, wherever they lay.
    @Test(arguments: [1_000, 5_000, 40_000]) func aListingHasMassDeletesMergedAway(count: Int) async throws {
        let store = try open(SimulatedDisk(seed: 3))
        var random = SeededRandom(seed: 3)
        try await fill(store, 0..<count, random: &random)
        try await remove(store, 10..<count)
        #expect(try await store.scan(.catalog).count == 10)
        // The scan has left a hint if it had much to pass; the background has acted on it.
        let version = store.version
        let deletes = version.runs(.catalog).reduce(0) { $0 + Int($1.deleteCount) }
        let unflushed = version.memtables.reduce(0) { $0 + $1.memtable(.catalog).deleteCount }
        #expect(deletes + unflushed < 2 * ReadHints.passedDeletesMax, "\(deletes) + \(unflushed)")
        #expect(store.statistics().tableBytes < 300 << 10)
        #expect(try await store.scan(.catalog).count == 10)
        store.checkTree()
        try store.close()
    }

    /// Deletes of large content do not wait for a full memtable.
    @Test func contentOfDeletedValuesGoesEarly() async throws {
        let disk = SimulatedDisk(seed: 4)
        let store = try open(disk)
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        for round in 0..<4 {
            for index in 0..<40 {
                let writer = store.contentWriter()
                try bytes.withUnsafeBytes { try writer.append($0) }
                let content = try await writer.finish()
                var batch = WriteBatch()
                batch.put(.objects, name(round * 100 + index), StoredValue(head: [], content: content.content))
                try await store.commit(batch)
            }
            for index in 0..<40 {
                var batch = WriteBatch()
                batch.delete(.objects, name(round * 100 + index))
                try await store.commit(batch)
            }
        }
        #expect(store.statistics().flushes > 0)
        #expect(try await store.scan(.objects).isEmpty)
        try store.close()
    }

    /// Level 0 goes down early where reads pay for its runs, and in a quiet store; otherwise not before there are many.
    @Test func level0GoesDownEarlyForReads() async throws {
        let store = try open(SimulatedDisk(seed: 6))
        var random = SeededRandom(seed: 6)
        func level0Runs() -> Int { store.version.runs(.catalog).count { $0.level == 0 } }
        try await fill(store, 0..<1_000, random: &random)
        while level0Runs() < 3 { try await fill(store, 0..<100, random: &random) }
        #expect(store.statistics().compactions == 0)
        let bytes = store.version.runs(.catalog).reduce(0) { $0 + $1.byteCount }
        let looks = bytes / ReadHints.mergeBytesPerLook
        for _ in 0..<(looks / (2 * ReadHints.looksPerSeek) + 10) {
            _ = try await store.cursor(.catalog).next()
        }
        #expect(level0Runs() == 0)
        #expect(try await store.scan(.catalog).count == 1_000)
        store.checkTree()
        try store.close()
    }

    @Test func lookupsPayForLevel0Too() async throws {
        let store = try open(SimulatedDisk(seed: 7))
        var random = SeededRandom(seed: 7)
        try await fill(store, 0..<1_000, random: &random)
        while store.version.runs(.catalog).count < 3 { try await fill(store, 0..<100, random: &random) }
        let bytes = store.version.runs(.catalog).reduce(0) { $0 + $1.byteCount }
        for _ in 0..<(2 + bytes / ReadHints.mergeBytesPerLook / 1_000) {
            for number in 0..<1_000 { _ = try await store.get(.catalog, name(number)) }
        }
        #expect(store.usedLevels == [6])
        try store.close()
    }

    @Test func level0GoesDownInAQuietStore() async throws {
        let store = try openStore(SimulatedDisk(seed: 8), options: options())
        var random = SeededRandom(seed: 8)
        while store.statistics().flushes < 3 { try await fill(store, 0..<1_000, random: &random) }
        #expect(store.usedLevels == [6])
        try store.close()
    }

    @Test func levelsThatOverlapAreRefused() async throws {
        let disk = SimulatedDisk(seed: 5)
        let store = try open(disk)
        var random = SeededRandom(seed: 5)
        for _ in 0..<2 { try await fill(store, 0..<1_200, random: &random) }
        let tables = store.version.runs(.catalog).flatMap(\.tables)
        #expect(tables.count > 1)
        var edit = ManifestEdit(tables.map { .removeTable(file: $0.number) })
        for table in tables {
            edit.records.append(
                .addTable(
                    ManifestEdit.TableRecord(
                        keyspace: .catalog, level: 6, run: 0, file: table.number, length: table.length,
                        properties: table.properties)))
        }
        try store.manifest.append(edit, numbers: store.numbers)
        try store.close()
        #expect(throws: StoreError.self) { try open(disk, seed: 2) }
    }
}
