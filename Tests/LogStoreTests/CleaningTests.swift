import Bytes
import Disk
import Testing

@testable import LogStore

/// Space in extent files: what is dead comes back, what is wanted stays.
@Suite struct CleaningTests {
    private func noise(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count + 8) { buffer, filled in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            for index in stride(from: 0, to: count, by: 8) {
                raw.storeBytes(of: random.next(), toByteOffset: index, as: UInt64.self)
            }
            filled = count
        }
    }

    private func put(_ name: String, _ bytes: [UInt8], in store: LogStore) async throws {
        let writer = store.contentWriter()
        try bytes.withUnsafeBytes { try writer.append($0) }
        let reserved = try await writer.finish()
        try await store.put(name, StoredValue(head: [1], content: reserved.content), in: .bodies)
    }

    private func sizes(_ disk: SimulatedDisk, _ suffix: String) throws -> UInt64 {
        try disk.list().filter { $0.hasSuffix(suffix) }
            .reduce(0) { try $0 + disk.open($1, direct: false).size() }
    }

    /// Runs the background until it has nothing to do, as often as a driver would in a quiet second.
    private func settle(_ store: LogStore) {
        for _ in 0..<4 {
            store.notePause()
            while store.runBackgroundStep() {}
        }
    }

    @Test func afterFillingAndEmptyingLittleMoreThanWhatLivesIsLeft() async throws {
        let disk = SimulatedDisk(seed: 31)
        let options = tinyOptions()
        let store = try openStore(disk, options: options)
        var random = SeededRandom(seed: 31)
        var live: [String: [UInt8]] = [:]
        for cycle in 0..<10 {
            for index in 0..<60 {
                let bytes = noise(Int.random(in: 2_000...60_000, using: &random), &random)
                live["k\(index)"] = bytes
                if index % 3 == 0 {
                    try await put("k\(index)", bytes, in: store)
                } else {
                    try await store.put("k\(index)", StoredValue(head: [1], content: .inline(bytes)), in: .bodies)
                }
            }
            // A few stay, spread over all files.
            let kept = cycle % 2 == 0 ? 7 : 0
            for index in 0..<60 where kept == 0 || index % 10 >= kept - 5 {
                try await store.remove("k\(index)", in: .bodies)
                live["k\(index)"] = nil
            }
            settle(store)
            let liveBytes = UInt64(live.values.reduce(0) { $0 + $1.count })
            // What the default options allow is 64 MiB; sizes here are a thousandth of those.
            let slack = options.extentFileBytes / 4
            let found = try sizes(disk, ".ext") + sizes(disk, ".tab")
            #expect(found <= liveBytes * 6 / 5 + slack, "cycle \(cycle): \(found) bytes for \(liveBytes)")
            for (name, bytes) in live {
                let value = try #require(try await store.get(.bodies, key(name)))
                #expect(value.head == [1])
                #expect(try store.bytes(value.content) == bytes)
            }
            #expect(try await store.scan(.bodies).count == live.count)
        }
        #expect(store.statistics().copiedExtentBytes > 0)
        try store.close()
    }

    @Test func cleaningKeepsSequencesAndOldReaders() async throws {
        let disk = SimulatedDisk(seed: 32)
        let store = try openStore(disk, options: tinyOptions())
        var random = SeededRandom(seed: 32)
        var stored: [[UInt8]] = []
        for index in 0..<40 {
            stored.append(noise(30_000, &random))
            try await put("k\(index)", stored[index], in: store)
        }
        // A reader from before, who holds the old place of the bytes.
        let early = try #require(try await store.get(.bodies, key("k0")))
        let snapshot = store.snapshot()
        for index in 0..<40 where index % 8 != 0 { try await store.remove("k\(index)", in: .bodies) }
        settle(store)
        let numbers = store.statistics()
        #expect(numbers.cleanings > 0 && numbers.copiedExtentBytes > 0)
        for index in stride(from: 0, to: 40, by: 8) {
            let value = try #require(try await store.get(.bodies, key("k\(index)")))
            #expect(try store.bytes(value.content) == stored[index])
        }
        #expect(try store.bytes(early.content) == stored[0])
        for index in 0..<40 {
            let value = try #require(try await store.get(.bodies, key("k\(index)"), at: snapshot))
            #expect(try store.bytes(value.content) == stored[index])
        }
        try store.close()
    }

    @Test func aDamagedRunStaysWhereItIsAndIsToldOf() async throws {
        let disk = SimulatedDisk(seed: 33)
        let store = try openStore(disk, options: tinyOptions())
        var random = SeededRandom(seed: 33)
        for index in 0..<40 { try await put("k\(index)", noise(30_000, &random), in: store) }
        let victim = try #require(try await store.get(.bodies, key("k8")))
        guard case .runs(let list) = victim.content, let run = list.runs.first, let file = list.files.first else {
            Issue.record("large content lies in runs")
            return
        }
        disk.corrupt(name: file.name, offset: run.offset + 10_000)
        for index in 0..<40 where index % 8 != 0 { try await store.remove("k\(index)", in: .bodies) }
        settle(store)
        #expect(store.statistics().copiedExtentBytes > 0)
        let value = try #require(try await store.get(.bodies, key("k8")))
        #expect(value == victim)
        #expect(throws: StoreError.self) { try store.bytes(value.content) }
        #expect(store.registry.damages.notes.contains { $0.file == file.name })
        for index in [0, 16, 24, 32] {
            let other = try #require(try await store.get(.bodies, key("k\(index)")))
            _ = try store.bytes(other.content)
        }
        try store.close()
    }

    @Test func whatWasReservedAheadComesBackAfterACrash() async throws {
        var disk = SimulatedDisk(seed: 34)
        // Nothing runs by itself, so that the file is still open at the crash, and longer than what is in it.
        var store = try LogStore.open(disk: disk, options: smallOptions(), driver: ManualDriver(), randomSeed: 1)
        for _ in 0..<4 { _ = store.runBackgroundStep() }
        var random = SeededRandom(seed: 34)
        let bytes = noise(1_300_000, &random)
        let writer = store.contentWriter()
        try bytes.withUnsafeBytes { try writer.append($0) }
        let reserved = try await writer.finish()
        var batch = WriteBatch()
        batch.put(.bodies, key("k"), StoredValue(head: [1], content: reserved.content))
        try store.commitBlocking(batch)
        let before = try sizes(disk, ".ext")
        disk = disk.crash()
        store = try openStore(disk, options: smallOptions(), seed: 2)
        settle(store)
        let after = try sizes(disk, ".ext")
        #expect(before > 1_900_000 && after <= 1_300_000 + 16_384, "\(before) before, \(after) after")
        let value = try #require(try await store.get(.bodies, key("k")))
        #expect(try store.bytes(value.content) == bytes)
        try store.close()
    }

    /// So that cleaning comes to an end.
    @Test func nothingIsDeadInAFileThatWasJustPacked() async throws {
        let store = try openStore(SimulatedDisk(seed: 35), options: tinyOptions())
        var random = SeededRandom(seed: 35)
        for index in 0..<60 {
            let bytes = noise(Int.random(in: 1_100...1_300, using: &random), &random)
            try await store.put("k\(index)", StoredValue(head: [1], content: .inline(bytes)), in: .bodies)
        }
        store.core.withLock { core in store.freezeActiveSet(&core).logEnd = core.logPosition }
        settle(store)
        let liveness = store.extentLiveness()
        #expect(liveness.referencedBytes > 60_000)
        #expect(liveness.deadBytes == 0)
        try store.close()
    }

    /// Runs that are written from where their content gathered, and those that are copied.
    @Test(arguments: [1, 100_000, 1 << 20, (1 << 20) + 1, (2 << 20) + 70_000], ["noise", "zeros", "both"])
    func contentOfEveryLengthAndKindComesBack(count: Int, kind: String) async throws {
        let store = try openStore(SimulatedDisk(seed: 36), options: smallOptions())
        var random = SeededRandom(seed: 36)
        var bytes = kind == "zeros" ? [UInt8](repeating: 0, count: count) : noise(count, &random)
        if kind == "both" {
            // Chunks that shrink and chunks that do not, in one run.
            for start in stride(from: 0, to: count, by: 200 << 10) {
                let range = start..<min(count, start + (100 << 10))
                bytes.replaceSubrange(range, with: repeatElement(0, count: range.count))
            }
        }
        let writer = store.contentWriter()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...900_000, using: &random))
            try piece.withUnsafeBytes { try writer.append($0) }
            rest = rest.dropFirst(piece.count)
        }
        let reserved = try writer.finishBlocking()
        #expect(try store.bytes(reserved.content) == bytes)
        withExtendedLifetime(reserved) {}
        try store.close()
    }
}
