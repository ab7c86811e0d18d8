import Bytes
import Disk
import Testing

/// What a power cut and a killed process leave.
struct SimulatedCrashTests {
    /// Runs `prepare` on a disk of each of `seeds` seeds and collects what `look` finds after a power cut.
    private func outcomes<Outcome: Hashable>(
        seeds: UInt64 = 200, prepare: (SimulatedDisk) throws -> Void, look: (SimulatedDisk) throws -> Outcome
    ) throws -> Set<Outcome> {
        var found: Set<Outcome> = []
        for seed in 0..<seeds {
            let disk = SimulatedDisk(seed: seed)
            try prepare(disk)
            found.insert(try look(disk.crash()))
        }
        return found
    }

    private func withDurableFile(_ disk: SimulatedDisk, _ content: [UInt8]) throws -> any DiskFile {
        let file = try disk.create("a", direct: false)
        try file.write(content, at: 0)
        try file.sync()
        try disk.syncDirectory()
        return file
    }

    @Test func unsyncedBytesAreLostKeptOrTornBySector() throws {
        let found = try outcomes(
            prepare: { try withDurableFile($0, block(1)).write(block(2), at: 0) },
            look: { try $0.open("a", direct: false).content() })
        #expect(found.contains(block(1)))
        #expect(found.contains(block(2)))
        #expect(found.count > 20)
        for content in found {
            #expect(content.count == 4096)
            for sector in stride(from: 0, to: 4096, by: 512) {
                #expect(Set(content[sector..<sector + 512]).count == 1)
            }
        }
    }

    @Test func writesAreLostIndependently() throws {
        let found = try outcomes(
            prepare: { disk in
                let file = try withDurableFile(disk, block(0, count: 2))
                try file.write(block(1), at: 0)
                try file.write(block(2), at: 4096)
            },
            look: { disk in
                let content = try disk.open("a", direct: false).content()
                return [content[0], content[4096]]
            })
        #expect(found == [[0, 0], [0, 2], [1, 0], [1, 2]])
    }

    @Test func lengthsAreLostApartFromBytes() throws {
        let found = try outcomes(
            prepare: { try withDurableFile($0, []).write(block(1), at: 0) },
            look: { try $0.open("a", direct: false).content() })
        #expect(found.contains([]))
        #expect(found.contains(block(1)))
        #expect(found.contains(block(0)))
    }

    @Test func unsyncedTruncationsMayBeUndone() throws {
        let found = try outcomes(
            prepare: { try withDurableFile($0, block(1, count: 2)).truncate(to: 4096) },
            look: { try $0.open("a", direct: false).content() })
        #expect(found == [block(1), block(1, count: 2)])
    }

    @Test func syncingAFileDoesNotSaveItsName() throws {
        let found = try outcomes(
            prepare: { disk in
                let file = try disk.create("a", direct: false)
                try file.write([1], at: 0)
                try file.sync()
            },
            look: { try $0.list() })
        #expect(found == [[], ["a"]])
    }

    @Test func syncingTheDirectoryDoesNotSaveBytes() throws {
        let found = try outcomes(
            prepare: { disk in
                try disk.create("a", direct: false).write(block(1), at: 0)
                try disk.syncDirectory()
            },
            look: { try $0.open("a", direct: false).content() })
        #expect(found.contains([]))
    }

    @Test func changesOfNamesSurviveInAnyCombination() throws {
        let found = try outcomes(
            prepare: { disk in
                for name in ["a", "b", "c"] { try disk.create(name, direct: false).write(Array(name.utf8), at: 0) }
                for name in ["a", "b", "c"] { try disk.open(name, direct: false).sync() }
                try disk.syncDirectory()
                try disk.rename("a", to: "b")
                try disk.remove("c")
                _ = try disk.create("d", direct: false)
            },
            look: { try $0.list() })
        // Each of three changes there or not.
        #expect(found.count == 8)
        #expect(found.contains(["a", "b", "c"]))
        #expect(found.contains(["b", "d"]))
        #expect(found.contains(["a", "b", "c", "d"]))
    }

    @Test func aReplacementIsTheOldFileOrTheNew() throws {
        let found = try outcomes(
            prepare: { disk in
                _ = try withDurableFile(disk, [1])
                let new = try disk.create("a.new", direct: false)
                try new.write([2], at: 0)
                try new.sync()
                try disk.rename("a.new", to: "a")
            },
            look: { try $0.open("a", direct: false).content() })
        #expect(found == [[1], [2]])
    }

    @Test func aMachineThatIsDownAnswersNothing() throws {
        let disk = SimulatedDisk(seed: 1)
        let file = try withDurableFile(disk, [1])
        let found = disk.crash()
        #expect(throws: DiskError.crashed) { try disk.list() }
        #expect(throws: DiskError.crashed) { try disk.create("b", direct: false) }
        #expect(throws: DiskError.crashed) { try disk.freeBytes() }
        #expect(throws: DiskError.crashed) { try disk.lock("LOCK") }
        #expect(throws: DiskError.crashed) { try file.size() }
        #expect(throws: DiskError.crashed) { try file.read(1, at: 0) }
        #expect(throws: DiskError.crashed) { try file.readIfCached(1, at: 0) }
        #expect(throws: DiskError.crashed) { try file.write([2], at: 0) }
        #expect(throws: DiskError.crashed) { try file.sync() }
        file.discardCache(offset: 0, length: 1)
        #expect(try found.open("a", direct: false).content() == [1])
    }

    @Test func aKilledProcessLosesNothingButALaterPowerCutMay() throws {
        var found: Set<[UInt8]> = []
        for seed in 0..<100 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let file = try withDurableFile(disk, [1])
            try file.write([2], at: 0)
            let lock = try disk.lock("LOCK")
            let next = disk.killProcess()
            #expect(throws: DiskError.crashed) { try file.size() }
            #expect(try next.open("a", direct: false).content() == [2])
            _ = try next.lock("LOCK")
            withExtendedLifetime(lock) {}
            found.insert(try next.crash().open("a", direct: false).content())
        }
        #expect(found == [[1], [2]])
    }

    @Test func whatACrashLeftIsDurable() throws {
        for seed in 0..<100 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            try withDurableFile(disk, block(1)).write(block(2, count: 2), at: 0)
            let once = disk.crash()
            let content = try once.open("a", direct: false).content()
            #expect(try once.crash().open("a", direct: false).content() == content)
        }
    }

    @Test func theCrashComesWithinTheChosenCall() throws {
        for call in 1...5 {
            let disk = SimulatedDisk(seed: UInt64(call))
            disk.crashAfterOperations = call
            var done = 0
            #expect(throws: DiskError.crashed) {
                let file = try disk.create("a", direct: false)
                done += 1
                _ = try file.size()
                try file.write([1], at: 0)
                done += 1
                try file.sync()
                done += 1
                try disk.syncDirectory()
                done += 1
                try file.truncate(to: 0)
                done += 1
            }
            #expect(done == call - 1)
            #expect(disk.operationCount == call)
            #expect(throws: DiskError.crashed) { try disk.list() }
            let found = try disk.crash().list()
            if call > 4 { #expect(found == ["a"]) }
        }
    }

    @Test func aSyncCutShortMaySaveAPart() throws {
        let found = try outcomes(
            prepare: { disk in
                let file = try withDurableFile(disk, block(0))
                try file.write(block(1), at: 0)
                disk.crashAfterOperations = disk.operationCount + 1
                #expect(throws: DiskError.crashed) { try file.sync() }
            },
            look: { try $0.open("a", direct: false).content() })
        #expect(found.contains(block(0)))
        #expect(found.contains(block(1)))
        #expect(found.count > 10)
    }
}
