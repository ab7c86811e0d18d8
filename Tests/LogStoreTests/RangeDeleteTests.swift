import Bytes
import Disk
import Synchronization
import Testing

@testable import LogStore

/// Deleting ranges of keys: one commit, and whole tables that go without being read.
@Suite struct RangeDeleteTests {
    private static func name(_ number: Int) -> [UInt8] { key("key/\(1_000 + number)") }

    /// Numbers of the keys that a store shows in both directions.
    private static func numbers(_ store: LogStore, at snapshot: Snapshot? = nil) async throws -> [Int] {
        func number(_ name: [UInt8]) -> Int { (Int(String(decoding: name.suffix(4), as: UTF8.self)) ?? 0) - 1_000 }
        let cursor = store.cursor(.objects, at: snapshot)
        var found: [Int] = []
        while let entry = try await cursor.next() { found.append(number(entry.key)) }
        var back: [Int] = []
        while let entry = try await cursor.previous() { back.append(number(entry.key)) }
        #expect(back.reversed() == found)
        return found
    }

    private static func put(_ range: Range<Int>, _ store: LogStore, content: Content = .none) async throws {
        var batch = WriteBatch()
        for number in range {
            batch.put(.objects, name(number), StoredValue(head: [UInt8(number & 255)], content: content))
        }
        try await store.commit(batch)
    }

    private static func deleteRange(_ range: Range<Int>, _ store: LogStore) async throws {
        var batch = WriteBatch()
        batch.deleteRange(.objects, from: name(range.lowerBound), to: name(range.upperBound))
        try await store.commit(batch)
    }

    // MARK: What is shown

    @Test func aRangeDeleteHidesWhatWasThereBeforeAndNothingElse() async throws {
        let disk = SimulatedDisk(seed: 1)
        var store = try openStore(disk)
        for isFlushed in [false, true] {
            try await Self.put(0..<20, store)
            if isFlushed { try await store.flushEverything() }
            let before = store.snapshot()
            try await Self.deleteRange(5..<15, store)
            let between = store.snapshot()
            try await Self.put(8..<10, store)
            let expected = Array(0..<5) + [8, 9] + Array(15..<20)
            #expect(try await Self.numbers(store) == expected)
            #expect(try await store.get(.objects, Self.name(7)) == nil)
            #expect(try await store.get(.objects, Self.name(8)) != nil)
            if isFlushed { try await store.flushEverything() }
            #expect(try await Self.numbers(store) == expected)
            #expect(try await Self.numbers(store, at: before) == Array(0..<20))
            #expect(try await Self.numbers(store, at: between) == Array(0..<5) + Array(15..<20))
            #expect(try await store.get(.objects, Self.name(8), at: between) == nil)
            #expect(try await store.get(.objects, Self.name(7), at: before) != nil)
            try store.close()
            store = try openStore(disk)
            #expect(try await Self.numbers(store) == expected)
        }
        try store.close()
    }

    @Test func operationsOfOneCommitApplyInOrder() async throws {
        let store = try openStore(SimulatedDisk(seed: 1))
        try await Self.put(0..<4, store)
        var batch = WriteBatch()
        batch.put(.objects, Self.name(5), value("goes"))
        batch.add(.items, key("n"), 5)
        batch.deleteRange(.objects, from: Self.name(0), to: Self.name(8))
        batch.deleteRange(.objects, from: Self.name(6), to: Self.name(9))
        batch.deleteRange(.items, from: [], to: [0xFF])
        batch.put(.objects, Self.name(2), value("stays"))
        batch.put(.objects, Self.name(9), value("outside"))
        batch.add(.items, key("n"), 7)
        // Nothing lies between the two.
        batch.deleteRange(.objects, from: Self.name(9), to: Self.name(9))
        batch.deleteRange(.objects, from: Self.name(9), to: Self.name(1))
        try await store.commit(batch)
        #expect(try await Self.numbers(store) == [2, 9])
        #expect(try await store.counter(.items, key("n")) == 7)
        try await store.flushEverything()
        #expect(try await Self.numbers(store) == [2, 9])
        #expect(try await store.counter(.items, key("n")) == 7)
    }

    @Test func countersStartAgainAtZeroUnderARangeDelete() async throws {
        let store = try openStore(SimulatedDisk(seed: 1))
        func add(_ delta: Int64) async throws {
            var batch = WriteBatch()
            batch.add(.items, key("n"), delta)
            try await store.commit(batch)
        }
        for flushes in 0..<8 {
            try await add(100)
            if flushes & 1 > 0 { try await store.flushEverything() }
            var batch = WriteBatch()
            batch.deleteRange(.items, from: key("a"), to: key("z"))
            try await store.commit(batch)
            if flushes & 2 > 0 { try await store.flushEverything() }
            #expect(try await store.counter(.items, key("n")) == 0)
            try await add(3)
            if flushes & 4 > 0 { try await store.flushEverything() }
            try await add(4)
            #expect(try await store.counter(.items, key("n")) == 7)
        }
    }

    @Test func additionsOfABatchToACounterAreOneEntryButNotAcrossARangeDelete() async throws {
        let store = try openStore(SimulatedDisk(seed: 1))
        var batch = WriteBatch()
        for number in 0..<100 {
            batch.put(.objects, Self.name(number), StoredValue(head: [1]))
            batch.add(.items, key("m"), 2)
            batch.add(.items, key("n"), -1)
        }
        #expect(batch.entries.count == 102)
        batch.put(.items, key("p"), StoredValue(head: [1]))
        batch.deleteRange(.items, from: key("n"), to: key("z"))
        batch.add(.items, key("n"), 5)
        batch.add(.items, key("m"), 1)
        #expect(batch.entries.count == 106)
        try await store.commit(batch)
        #expect(try await store.counter(.items, key("m")) == 201)
        #expect(try await store.counter(.items, key("n")) == 5)
    }

    @Test(arguments: [0, 8, 100]) func mutationsOfAKeyInOneBatchFollowEachOther(others: Int) async throws {
        let store = try openStore(SimulatedDisk(seed: 1))
        var batch = WriteBatch()
        func between() {
            for number in 0..<others {
                batch.put(.objects, Self.name(batch.entries.count * 1000 + number), StoredValue(head: [1]))
            }
        }
        batch.add(.catalog, key("deleted"), 3)
        batch.add(.catalog, key("set"), 3)
        batch.put(.items, key("again"), StoredValue(head: [1]))
        between()
        batch.delete(.catalog, key("deleted"))
        batch.put(.catalog, key("set"), StoredValue(head: [10, 0, 0, 0, 0, 0, 0, 0]))
        batch.put(.items, key("set"), StoredValue(head: [9]))
        between()
        batch.add(.catalog, key("deleted"), 4)
        batch.add(.catalog, key("set"), 5)
        batch.put(.items, key("again"), StoredValue(head: [2]))
        try await store.commit(batch)
        #expect(try await store.counter(.catalog, key("deleted")) == 4)
        #expect(try await store.counter(.catalog, key("set")) == 15)
        #expect(try await store.get(.items, key("again"))?.head == [2])
        #expect(try await store.get(.items, key("set"))?.head == [9])
    }

    // MARK: Transactions

    @Test func aRangeDeleteConflictsWithReadsOfKeysAndRangesInside() async throws {
        let store = try openStore(SimulatedDisk(seed: 1))
        try await Self.put(0..<10, store)
        let cases: [(Range<Int>, runs: Int)] = [(4..<6, 2), (20..<30, 1), (9..<12, 2), (6..<9, 1), (0..<1, 1)]
        for (range, expected) in cases {
            for readsRange in [false, true] {
                let runs = Mutex(0)
                try await store.transaction { transaction, batch in
                    if readsRange {
                        _ = try await transaction.scan(
                            .objects, lower: Self.name(4), upper: Self.name(6), limit: 100)
                        _ = try await transaction.scan(
                            .objects, lower: Self.name(9), upper: Self.name(10), limit: 100)
                    } else {
                        for number in [4, 5, 9] { _ = try await transaction.get(.objects, Self.name(number)) }
                    }
                    batch.put(.catalog, key("x"), value("1"))
                    let run = runs.withLock { runs in
                        runs += 1
                        return runs
                    }
                    if run == 1 { try await Self.deleteRange(range, store) }
                }
                #expect(runs.withLock { $0 } == expected, "\(range), \(readsRange)")
            }
        }
    }

    @Test func anUpdateSeesARangeDeleteThatOvertookIt() async throws {
        let store = try openStore(SimulatedDisk(seed: 1))
        try await Self.put(0..<3, store)
        try await Self.deleteRange(0..<2, store)
        let seen = try await store.update(.objects, Self.name(1)) { current, batch -> Bool in
            batch.put(.objects, Self.name(1), value("new"))
            return current != nil
        }
        #expect(!seen)
        #expect(try await Self.numbers(store) == [1, 2])
    }

    // MARK: Limits

    @Test func limitsAreErrorsBeforeAnythingIsWritten() async throws {
        let store = try openStore(SimulatedDisk(seed: 1))
        var many = WriteBatch()
        for number in 0...EngineLimits.rangeDeletesPerCommitMax {
            many.deleteRange(.objects, from: key("\(number)"), to: key("\(number)0"))
        }
        await #expect(throws: StoreError.self) { try await store.commit(many) }
        var long = WriteBatch()
        long.deleteRange(.objects, from: [], to: [UInt8](repeating: 1, count: EngineLimits.keyBytesMax + 1))
        await #expect(throws: StoreError.self) { try await store.commit(long) }
        // A stamp decides whether the key is in the range.
        var stamped = WriteBatch()
        let zeros = [UInt8](repeating: 0, count: 8)
        stamped.put(.versions, key("a") + zeros, value("1"), keyStampOffset: 1)
        stamped.deleteRange(.versions, from: key("a") + [0, 5], to: key("b"))
        await #expect(throws: StoreError.self) { try await store.commit(stamped) }
        var clear = WriteBatch()
        clear.put(.versions, key("a") + zeros, value("1"), keyStampOffset: 1)
        clear.put(.versions, key("c") + zeros, value("1"), keyStampOffset: 1)
        clear.deleteRange(.versions, from: key("a"), to: key("b"))
        try await store.commit(clear)
        #expect(try await store.scan(.versions).count == 1)
    }

    @Test func aSetWithManyRangeDeletesIsFlushed() async throws {
        var options = smallOptions()
        options.memtableBytes = 4 << 20
        let store = try openStore(SimulatedDisk(seed: 1), options: options)
        try await Self.put(0..<3_000, store)
        try await store.flushEverything()
        for start in stride(from: 0, to: 3_000, by: 250) {
            var batch = WriteBatch()
            for number in stride(from: start, to: start + 250, by: 1) where number % 2 == 0 {
                batch.deleteRange(.objects, from: Self.name(number), to: Self.name(number) + [0])
            }
            try await store.commit(batch)
        }
        for _ in 0..<6 { try await store.flushEverything() }
        #expect(try await Self.numbers(store) == (0..<3_000).filter { $0 % 2 == 1 })
    }

    // MARK: Tables

    /// The data of the tables is damaged: whoever looked into them would notice.
    @Test func wholeTablesAreDroppedWithoutBeingRead() async throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try openStore(disk)
        let content = Content.inline([UInt8](repeating: 7, count: 20_000))
        for batch in 0..<3 {
            try await Self.put(batch * 30..<batch * 30 + 30, store, content: content)
            try await store.flushEverything()
        }
        let extents = try disk.list().filter { $0.hasSuffix(".ext") }
        #expect(!extents.isEmpty)
        let tables = store.version.allTables
        for table in tables {
            let file = try disk.open(table.name, direct: false)
            try [UInt8](repeating: 0xEE, count: 16).withUnsafeBytes { try file.write($0, at: 0) }
        }
        let edits = store.counters.flushes.load(ordering: .relaxed)
        try await Self.deleteRange(0..<90, store)
        #expect(try await store.get(.objects, Self.name(3)) == nil)
        try await store.flushEverything()
        #expect(store.counters.flushes.load(ordering: .relaxed) == edits + 1)
        #expect(store.version.allTables.isEmpty)
        #expect(store.statistics().droppedTables == tables.count)
        let left = try disk.list().filter { $0.hasSuffix(".tab") || extents.contains($0) }
        #expect(left.count == tables.count + extents.count)
        // A version in use keeps them; with the last reference they go.
        withExtendedLifetime(tables) {}
    }

    @Test func filesOfDroppedTablesAreUnlinked() async throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try openStore(disk)
        let content = Content.inline([UInt8](repeating: 7, count: 20_000))
        try await Self.put(0..<30, store, content: content)
        try await store.flushEverything()
        #expect(try disk.list().contains { $0.hasSuffix(".ext") })
        try await Self.deleteRange(0..<30, store)
        try await store.flushEverything()
        try await store.put("x", value("1"))
        #expect(try disk.list().filter { $0.hasSuffix(".ext") || $0.hasSuffix(".tab") }.isEmpty)
    }

    /// What a range delete hides is passed block by block where it cannot be dropped whole: by the index, unread.
    @Test func aScanPassesHiddenEntriesWithoutReadingThem() async throws {
        let disk = SimulatedDisk(seed: 1)
        var options = smallOptions()
        options.memtableBytes = 8 << 20
        options.compression = false
        let store = try openStore(disk, options: options)
        let count = 4_000
        for start in stride(from: 0, to: count, by: 500) { try await Self.put(start..<start + 500, store) }
        try await store.flushEverything()
        let table = try #require(store.version.allTables.first)
        #expect(table.blockCount >= 5)
        try await Self.deleteRange(1..<count - 1, store)
        let file = try disk.open(table.name, direct: false)
        // In the third block. The walk meets the range delete in the first, or in the last.
        try [UInt8](repeating: 0xEE, count: 1_000).withUnsafeBytes { try file.write($0, at: 18_000) }
        #expect(try await Self.numbers(store) == [0, count - 1])
    }

    /// Merges drop what is hidden, wherever it lies, and at the bottom the range delete itself.
    @Test func mergesDropHiddenEntriesAndSpentRangeDeletes() async throws {
        let store = try openStore(SimulatedDisk(seed: 1), options: tinyOptions())
        for start in stride(from: 0, to: 9_000, by: 500) { try await Self.put(start..<start + 500, store) }
        try await store.flushEverything()
        let before = store.version.allTables.reduce(0) { $0 + $1.properties.entryCount }
        #expect(before > 5_000)
        try await Self.deleteRange(10..<8_990, store)
        try await store.flushEverything()
        let after = store.version.allTables.reduce(0) { $0 + $1.properties.entryCount }
        #expect(after < before / 2, "\(after) of \(before)")
        #expect(try await Self.numbers(store) == Array(0..<10) + Array(8_990..<9_000))
        store.checkTree()
    }

    // MARK: The parts

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func aMapKnowsTheNewestDeleteAtEverySequence(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let memtable = Memtable()
        var deletes: [RangeDelete] = []
        for sequence in 1...(seed < 4 ? 25 : 120) as ClosedRange<UInt64> {
            let bounds = [0, 0].map { Int.random(in: $0..<60, using: &random) }.sorted()
            guard bounds[0] < bounds[1] else { continue }
            let delete = RangeDelete(lower: Self.name(bounds[0]), upper: Self.name(bounds[1]), sequence: sequence)
            deletes.append(delete)
            delete.lower.withUnsafeBytes { lower in
                delete.upper.withUnsafeBytes { memtable.deleteRange(from: lower, to: $0, sequence: sequence) }
            }
        }
        guard let map = memtable.rangeDeletes else { return }
        for sequence in [1, 5, 20, 60, 200] as [UInt64] {
            let visible = deletes.filter { $0.sequence <= sequence }
            let index = RangeDeleteIndex(visible)
            for number in -1...61 {
                let name = Self.name(number)
                let expected =
                    visible.filter { !precedes(name, $0.lower) && precedes(name, $0.upper) }.map(\.sequence).max() ?? 0
                name.withUnsafeBytes { bytes in
                    #expect(map.sequence(at: bytes, upTo: sequence) == expected)
                    #expect(index.sequence(at: bytes) == expected)
                    for stretch in [map.stretch(at: bytes, upTo: sequence), index.stretch(at: bytes)] {
                        #expect(stretch.sequence == expected)
                        #expect(!precedes(name, stretch.lower))
                        #expect(stretch.upper.map { precedes(name, $0) } ?? true)
                    }
                }
            }
        }
        let pieces = map.rangeDeletes
        #expect(pieces == RangeDeleteIndex(deletes).rangeDeletes(from: nil, to: nil))
        #expect(pieces == deletes.disjoint)
        for (one, next) in zip(pieces, pieces.dropFirst()) {
            #expect(!precedes(next.lower, one.upper))
            #expect(one.upper != next.lower || one.sequence != next.sequence)
        }
    }

    /// Cut into tables by keys and by count, no piece is lost and no two tables meet.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func piecesAreCutWithTheirTables(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let deletes = (1...60 as ClosedRange<UInt64>).map { sequence in
            let start = Int.random(in: 0..<280, using: &random)
            return RangeDelete(
                lower: Self.name(start), upper: Self.name(start + Int.random(in: 1...9, using: &random)),
                sequence: sequence)
        }.disjoint
        var pieces = RangeDeletePieces(deletes, countMax: 3)
        var tables: [[RangeDelete]] = []
        var last: [UInt8]?
        for number in stride(from: 0, to: 200, by: 7) {
            let isFull = Self.name(number).withUnsafeBytes { pieces.isFull(before: $0) }
            if isFull || random.oneIn(4), let end = last { tables.append(pieces.take(upTo: end + [0])) }
            if isFull {
                while case let chunk = pieces.takeChunk(before: Self.name(number)), !chunk.isEmpty {
                    tables.append(chunk)
                }
            }
            last = Self.name(number)
        }
        tables.append(pieces.takeChunk(before: nil, past: (last ?? []) + [0]))
        while case let chunk = pieces.takeChunk(before: nil), !chunk.isEmpty { tables.append(chunk) }
        tables.removeAll(where: \.isEmpty)
        #expect(Array(tables.joined()).disjoint == deletes)
        for (one, next) in zip(tables, tables.dropFirst()) {
            #expect(precedes(one.last?.largestKey ?? [], next.first?.lower ?? []))
        }
    }

    @Test func aLogWithRangeDeletesOutOfOrderIsRefused() throws {
        func isRefused(_ operations: [[UInt8]]) -> Bool {
            var bytes: [UInt8] = []
            bytes.appendVarint(operations.count)
            for operation in operations { bytes += operation }
            return bytes.withUnsafeBytes { payload in
                var reader = CommitReader(payload: payload)
                return (try? reader.readCommit { (_: CommitReader.Operation) throws(ByteReaderError) in }) == nil
            }
        }
        func range(_ lower: String, _ upper: String, keyspace: UInt8 = 2) -> [UInt8] {
            var bytes: [UInt8] = [4, keyspace]
            bytes.appendLengthPrefixed(lower)
            bytes.appendLengthPrefixed(upper)
            return bytes
        }
        #expect(!isRefused([range("a", "b"), range("c", "d"), range("a", "b", keyspace: 3)]))
        #expect(isRefused([range("b", "a")]))
        #expect(isRefused([range("a", "c"), range("b", "d")]))
        #expect(isRefused([range("a", "b"), range("b", "d")]))
        #expect(isRefused([range("a", "b"), [2, 2, 1, 97]]))
    }

    /// What a level holds of other keys says nothing about how new the deeper ones' entries are.
    @Test func aPutAfterARangeDeleteIsFoundBelowOlderTables() throws {
        let disk = SimulatedDisk(seed: 1)
        let registry = ExtentRegistry(
            disk: disk, identity: StoreIdentity(storeID: 1, origins: []), damages: DamageLog()
        ) {}
        func run(
            _ number: UInt64, level: Int, _ name: String, sequence: UInt64, _ deletes: [RangeDelete]
        ) throws -> SortedRun {
            let builder = try TableBuilder(
                disk: disk, storeID: 1, number: number, keyspace: .objects, compress: false)
            var encoded: [UInt8] = []
            ValueCodec.append(value(name), to: &encoded)
            try key(name).withUnsafeBytes { key in
                try encoded.withUnsafeBytes {
                    try builder.append(key: key, kind: .put, sequence: sequence, value: $0, runs: [])
                }
            }
            _ = try builder.finish(rangeDeletes: deletes)
            let table = try Table(
                disk: disk, storeID: 1, number: number, cache: BlockCache(bytesMax: 1 << 20), registry: registry,
                onRelease: { _ in })
            return SortedRun(level: level, id: 0, tables: [table])
        }
        let deletes = [RangeDelete(lower: key("a"), upper: key("m"), sequence: 10)]
        let runs = [
            try run(2, level: 1, "l", sequence: 5, []), try run(3, level: 2, "k", sequence: 20, deletes),
        ]
        let version = StoreVersion(memtables: []).replacing(runs: [.objects: runs])
        let hints = ReadHints(driver: ManualDriver())
        func find(_ name: String) throws -> StoredValue? {
            try withExtendedLifetime(version) {
                let lookup = Lookup(view: version.view, registry: registry, hints: hints)
                return StoredValue(
                    try key(name).withUnsafeBytes { try lookup.findBlocking(.objects, $0, upTo: .max >> 8) })
            }
        }
        #expect(try find("k") == value("k"))
        #expect(try find("l") == nil)
    }
}
