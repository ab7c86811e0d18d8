private import Bytes
private import CPlatform
private import Glibc

/// An open file of a real directory.
final class POSIXFile: DiskFile {
    let name: String
    private let descriptor: Int32
    private let isDirect: Bool

    /// Owns the descriptor from here on, also when it throws.
    init(name: String, descriptor: Int32, wantsDirect: Bool) throws(DiskError) {
        self.name = name
        self.descriptor = descriptor
        guard wantsDirect else {
            isDirect = false
            return
        }
        // Set afterwards and not in `open`, which can leave a new file behind when it refuses the flag.
        let flags = fcntl(descriptor, F_GETFL)
        let isSet = flags != -1 && fcntl(descriptor, F_SETFL, flags | cp_o_direct()) != -1
        let cause = errno
        isDirect = isSet
        if !isSet, cause != EINVAL { throw .io(operation: "direct", name: name, errno: cause) }
    }

    deinit { close(descriptor) }

    func size() throws(DiskError) -> UInt64 {
        var status = stat()
        _ = try posixCall("size", name) { fstat(descriptor, &status) }
        return UInt64(status.st_size)
    }

    func linkCount() throws(DiskError) -> Int {
        var status = stat()
        _ = try posixCall("size", name) { fstat(descriptor, &status) }
        return Int(status.st_nlink)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = try posixCall("read", name) {
                pread(descriptor, base + done, buffer.count - done, off_t(offset) + off_t(done))
            }
            done += count
            // A direct read cannot go on from within a block: only the file's end stops it there.
            if count == 0 || isDirect && !done.isMultiple(of: diskBlockSize) { break }
        }
        return done
    }

    func readIfCached(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Bool {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return true }
        if isDirect { return false }
        while true {
            let count = cp_preadv2_nowait(descriptor, base, buffer.count, Int64(offset))
            if count == buffer.count { return true }
            if count >= 0 { return false }
            switch errno {
            case EINTR: continue
            case EAGAIN, EOPNOTSUPP, ENOSYS, EINVAL: return false
            default: throw diskError(errno, "read", name)
            }
        }
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError) {
        guard let base = buffer.baseAddress else { return }
        var done = 0
        while done < buffer.count {
            let count = try posixCall("write", name) {
                pwrite(descriptor, base + done, buffer.count - done, off_t(offset) + off_t(done))
            }
            if count == 0 { throw .io(operation: "write", name: name, errno: EIO) }
            done += count
        }
    }

    func writeForSmallWrites(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError) {
        var done = 0
        while done < buffer.count {
            let end = min(buffer.count, done + Self.smallUnitBytes)
            try write(UnsafeRawBufferPointer(rebasing: buffer[done..<end]), at: offset + UInt64(done))
            done = end
        }
    }

    /// Few blocks to walk, and few calls for a segment of the log.
    private static let smallUnitBytes = 16 << 10

    func allocate(offset: UInt64, length: UInt64) throws(DiskError) {
        guard length > 0 else { return }
        let sizeBefore = try size()
        do {
            do {
                _ = try posixCall("allocate", name) { cp_fallocate(descriptor, Int64(offset), Int64(length)) }
            } catch .io(_, _, let cause) where cause == EOPNOTSUPP || cause == ENOSYS {
                try allocateByWriting(offset: offset, length: length, sizeBefore: sizeBefore)
            }
        } catch .noSpace {
            // What was reserved beyond the old end is given back.
            if try size() > sizeBefore { try truncate(to: sizeBefore) }
            throw .noSpace
        }
    }

    func truncate(to size: UInt64) throws(DiskError) {
        _ = try posixCall("truncate", name) { ftruncate(descriptor, off_t(size)) }
    }

    func sync() throws(DiskError) {
        do {
            _ = try posixCall("sync", name) { cp_fdatasync(descriptor) }
        } catch .noSpace {
            // Space that was promised is missing: bytes are lost, so this is no refusal but a failure.
            throw .io(operation: "sync", name: name, errno: ENOSPC)
        }
    }

    func startWriteback(offset: UInt64, length: UInt64) {
        _ = cp_start_writeback(descriptor, Int64(offset), Int64(length))
    }

    func discardCache(offset: UInt64, length: UInt64) {
        _ = cp_fadvise_dontneed(descriptor, Int64(offset), Int64(length))
    }

    /// For file systems without `fallocate`: writes back what is there, and zeros beyond the end.
    private func allocateByWriting(offset: UInt64, length: UInt64, sizeBefore: UInt64) throws(DiskError) {
        let chunk = AlignedBuffer(count: 1 << 20)
        var position = offset
        while position < offset + length {
            let count = Int(min(UInt64(chunk.count), offset + length - position))
            let part = UnsafeMutableRawBufferPointer(rebasing: chunk.bytes[..<count])
            let kept = position < sizeBefore ? try read(into: part, at: position) : 0
            UnsafeMutableRawBufferPointer(rebasing: part[kept...]).initializeMemory(as: UInt8.self, repeating: 0)
            try write(UnsafeRawBufferPointer(part), at: position)
            position += UInt64(count)
        }
    }
}
