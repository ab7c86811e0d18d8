import Disk
import Glibc
import Testing

/// What only a real directory does.
struct POSIXDiskTests {
    @Test func missingDirectoriesAreMade() throws {
        try withTemporaryDirectory { path in
            let disk = try POSIXDisk(path: path + "/one/two/")
            _ = try disk.create("a", direct: false)
            #expect(try POSIXDisk(path: path + "/one/two").list() == ["a"])
            #expect(access(path + "/one/two/a", F_OK) == 0)
        }
    }

    @Test func aPathThatIsNoDirectoryIsRefused() throws {
        try withTemporaryDirectory { path in
            _ = try POSIXDisk(path: path).create("a", direct: false)
            #expect(throws: DiskError.io(operation: "open", name: path + "/a", errno: ENOTDIR)) {
                try POSIXDisk(path: path + "/a")
            }
        }
    }

    @Test func subdirectoriesAreNotListed() throws {
        try withTemporaryDirectory { path in
            let disk = try POSIXDisk(path: path)
            _ = try POSIXDisk(path: path + "/inner")
            _ = try disk.create("a", direct: false)
            #expect(try disk.list() == ["a"])
        }
    }

    @Test func theLockNamesItsHolder() throws {
        try withTemporaryDirectory { path in
            let held = try POSIXDisk(path: path).lock("LOCK")
            #expect(throws: DiskError.locked(byProcess: getpid())) { try POSIXDisk(path: path).lock("LOCK") }
            withExtendedLifetime(held) {}
        }
    }

    @Test(arguments: [0, 1, 16_384, 100_003]) func rangesForSmallWritesAreWrittenWhole(count: Int) throws {
        try withTemporaryDirectory { path in
            let file = try POSIXDisk(path: path).create("a", direct: false)
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 / 3) }
            try bytes.withUnsafeBytes { try file.writeForSmallWrites($0, at: 5) }
            var read = [UInt8](repeating: 0, count: count)
            #expect(try read.withUnsafeMutableBytes { try file.read(into: $0, at: 5) } == count)
            #expect(read == bytes)
            #expect(try file.size() == (count == 0 ? 0 : UInt64(count) + 5))
        }
    }

    @Test func unalignedDirectWritesAreErrorsOfTheCall() throws {
        try withTemporaryDirectory { path in
            let disk = try POSIXDisk(path: path)
            let file = try disk.create("a", direct: true)
            do {
                try file.write([1, 2, 3], at: 0)
                // Only a file system that cannot bypass the cache takes it.
                #expect(try file.content() == [1, 2, 3])
            } catch {
                #expect(error as? DiskError == .io(operation: "write", name: "a", errno: EINVAL))
            }
        }
    }

    /// A device that is always full stands for a full disk.
    @Test func aFullDeviceIsNoSpace() throws {
        try withTemporaryDirectory { path in
            #expect(symlink("/dev/full", path + "/full") == 0)
            let file = try POSIXDisk(path: path).open("full", direct: false)
            #expect(throws: DiskError.noSpace) { try file.write([1], at: 0) }
        }
    }
}
