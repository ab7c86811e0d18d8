import Disk
import Testing

/// What every disk keeps. Each test runs on all of them.
struct DiskContractTests {
    @Test(arguments: DiskUnderTest.allCases, DiskUnderTest.directness)
    func writtenBytesAreRead(kind: DiskUnderTest, direct: Bool) throws {
        try kind.withDisk { disk in
            let file = try disk.create("a", direct: direct)
            #expect(file.name == "a")
            #expect(try file.size() == 0)
            try file.write(block(1), at: 0)
            try file.write(block(2, count: 2), at: 4096)
            #expect(try file.size() == 3 * 4096)
            try file.write(block(3), at: 4096)
            try file.sync()
            #expect(try file.content() == block(1) + block(3) + block(2))
            #expect(try disk.open("a", direct: !direct).content() == block(1) + block(3) + block(2))
        }
    }

    @Test(arguments: DiskUnderTest.allCases, DiskUnderTest.directness)
    func readsStopAtTheEnd(kind: DiskUnderTest, direct: Bool) throws {
        try kind.withDisk { disk in
            let file = try disk.create("a", direct: direct)
            try file.write(block(1), at: 0)
            #expect(try file.read(2 * 4096, at: 0) == block(1))
            #expect(try file.read(4096, at: 4096) == [])
            #expect(try file.read(4096, at: 40960) == [])
            try file.truncate(to: 100)
            #expect(try file.read(4096, at: 0) == [UInt8](repeating: 1, count: 100))
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func directFilesAreReadAnywhereThroughTheWrapper(kind: DiskUnderTest) throws {
        try kind.withDisk { disk in
            let content = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
            try disk.create("a", direct: false).write(content, at: 0)
            let file = UnalignedReads(of: try disk.open("a", direct: true))
            #expect(try file.content() == content)
            for range in [0..<1, 4095..<4097, 5000..<9999, 4096..<8192, 1..<10_000] {
                #expect(try file.read(range.count, at: UInt64(range.lowerBound)) == Array(content[range]))
            }
            #expect(try file.read(100, at: 9_990) == Array(content[9_990...]))
            #expect(try file.read(100, at: 10_000) == [])
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func bufferedFilesTakeAnyRange(kind: DiskUnderTest) throws {
        try kind.withDisk { disk in
            let file = try disk.create("a", direct: false)
            try file.write([1, 2, 3], at: 5)
            try file.write([9], at: 6)
            try file.write([], at: 100)
            #expect(try file.size() == 8)
            #expect(try file.read(10, at: 0) == [0, 0, 0, 0, 0, 1, 9, 3])
            #expect(try file.read(2, at: 6) == [9, 3])
        }
    }

    @Test(arguments: DiskUnderTest.allCases, DiskUnderTest.directness)
    func gapsAndExtensionsReadAsZero(kind: DiskUnderTest, direct: Bool) throws {
        try kind.withDisk { disk in
            let file = try disk.create("a", direct: direct)
            try file.write(block(1), at: 8192)
            try file.truncate(to: 4 * 4096)
            #expect(try file.content() == block(0, count: 2) + block(1) + block(0))
            // What was cut off does not come back.
            try file.truncate(to: 8192)
            try file.truncate(to: 3 * 4096)
            #expect(try file.content() == block(0, count: 3))
        }
    }

    @Test(arguments: DiskUnderTest.allCases, DiskUnderTest.directness)
    func allocationGrowsAndKeepsContent(kind: DiskUnderTest, direct: Bool) throws {
        try kind.withDisk { disk in
            let file = try disk.create("a", direct: direct)
            try file.write(block(7), at: 0)
            try file.allocate(offset: 0, length: 4 * 4096)
            #expect(try file.content() == block(7) + block(0, count: 3))
            try file.allocate(offset: 4096, length: 4096)
            #expect(try file.size() == 4 * 4096)
            try file.allocate(offset: 0, length: 0)
            #expect(try file.size() == 4 * 4096)
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func impossibleAllocationsChangeNothing(kind: DiskUnderTest) throws {
        try kind.withDisk { disk in
            let file = try disk.create("a", direct: false)
            try file.write(block(7), at: 0)
            let free = try disk.freeBytes()
            #expect(throws: DiskError.noSpace) { try file.allocate(offset: 0, length: free + (64 << 30)) }
            #expect(try file.size() == 4096)
            #expect(try file.content() == block(7))
            // The refused space is still there for others.
            try file.allocate(offset: 0, length: 1 << 20)
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func cachedReadsAreRightOrRefused(kind: DiskUnderTest) throws {
        try kind.withDisk { disk in
            let file = try disk.create("a", direct: false)
            try file.write(block(5, count: 4), at: 0)
            if let bytes = try file.readIfCached(4096, at: 4096) { #expect(bytes == block(5)) }
            #expect(try file.readIfCached(4096, at: 4 * 4096) == nil)
            #expect(try file.readIfCached(8192, at: 3 * 4096) == nil)
            let direct = try disk.open("a", direct: true)
            if let bytes = try direct.readIfCached(4096, at: 0) { #expect(bytes == block(5)) }
            try file.sync()
            file.discardCache(offset: 0, length: 4 * 4096)
            #expect(try file.content() == block(5, count: 4))
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func namesAreListedInByteOrder(kind: DiskUnderTest) throws {
        try kind.withDisk { disk in
            #expect(try disk.list() == [])
            for name in ["b", "a", "B", "a.1", "\u{E9}", "z"] { _ = try disk.create(name, direct: false) }
            #expect(try disk.list() == ["B", "a", "a.1", "b", "z", "\u{E9}"])
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func namesAreUniqueAndMustExist(kind: DiskUnderTest) throws {
        try kind.withDisk { disk in
            try disk.create("a", direct: false).write([1], at: 0)
            #expect(throws: DiskError.alreadyExists(name: "a")) { try disk.create("a", direct: false) }
            #expect(try disk.open("a", direct: false).content() == [1])
            #expect(throws: DiskError.notFound(name: "b")) { try disk.open("b", direct: false) }
            #expect(throws: DiskError.notFound(name: "b")) { try disk.remove("b") }
            #expect(throws: DiskError.notFound(name: "b")) { try disk.rename("b", to: "c") }
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func renamingReplacesAndKeepsOpenFiles(kind: DiskUnderTest) throws {
        try kind.withDisk { disk in
            let first = try disk.create("a", direct: false)
            try first.write([1], at: 0)
            let second = try disk.create("b", direct: false)
            try second.write([2], at: 0)
            try disk.rename("a", to: "b")
            try disk.syncDirectory()
            #expect(try disk.list() == ["b"])
            #expect(try disk.open("b", direct: false).content() == [1])
            try first.write([3], at: 1)
            #expect(try disk.open("b", direct: false).content() == [1, 3])
            #expect(try second.content() == [2])
            try disk.rename("b", to: "b")
            #expect(try disk.list() == ["b"])
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func removedFilesStayReadableWhileOpen(kind: DiskUnderTest) throws {
        try kind.withDisk { disk in
            let file = try disk.create("a", direct: false)
            try file.write([1, 2], at: 0)
            try disk.remove("a")
            #expect(try disk.list() == [])
            #expect(try file.content() == [1, 2])
            try file.write([3], at: 2)
            try file.sync()
            // The name is free for another file.
            let other = try disk.create("a", direct: false)
            #expect(try other.size() == 0)
            #expect(try file.content() == [1, 2, 3])
        }
    }

    @Test(arguments: DiskUnderTest.allCases)
    func aDirectoryHasOneOwnerAtATime(kind: DiskUnderTest) throws {
        try kind.withDisk { disk in
            var lock: (any DiskLock)? = try disk.lock("LOCK")
            #expect(lock != nil)
            do {
                _ = try disk.lock("LOCK")
                Issue.record("the directory was taken twice")
            } catch DiskError.locked {}
            lock = nil
            _ = try disk.lock("LOCK")
        }
    }
}
