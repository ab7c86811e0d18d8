internal import Bytes
internal import Disk

/// Writes runs into one extent file, front to back. The file's one writer; one user at a time, whoever holds the lease.
///
/// Runs gather in an aligned buffer and go to disk in whole blocks. With `isPacked` runs stand shoulder to shoulder (a
/// flush's small values); otherwise each is written at once and padded, so that acknowledged blocks are never
/// rewritten.
///
/// Unchecked: confined to its holder; it is handed over only through the pool's lock.
final class ExtentAppender: @unchecked Sendable {
    /// Space is reserved this far ahead, so that running out of it is noticed before a byte is written.
    static let allocationStepBytes: UInt64 = 16 << 20

    let file: ExtentFile
    private let handle: any DiskFile
    private let compress: Bool
    private let isPacked: Bool
    /// What must stay free; nil for a flush, for which it is kept.
    private let reserve: SpaceReserve?
    private var output: AlignedBuffer
    /// Bytes in `output`.
    private var pending = 0
    /// Where `output` goes in the file: divisible by the block size.
    private var writtenEnd: UInt64
    private var allocatedEnd: UInt64
    private(set) var isDamaged = false

    /// - Parameters:
    ///   - reserve: what must stay free; nil for a writer that may use what is kept in reserve.
    ///   - allocatedEnd: the length of a file that is used again.
    init(
        file: ExtentFile, handle: any DiskFile, header: FileHeader, compress: Bool, isPacked: Bool,
        reserve: SpaceReserve?, allocatedEnd: UInt64 = 0
    ) throws(StoreError) {
        self.file = file
        self.handle = handle
        self.compress = compress
        self.isPacked = isPacked
        self.reserve = reserve
        output = AlignedBuffer(count: 64 << 10)
        writtenEnd = UInt64(FileHeader.byteCount)
        self.allocatedEnd = allocatedEnd
        file.noteOpen(true)
        file.noteByteCount(allocatedEnd)
        try reserveSpace(upTo: writtenEnd)
        let block = header.encoded()
        try write(block.readable, at: 0)
    }

    /// Where the next run would start.
    var end: UInt64 { writtenEnd + UInt64(pending) }

    /// Appends a run. `content` has at most `EngineLimits.runBytesMax` bytes, and at least one.
    ///
    /// - Throws: `.noSpace` before anything was written; `.disk`, after which the appender must not be used.
    func appendRun(_ content: UnsafeRawBufferPointer) throws(StoreError) -> Run {
        precondition(content.count > 0 && content.count <= EngineLimits.runBytesMax, "a run has 1 byte to 8 MiB")
        let target = try room(for: RunCodec.storedBytesMax(logicalLength: content.count))
        let offset = end
        let stored = RunCodec.encode(
            content, into: target, file: file.number, offset: offset, compress: compress)
        pending += stored
        if !isPacked { try flush() }
        return Run(
            file: file.number, offset: offset, storedLength: UInt32(stored), logicalLength: UInt32(content.count))
    }

    /// Appends a run whose content stands in `memory` behind room for its header: what does not shrink is written from
    /// there, without being copied. For a file whose runs are not packed.
    ///
    /// - Throws: as `appendRun`.
    func appendRun(
        in memory: AlignedBuffer, headerBytes: Int, contentBytes: Int
    ) throws(StoreError) -> Run {
        precondition(pending == 0 && !isPacked, "only a run that is written at once can stay where it is")
        precondition(headerBytes == RunCodec.headerBytes(logicalLength: contentBytes), "the header fits its room")
        let stored = headerBytes + contentBytes
        let content = UnsafeRawBufferPointer(rebasing: memory.readable[headerBytes..<stored])
        if compress, RunCodec.shrinks(content, scratch: output.bytes) { return try appendRun(content) }
        let padded = AlignedBuffer.roundedUp(stored)
        try reserveSpace(upTo: writtenEnd + UInt64(padded))
        UnsafeMutableRawBufferPointer(rebasing: memory.bytes[stored..<padded])
            .initializeMemory(as: UInt8.self, repeating: 0)
        let run = Run(
            file: file.number, offset: writtenEnd, storedLength: UInt32(stored), logicalLength: UInt32(contentBytes))
        RunCodec.encodePlain(memory.bytes, contentBytes: contentBytes, run: run)
        try write(UnsafeRawBufferPointer(rebasing: memory.readable[0..<padded]), at: writtenEnd)
        writtenEnd += UInt64(padded)
        return run
    }

    /// Appends a run of another file as it is stored there, bound to its new place. The caller has verified it.
    ///
    /// - Throws: as `appendRun`.
    func appendStored(_ stored: UnsafeRawBufferPointer, of run: Run) throws(StoreError) -> Run {
        let target = try room(for: stored.count)
        var moved = run
        moved.file = file.number
        moved.offset = end
        target.copyMemory(from: stored)
        RunCodec.bind(target, to: moved)
        pending += stored.count
        if !isPacked { try flush() }
        return moved
    }

    /// Room for the next run: in memory, and on the disk.
    private func room(for need: Int) throws(StoreError) -> UnsafeMutableRawBufferPointer {
        let aligned = (pending + 7) & ~7
        if isPacked { file.noteGap(aligned - pending) }
        pending = aligned
        if pending + need > output.count { try makeRoom(need) }
        try reserveSpace(upTo: end + UInt64(need) + UInt64(diskBlockSize))
        return UnsafeMutableRawBufferPointer(rebasing: output.bytes[pending..<(pending + need)])
    }

    /// Writes whole blocks out and keeps the broken one in front; grows the buffer when a run needs it.
    private func makeRoom(_ need: Int) throws(StoreError) {
        let whole = pending & ~(diskBlockSize - 1)
        if whole > 0 {
            try write(UnsafeRawBufferPointer(rebasing: output.readable[0..<whole]), at: writtenEnd)
            writtenEnd += UInt64(whole)
        }
        let rest = UnsafeRawBufferPointer(rebasing: output.readable[whole..<pending])
        let wanted = rest.count + need + diskBlockSize
        if wanted > output.count {
            let larger = AlignedBuffer(count: AlignedBuffer.roundedUp(max(wanted, min(1 << 20, output.count * 2))))
            larger.bytes.copyMemory(from: rest)
            output = larger
        } else if whole > 0 {
            output.bytes.copyMemory(from: rest)
        }
        pending = rest.count
    }

    /// Writes out everything, padded to a block.
    func flush() throws(StoreError) {
        guard pending > 0 else { return }
        let padded = AlignedBuffer.roundedUp(pending)
        if isPacked { file.noteGap(padded - pending) }
        UnsafeMutableRawBufferPointer(rebasing: output.bytes[pending..<padded])
            .initializeMemory(as: UInt8.self, repeating: 0)
        try write(UnsafeRawBufferPointer(rebasing: output.readable[0..<padded]), at: writtenEnd)
        writtenEnd += UInt64(padded)
        pending = 0
    }

    /// Forgets what is in the buffer and not written.
    func dropPending() { pending = 0 }

    func sync() throws(StoreError) {
        do { try handle.sync() } catch {
            isDamaged = true
            throw .disk(error)
        }
    }

    /// Ends the file: gives the space reserved ahead back. Nothing may be appended afterwards.
    func seal() {
        trim()
        file.noteOpen(false)
    }

    /// Space that is reserved ahead.
    var surplusBytes: UInt64 { allocatedEnd - writtenEnd }

    /// Gives the space reserved ahead back.
    func trim() {
        guard allocatedEnd > writtenEnd else { return }
        // Best effort: what stays is dead, and cleaned like everything dead.
        do throws(DiskError) { try handle.truncate(to: writtenEnd) } catch { return }
        allocatedEnd = writtenEnd
        file.noteByteCount(allocatedEnd)
    }

    deinit { file.noteOpen(false) }

    /// Frees the memory of an appender that waits for its next user.
    func releaseBuffer() {
        precondition(pending == 0, "an appender is flushed before it rests")
        if output.count > 64 << 10 { output = AlignedBuffer(count: 64 << 10) }
    }

    private func reserveSpace(upTo end: UInt64) throws(StoreError) {
        guard end > allocatedEnd else { return }
        let need = end - allocatedEnd
        let step = max(need, min(Self.allocationStepBytes, max(allocatedEnd, 1 << 20)))
        if let reserve, !reserve.permits(need) { throw .noSpace }
        // Near the end of the disk no more than what is needed.
        guard reserve?.leaves(step) ?? true else { return try allocate(need) }
        do { try allocate(step) } catch .noSpace { try allocate(need) } catch { throw error }
    }

    private func allocate(_ length: UInt64) throws(StoreError) {
        let from = allocatedEnd
        try storeCall { () throws(DiskError) in try handle.allocate(offset: from, length: length) }
        allocatedEnd += length
        file.noteByteCount(allocatedEnd)
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
        do { try handle.write(bytes, at: offset) } catch {
            isDamaged = true
            if case .noSpace = error { throw .noSpace }
            throw .disk(error)
        }
    }
}
