import Disk
import Synchronization

/// A disk on which some syncs do nothing: an engine that forgot them.
final class LyingDisk: Disk {
    /// Which syncs are left out.
    struct Lie: Sendable {
        /// The end of the names of the files whose syncs are left out; nil: none.
        var fileSuffix: String?
        var skipsDirectory = false
        /// Only while a store is being opened.
        var onlyWhileOpening = false
    }

    private let disk: SimulatedDisk
    private let lie: Lie
    private let isOpening = Atomic<Bool>(true)

    init(_ disk: SimulatedDisk, _ lie: Lie) {
        self.disk = disk
        self.lie = lie
    }

    func openingEnded() { isOpening.store(false, ordering: .relaxed) }

    private var isActive: Bool { !lie.onlyWhileOpening || isOpening.load(ordering: .relaxed) }

    fileprivate func skipsSync(of name: String) -> Bool {
        guard isActive, let suffix = lie.fileSuffix else { return false }
        return name.hasSuffix(suffix)
    }

    func list() throws(DiskError) -> [String] { try disk.list() }

    func create(_ name: String, direct: Bool) throws(DiskError) -> any DiskFile {
        LyingFile(try disk.create(name, direct: direct), self)
    }

    func open(_ name: String, direct: Bool) throws(DiskError) -> any DiskFile {
        LyingFile(try disk.open(name, direct: direct), self)
    }

    func rename(_ from: String, to: String) throws(DiskError) { try disk.rename(from, to: to) }

    func remove(_ name: String) throws(DiskError) { try disk.remove(name) }

    func syncDirectory() throws(DiskError) {
        if isActive, lie.skipsDirectory { return }
        try disk.syncDirectory()
    }

    func freeBytes() throws(DiskError) -> UInt64 { try disk.freeBytes() }

    func link(_ name: String, into target: any Disk) throws(DiskError) -> Bool {
        try disk.link(name, into: (target as? LyingDisk)?.disk ?? target)
    }

    func lock(_ name: String) throws(DiskError) -> any DiskLock { try disk.lock(name) }
}

private final class LyingFile: DiskFile {
    private let file: any DiskFile
    private let disk: LyingDisk

    init(_ file: any DiskFile, _ disk: LyingDisk) {
        self.file = file
        self.disk = disk
    }

    var name: String { file.name }

    func size() throws(DiskError) -> UInt64 { try file.size() }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Int {
        try file.read(into: buffer, at: offset)
    }

    func linkCount() throws(DiskError) -> Int { try file.linkCount() }

    func readIfCached(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Bool {
        try file.readIfCached(into: buffer, at: offset)
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError) {
        try file.write(buffer, at: offset)
    }

    func allocate(offset: UInt64, length: UInt64) throws(DiskError) {
        try file.allocate(offset: offset, length: length)
    }

    func truncate(to size: UInt64) throws(DiskError) { try file.truncate(to: size) }

    func sync() throws(DiskError) {
        if disk.skipsSync(of: name) { return }
        try file.sync()
    }

    func discardCache(offset: UInt64, length: UInt64) { file.discardCache(offset: offset, length: length) }
}
