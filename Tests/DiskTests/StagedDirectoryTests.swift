import Disk
import Glibc
import Testing

/// Directories that are built beside their place from links to files of another.
struct StagedDirectoryTests {
    /// Gives `body` a disk, a way to begin a directory for a place, and a way to find what is there.
    private func withPlaces(
        _ kind: DiskUnderTest,
        _ body: (any Disk, _ stage: (String) throws -> any StagedDirectory, _ found: (String) throws -> (any Disk)?)
            throws -> Void
    ) throws {
        switch kind {
        case .simulated:
            let disk = SimulatedDisk(seed: 1)
            try body(disk, { try disk.stage($0) }, { disk.directory(at: $0) })
        case .posix:
            try withTemporaryDirectory { path in
                try body(
                    POSIXDisk(path: path + "/from"), { try POSIXStagedDirectory(path: path + "/" + $0) },
                    { access(path + "/" + $0, F_OK) == 0 ? try POSIXDisk(path: path + "/" + $0) : nil })
            }
        }
    }

    @Test(arguments: DiskUnderTest.allCases) func linkedFilesLiveOnAlone(kind: DiskUnderTest) throws {
        try withPlaces(kind) { disk, stage, found in
            try disk.create("a", direct: false).write([1, 2], at: 0)
            try disk.create("b", direct: false).write([3], at: 0)
            let staged = try stage("to")
            #expect(try disk.link("a", into: staged.disk))
            #expect(try disk.link("b", into: staged.disk))
            #expect(throws: DiskError.alreadyExists(name: "a")) { try disk.link("a", into: staged.disk) }
            #expect(throws: DiskError.notFound(name: "c")) { try disk.link("c", into: staged.disk) }
            try staged.disk.create("own", direct: false).write([4], at: 0)
            #expect(try found("to") == nil)
            try staged.disk.syncDirectory()
            try staged.publish()
            try disk.remove("a")
            let there = try #require(try found("to"))
            #expect(try there.list() == ["a", "b", "own"])
            #expect(try there.open("a", direct: false).content() == [1, 2])
            try there.remove("b")
            #expect(try disk.list() == ["b"])
            #expect(try disk.open("b", direct: false).content() == [3])
            // What was published is nobody's to discard.
            staged.discard()
            #expect(try there.list() == ["a", "own"])
        }
    }

    @Test(arguments: DiskUnderTest.allCases) func aTakenPlaceIsRefused(kind: DiskUnderTest) throws {
        try withPlaces(kind) { disk, stage, found in
            let first = try stage("to")
            try first.disk.create("a", direct: false).write([1], at: 0)
            try first.publish()
            #expect(throws: DiskError.self) {
                let second = try stage("to")
                try second.disk.create("b", direct: false).write([1], at: 0)
                try second.publish()
            }
            #expect(try found("to")?.list() == ["a"])
            let third = try stage("other")
            _ = try third.disk.create("c", direct: false)
            third.discard()
            #expect(try found("other") == nil)
        }
    }

    @Test func anEmptyDirectoryIsReplaced() throws {
        try withTemporaryDirectory { path in
            _ = try POSIXDisk(path: path + "/to")
            let staged = try POSIXStagedDirectory(path: path + "/to/")
            _ = try staged.disk.create("a", direct: false)
            try staged.publish()
            #expect(try POSIXDisk(path: path + "/to").list() == ["a"])
            #expect(access(path + "/to" + POSIXStagedDirectory.suffix, F_OK) != 0)
        }
    }

    @Test func otherFileSystemsGetNoLinks() throws {
        let disk = SimulatedDisk(seed: 1)
        try disk.create("a", direct: false).write([1], at: 0)
        disk.canLink = false
        #expect(try !disk.link("a", into: try disk.stage("to").disk))
        disk.canLink = true
        #expect(try !disk.link("a", into: SimulatedDisk(seed: 2)))
    }

    /// A power cut keeps the directory once it is published, and never a part of its synced names.
    @Test func publishingIsAllOrNothing() throws {
        var kept = 0
        for seed in 0..<200 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let file = try disk.create("a", direct: false)
            try file.write(block(1), at: 0)
            try file.sync()
            try disk.syncDirectory()
            let cut = Int(seed % 6) + 1
            disk.crashAfterOperations = disk.operationCount + cut
            let staged = try disk.stage("to")
            var isPublished = false
            do {
                _ = try disk.link("a", into: staged.disk)
                let own = try staged.disk.create("own", direct: false)
                try own.sync()
                try staged.disk.syncDirectory()
                try staged.publish()
                isPublished = true
            } catch DiskError.crashed {}
            let found = disk.crash()
            #expect(try found.open("a", direct: false).content() == block(1))
            if let there = found.directory(at: "to") {
                kept += 1
                #expect(try there.list() == ["a", "own"])
                #expect(try there.open("a", direct: false).content() == block(1))
                // One file under two names, also after the crash.
                try there.open("a", direct: false).write(block(2), at: 0)
                #expect(try found.open("a", direct: false).content() == block(2))
            } else {
                #expect(!isPublished)
            }
        }
        #expect(kept > 20)
    }
}
