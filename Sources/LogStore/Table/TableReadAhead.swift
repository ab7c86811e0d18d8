internal import Bytes

/// Reads a table's blocks front to back in large pieces, for a merge: a call to the disk for each block would cost more
/// than merging it. One user at a time.
final class TableReadAhead {
    /// Large enough that the disk's latency vanishes beside it, small enough for a dozen inputs at once.
    private static let pieceBytes: UInt64 = 256 << 10

    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// What `memory` holds: so many bytes from `offset` of that file on.
    private var file: UInt64?
    private var offset: UInt64 = 0
    private var count: UInt64 = 0

    deinit { memory.deallocate() }

    /// The stored bytes of a block. Valid until the next call.
    ///
    /// - Parameters:
    ///   - end: where the table's data blocks end: nothing is read beyond.
    ///   - read: fills a buffer from an offset of the file on, or throws.
    func bytes(
        of handle: TableFooter.Handle, file number: UInt64, end: UInt64,
        read: (UnsafeMutableRawBufferPointer, UInt64) throws(ReadInterruption) -> Void
    ) throws(ReadInterruption) -> UnsafeRawBufferPointer {
        if file != number || handle.offset < offset || handle.offset + handle.length > offset + count {
            let wanted = max(handle.length, min(Self.pieceBytes, end - min(end, handle.offset)))
            if UInt64(memory.count) < wanted {
                memory.deallocate()
                memory = .allocate(byteCount: Int(max(wanted, Self.pieceBytes)), alignment: 4096)
            }
            file = nil
            try read(UnsafeMutableRawBufferPointer(rebasing: memory[0..<Int(wanted)]), handle.offset)
            (file, offset, count) = (number, handle.offset, wanted)
        }
        let start = Int(handle.offset - offset)
        return UnsafeRawBufferPointer(rebasing: memory[start..<(start + Int(handle.length))])
    }
}
