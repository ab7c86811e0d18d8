internal import Bytes
internal import Disk

/// The end of an extent file that was open at a crash: space reserved ahead, or what an earlier use left there. Nobody
/// appends to such a file again, so it is given back.
struct ExtentTail {
    /// Bytes read at once.
    private static let pieceBytes = 1 << 20

    private let file: any DiskFile
    private let number: UInt64
    private let length: UInt64
    private let memory = AlignedBuffer(count: pieceBytes)

    /// - Throws: `.disk`.
    init(_ file: any DiskFile, number: UInt64) throws(StoreError) {
        self.file = file
        self.number = number
        length = try storeCall { () throws(DiskError) in try file.size() }
    }

    /// Where the file can be cut without losing a run; nil when it was written to its end, or holds what cannot be
    /// told.
    ///
    /// Runs are followed from the front by their headers. What lies behind the last one may go if no header of this
    /// file stands in it: then no run begins there, and none before it reaches so far.
    func cutPosition() throws(StoreError) -> UInt64? {
        let block = UInt64(diskBlockSize)
        guard length > 2 * block, length.isMultiple(of: block) else { return nil }
        let last = try read(at: length - block, count: diskBlockSize)
        guard last.allSatisfy({ $0 == 0 }) else { return nil }
        var end = UInt64(FileHeader.byteCount)
        while let runEnd = try runEnd(at: end) { end = runEnd }
        guard end < length else { return nil }
        var position = end
        while position < length {
            let piece = try read(at: position, count: Int(min(UInt64(Self.pieceBytes), length - position)))
            for offset in stride(from: 0, to: piece.count, by: diskBlockSize) {
                let start = UnsafeRawBufferPointer(rebasing: piece[offset..<(offset + diskBlockSize)])
                if RunCodec.isHeader(start, ofFile: number) { return nil }
            }
            position += UInt64(piece.count)
        }
        return end
    }

    /// The block behind a run; nil when none begins here.
    private func runEnd(at offset: UInt64) throws(StoreError) -> UInt64? {
        guard offset < length else { return nil }
        let count = min(UInt64(AlignedBuffer.roundedUp(RunCodec.headerBytesMax)), length - offset)
        let header = try read(at: offset, count: Int(count))
        guard let stored = RunCodec.storedLength(header, file: number, offset: offset) else { return nil }
        let end = offset + UInt64(AlignedBuffer.roundedUp(stored))
        return end <= length ? end : nil
    }

    private func read(at offset: UInt64, count: Int) throws(StoreError) -> UnsafeRawBufferPointer {
        let target = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[0..<count])
        let got = try storeCall { () throws(DiskError) in try file.read(into: target, at: offset) }
        guard got == count else { throw .damaged(file: file.name, offset: offset, what: "content cut short") }
        return UnsafeRawBufferPointer(target)
    }
}
