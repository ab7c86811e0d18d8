import Bytes
import Disk
import Testing

@testable import LogStore

/// Commits that are larger than a group of commits may be.
@Suite struct LargeCommitTests {
    @Test func theLimitIsWhatSegmentsCarry() {
        #expect(StoreOptions().commitBytesAllowed == EngineLimits.commitBytesMax)
        #expect(smallOptions().commitBytesAllowed == EngineLimits.groupBytesMax)
        var options = StoreOptions()
        for megabytes: UInt64 in 9...96 {
            options.segmentBytes = megabytes << 20
            let frame = LogFrame.lengthMax(payload: options.commitBytesAllowed)
            guard options.commitBytesAllowed > options.groupBytesAllowed else { continue }
            let slack = LogFrame.lengthMax(payload: options.groupBytesAllowed) + options.logRoomKeptForDeletes
            #expect(2 * frame + slack <= options.segmentBytes - UInt64(FileHeader.byteCount))
        }
    }

    @Test func oneOfTheLargestSizeIsTakenAndNoLargerOne() async throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try openStore(disk, options: StoreOptions())
        func batch(_ bytes: Int) -> WriteBatch {
            var batch = WriteBatch()
            var left = bytes
            while left > 0 {
                let count = min(left, EngineLimits.headBytesMax)
                batch.put(.items, key("\(left)"), StoredValue(head: [UInt8](repeating: 7, count: count)))
                left -= count
            }
            return batch
        }
        try await store.commit(batch(EngineLimits.commitBytesMax - 4096))
        await #expect(throws: StoreError.self) { try await store.commit(batch(EngineLimits.commitBytesMax)) }
        #expect(try await store.scan(.items).reduce(0) { $0 + $1.1.head.count } == EngineLimits.commitBytesMax - 4096)
        // Its memory is given back.
        #expect(store.core.withLock { $0.spareBuffers.allSatisfy { $0.isWorthKeeping(EngineLimits.groupBytesMax) } })
        let after = try openStore(disk.crash(), options: StoreOptions())
        #expect(try await after.scan(.items).reduce(0) { $0 + $1.1.head.count } == EngineLimits.commitBytesMax - 4096)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func largeAndSmallOnesFollowEachOther(seed: UInt64) async throws {
        var options = tinyOptions()
        options.groupBytesMax = 8 << 10
        let disk = SimulatedDisk(seed: seed)
        let store = try openStore(disk, options: options)
        var random = SeededRandom(seed: seed)
        var expected: [String: Int] = [:]
        for number in 0..<300 {
            let size = random.oneIn(3) ? Int(random.next() % 90_000) : Int(random.next() % 3000)
            let name = "\(number % 40)"
            try await store.put(name, StoredValue(head: [UInt8](repeating: UInt8(number & 255), count: size)))
            expected[name] = size
        }
        for (name, size) in expected { #expect(try await store.get(.catalog, key(name))?.head.count == size) }
        let after = try openStore(disk.crash(), options: options)
        for (name, size) in expected { #expect(try await after.get(.catalog, key(name))?.head.count == size) }
    }
}
