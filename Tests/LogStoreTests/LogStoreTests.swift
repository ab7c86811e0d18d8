import Bytes
import Disk
import Synchronization
import Testing

@testable import LogStore

@Suite struct LogStoreTests {
    @Test func whatWasPutIsRead() async throws {
        let store = try openStore(SimulatedDisk(seed: 1))
        try await store.put("a", value("1"))
        #expect(try await store.get(.catalog, key("a")) == value("1"))
        #expect(try await store.get(.catalog, key("b")) == nil)
        #expect(try await store.get(.objects, key("a")) == nil)
        try await store.put("a", value("2"))
        #expect(try await store.get(.catalog, key("a")) == value("2"))
        try await store.remove("a")
        #expect(try await store.get(.catalog, key("a")) == nil)
        try store.close()
    }

    @Test func aClosedStoreOpensWithEverythingInIt() async throws {
        let disk = SimulatedDisk(seed: 2)
        var store = try openStore(disk)
        for index in 0..<500 { try await store.put("k\(index)", value("v\(index)")) }
        try store.close()
        store = try openStore(disk)
        for index in 0..<500 { #expect(try await store.get(.catalog, key("k\(index)")) == value("v\(index)")) }
        try store.close()
    }

    @Test func aSnapshotShowsThePastAcrossFlushAndCompaction() async throws {
        let store = try openStore(SimulatedDisk(seed: 3))
        for index in 0..<100 { try await store.put("k\(index)", value("old")) }
        let snapshot = store.snapshot()
        let filler = StoredValue(head: [], content: .inline([UInt8](repeating: 7, count: 20_000)))
        for index in 0..<100 {
            try await store.put("k\(index)", value("new"))
            try await store.put("fill\(index)", filler, in: .objects)
        }
        #expect(store.counters.flushes.load(ordering: .relaxed) > 2)
        for index in 0..<100 {
            #expect(try await store.get(.catalog, key("k\(index)"), at: snapshot) == value("old"))
            #expect(try await store.get(.catalog, key("k\(index)")) == value("new"))
        }
        try store.close()
    }

    @Test func directReadsAndASmallCacheChangeNoAnswer() async throws {
        let disk = SimulatedDisk(seed: 5)
        var options = tinyOptions()
        let text = String(repeating: "v", count: 700)
        var store = try openStore(disk, options: options)
        for index in 0..<1000 { try await store.put("k\(index)", value("\(index)\(text)")) }
        try store.close()
        options.directReads = true
        options.blockCacheBytes = 64 << 10
        store = try openStore(disk, options: options)
        for index in 0..<1000 {
            #expect(try await store.get(.catalog, key("k\(index)")) == value("\(index)\(text)"))
        }
        #expect(try await store.scan(.catalog).count == 1000)
        #expect(store.cache.statistics.bytes <= 64 << 10)
        #expect(store.cache.statistics.misses > 0)
        try store.close()
    }

    @Test func contentIsSeparatedAtFlushAndStaysTheSame() async throws {
        let disk = SimulatedDisk(seed: 4)
        var store = try openStore(disk)
        var random = SeededRandom(seed: 9)
        var expected: [String: [UInt8]] = [:]
        for index in 0..<200 {
            let length = Int.random(in: 0...60_000, using: &random)
            let bytes =
                index % 2 == 0
                ? [UInt8](repeating: UInt8(index), count: length)
                : (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            expected["k\(index)"] = bytes
            try await store.put("k\(index)", StoredValue(head: [1, 2], content: .inline(bytes)), in: .objects)
        }
        for round in 0..<2 {
            for (name, bytes) in expected {
                let found = try #require(try await store.get(.objects, key(name)))
                #expect(found.head == [1, 2])
                #expect(try store.bytes(found.content) == bytes)
            }
            if round == 0 {
                try store.close()
                store = try openStore(disk)
            }
        }
        try store.close()
    }

    @Test func aLargeValueGoesThroughAContentWriter() async throws {
        let disk = SimulatedDisk(seed: 5)
        var store = try openStore(disk)
        var random = SeededRandom(seed: 5)
        let bytes = (0..<3_500_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let writer = store.contentWriter()
        try bytes.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                let piece = rest.prefix(70_001)
                try writer.append(UnsafeRawBufferPointer(rebasing: piece))
                rest = rest.dropFirst(piece.count)
            }
        }
        let reserved = try await writer.finish()
        try await store.put("big", StoredValue(head: [9], content: reserved.content), in: .bodies)
        try store.close()
        store = try openStore(disk)
        let found = try #require(try await store.get(.bodies, key("big")))
        #expect(try store.bytes(found.content) == bytes)
        // A part across chunk and run borders.
        let reader = store.openContent(found.content)
        var part = [UInt8](repeating: 0, count: 200_000)
        let isRead = try part.withUnsafeMutableBytes { try reader.read(into: $0, at: 1_000_000, mayBlock: true) }
        #expect(isRead)
        #expect(part[...] == bytes[1_000_000..<1_200_000])
        try store.close()
    }

    @Test func deletedContentGivesItsSpaceBack() async throws {
        let disk = SimulatedDisk(seed: 6)
        let store = try openStore(disk)
        var random = SeededRandom(seed: 6)
        for index in 0..<20 {
            let writer = store.contentWriter()
            let bytes = (0..<1_000_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            try bytes.withUnsafeBytes { try writer.append($0) }
            try await store.put(
                "b\(index)", StoredValue(head: [], content: try await writer.finish().content), in: .bodies)
        }
        func extents() throws -> Int { try disk.list().filter { $0.hasSuffix(".ext") }.count }
        #expect(try extents() > 3)
        for index in 0..<20 { try await store.remove("b\(index)", in: .bodies) }
        let filler = StoredValue(head: [], content: .inline([UInt8](repeating: 7, count: 60_000)))
        for index in 0..<30 { try await store.put("fill\(index % 2)", filler, in: .objects) }
        #expect(try extents() <= 4)
        try store.close()
    }

    @Test func countersAddUpAcrossFlushesAndReopening() async throws {
        let disk = SimulatedDisk(seed: 7)
        var store = try openStore(disk)
        let filler = StoredValue(head: [], content: .inline([UInt8](repeating: 7, count: 20_000)))
        for index in 0..<100 {
            var batch = WriteBatch()
            batch.add(.catalog, key("n"), Int64(index))
            batch.add(.catalog, key("down"), -1)
            try await store.commit(batch)
            try await store.put("fill", filler, in: .objects)
        }
        #expect(try await store.counter(.catalog, key("n")) == 4950)
        try store.close()
        store = try openStore(disk)
        #expect(try await store.counter(.catalog, key("n")) == 4950)
        #expect(try await store.counter(.catalog, key("down")) == -100)
        #expect(try await store.counter(.catalog, key("none")) == 0)
        try store.close()
    }

    @Test func stampsHoldTheCommitsSequence() async throws {
        let store = try openStore(SimulatedDisk(seed: 8))
        var batch = WriteBatch()
        batch.put(
            .bodies, [UInt8](repeating: 0, count: 8) + [1], StoredValue(head: [5] + [UInt8](repeating: 0, count: 8)),
            keyStampOffset: 0, headStampOffset: 1)
        let sequence = try await store.commit(batch)
        let stamp = withUnsafeBytes(of: sequence.rawValue.bigEndian) { [UInt8]($0) }
        let found = try await store.get(.bodies, stamp + [1])
        #expect(found?.head == [5] + stamp)
        try store.close()
    }

    @Test func anotherProcessIsKeptOut() throws {
        let disk = SimulatedDisk(seed: 9)
        let store = try openStore(disk)
        #expect(throws: StoreError.self) { try openStore(disk) }
        try store.close()
    }
}
