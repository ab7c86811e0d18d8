private import Bytes
private import Glibc

/// An open file of a simulated disk.
final class SimulatedFile: DiskFile {
    let name: String
    private let inode: SimulatedInode
    private let disk: SimulatedDisk
    private let isDirect: Bool

    init(name: String, inode: SimulatedInode, disk: SimulatedDisk, isDirect: Bool) {
        self.name = name
        self.inode = inode
        self.disk = disk
        self.isDirect = isDirect
    }

    func size() throws(DiskError) -> UInt64 {
        try disk.withState { (state) throws(DiskError) in
            _ = try state.beginWhole(.size, name)
            return UInt64(inode.length)
        }
    }

    func linkCount() throws(DiskError) -> Int {
        try disk.withState { (state) throws(DiskError) in
            _ = try state.beginWhole(.size, name)
            return state.linkCount(inode)
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Int {
        try checkAlignment("read", UnsafeRawBufferPointer(buffer), offset)
        return try disk.withState { (state) throws(DiskError) in
            _ = try state.beginWhole(.read, name)
            return inode.read(into: buffer, at: Int(offset), direct: isDirect)
        }
    }

    func readIfCached(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Bool {
        try disk.withState { (state) throws(DiskError) in
            _ = try state.beginWhole(.read, name)
            guard !isDirect, inode.isCached(Int(offset), count: buffer.count) else { return false }
            return inode.read(into: buffer, at: Int(offset), direct: false) == buffer.count
        }
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError) {
        try checkAlignment("write", buffer, offset)
        let detail = [offset, UInt64(buffer.count), UInt64(CRC32C.hash(buffer))]
        try disk.withState { (state) throws(DiskError) in
            switch try state.begin(.write, name, detail: detail) {
            case .proceeds:
                guard fits(Int(offset) + buffer.count, state) else {
                    writePart(of: buffer, at: offset, &state)
                    throw .noSpace
                }
                state.writtenBytes += buffer.count
                inode.write(buffer, at: Int(offset))
            case .isCutShort:
                inode.write(buffer, at: Int(offset))
                throw .crashed
            case .fails(let error):
                writePart(of: buffer, at: offset, &state)
                throw error
            }
        }
    }

    func allocate(offset: UInt64, length: UInt64) throws(DiskError) {
        guard length > 0 else { return }
        try disk.withState { (state) throws(DiskError) in
            let isCutShort = try state.beginWhole(.allocate, name, detail: [offset, length])
            let end = Int(offset + length)
            guard fits(end, state) else { throw isCutShort ? .crashed : .noSpace }
            if end > inode.length { inode.setLength(end) }
            if isCutShort { throw .crashed }
        }
    }

    func truncate(to size: UInt64) throws(DiskError) {
        try disk.withState { (state) throws(DiskError) in
            let isCutShort = try state.beginWhole(.truncate, name, detail: [size])
            guard fits(Int(size), state) else { throw isCutShort ? .crashed : .noSpace }
            inode.setLength(Int(size))
            if isCutShort { throw .crashed }
        }
    }

    func sync() throws(DiskError) {
        try disk.withState { (state) throws(DiskError) in
            switch try state.begin(.sync, name) {
            case .proceeds: if !state.ignoresSyncs { inode.sync() }
            case .isCutShort: throw .crashed
            case .fails(let error):
                inode.failSync(&state.random)
                // What was promised room and has none is lost: no refusal, but a failure.
                throw error == .noSpace ? .io(operation: "sync", name: name, errno: ENOSPC) : error
            }
        }
    }

    func discardCache(offset: UInt64, length: UInt64) {
        // A machine that is down has no cache to discard: the one error there can be.
        try? disk.withState { (state) throws(DiskError) in
            if state.hasCrashed { throw .crashed }
            inode.discardCache(Int(offset), count: Int(clamping: length))
        }
    }

    /// Whether the disk has room for the file to reach to `end`.
    private func fits(_ end: Int, _ state: borrowing SimulatedState) -> Bool {
        guard end > inode.length else { return true }
        return SimulatedInode.allocatedBytes(length: end) - inode.allocatedBytes <= state.freeBytes
    }

    /// What a failed write leaves: some first part of it, as far as there is room.
    private func writePart(of buffer: UnsafeRawBufferPointer, at offset: UInt64, _ state: inout SimulatedState) {
        var count = Int.random(in: 0...buffer.count, using: &state.random)
        if isDirect { count -= count % diskBlockSize }
        guard count > 0, fits(Int(offset) + count, state) else { return }
        inode.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: Int(offset))
    }

    private func checkAlignment(
        _ operation: String, _ buffer: UnsafeRawBufferPointer, _ offset: UInt64
    ) throws(DiskError) {
        guard isDirect else { return }
        let bits = UInt(bitPattern: buffer.baseAddress) | UInt(buffer.count) | UInt(offset)
        if bits % UInt(diskBlockSize) != 0 { throw .io(operation: operation, name: name, errno: EINVAL) }
    }
}
