import Disk
import Synchronization

/// A disk that counts the syncs of its files.
final class CountingDisk: Disk {
    private let disk: any Disk
    let counts = DiskCounts()

    init(_ disk: any Disk) { self.disk = disk }

    func list() throws(DiskError) -> [String] { try disk.list() }

    func create(_ name: String, direct: Bool) throws(DiskError) -> any DiskFile {
        CountingFile(try disk.create(name, direct: direct), counts)
    }

    func open(_ name: String, direct: Bool) throws(DiskError) -> any DiskFile {
        CountingFile(try disk.open(name, direct: direct), counts)
    }

    func rename(_ from: String, to: String) throws(DiskError) { try disk.rename(from, to: to) }
    func remove(_ name: String) throws(DiskError) { try disk.remove(name) }
    func syncDirectory() throws(DiskError) { try disk.syncDirectory() }
    func freeBytes() throws(DiskError) -> UInt64 { try disk.freeBytes() }
    func link(_ name: String, into target: any Disk) throws(DiskError) -> Bool {
        try disk.link(name, into: (target as? CountingDisk)?.disk ?? target)
    }
    func lock(_ name: String) throws(DiskError) -> any DiskLock { try disk.lock(name) }
}

/// What a disk was asked for so far.
final class DiskCounts: Sendable {
    private let syncs = Atomic<UInt64>(0)

    var syncCount: UInt64 { syncs.load(ordering: .relaxed) }

    func noteSync() { syncs.wrappingAdd(1, ordering: .relaxed) }
}

private final class CountingFile: DiskFile {
    private let file: any DiskFile
    private let counts: DiskCounts

    init(_ file: any DiskFile, _ counts: DiskCounts) {
        self.file = file
        self.counts = counts
    }

    var name: String { file.name }

    func size() throws(DiskError) -> UInt64 { try file.size() }

    func linkCount() throws(DiskError) -> Int { try file.linkCount() }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Int {
        try file.read(into: buffer, at: offset)
    }

    func readIfCached(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Bool {
        try file.readIfCached(into: buffer, at: offset)
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError) {
        try file.write(buffer, at: offset)
    }

    func writeForSmallWrites(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError) {
        try file.writeForSmallWrites(buffer, at: offset)
    }

    func allocate(offset: UInt64, length: UInt64) throws(DiskError) {
        try file.allocate(offset: offset, length: length)
    }

    func truncate(to size: UInt64) throws(DiskError) { try file.truncate(to: size) }

    func sync() throws(DiskError) {
        counts.noteSync()
        try file.sync()
    }

    func startWriteback(offset: UInt64, length: UInt64) { file.startWriteback(offset: offset, length: length) }

    func discardCache(offset: UInt64, length: UInt64) { file.discardCache(offset: offset, length: length) }
}
