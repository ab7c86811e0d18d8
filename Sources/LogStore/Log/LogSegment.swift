internal import Bytes
internal import Disk

/// One file of the commit log, laid out and ready to be written. Owned by whoever has it: the pool, or the log's
/// writer.
///
/// Unchecked: handed over under the pool's lock, used by one step at a time.
final class LogSegment: @unchecked Sendable {
    let file: any DiskFile
    let fileNumber: UInt64
    /// Bytes of the file.
    let length: UInt64
    private(set) var number: UInt64 = 0
    private(set) var salt: UInt64 = 0
    /// The log position of the first frame.
    private(set) var startPosition: UInt64 = 0
    /// Where its frames end: set when the writer leaves it, or by recovery.
    var endPosition: UInt64

    init(file: any DiskFile, fileNumber: UInt64, length: UInt64) {
        self.file = file
        self.fileNumber = fileNumber
        self.length = length
        endPosition = 0
    }

    /// A segment as found on disk.
    init(file: any DiskFile, header: FileHeader) {
        self.file = file
        fileNumber = header.number
        length = header.fileLength
        number = header.segment
        salt = header.salt
        startPosition = header.startPosition
        endPosition = header.startPosition
    }

    /// Bytes that frames can take in all.
    var capacity: UInt64 { length - UInt64(FileHeader.byteCount) }

    /// Where a log position lies in the file.
    func offset(of position: UInt64) -> UInt64 { position - startPosition + UInt64(FileHeader.byteCount) }

    /// The first position at or above `position` that starts a block of the file.
    func blockStart(notBelow position: UInt64) -> UInt64 {
        startPosition + UInt64(AlignedBuffer.roundedUp(Int(position - startPosition)))
    }

    /// Creates a file written with zeros from end to end, so that later writes change no file-system metadata: its sync
    /// costs half.
    ///
    /// - Parameter progress: told of bytes as they are on disk.
    static func layOut(
        disk: any Disk, storeID: UInt64, fileNumber: UInt64, length: UInt64, progress: (Int) -> Void = { _ in }
    ) throws(StoreError) -> LogSegment {
        let name = FileName(storeID: storeID, number: fileNumber, kind: .log).string
        return try storeCall { () throws(DiskError) in
            let file = try disk.create(name, direct: false)
            do throws(DiskError) {
                try file.allocate(offset: 0, length: length)
                let zeros = AlignedBuffer(count: 1 << 20)
                var offset: UInt64 = 0
                while offset < length {
                    let count = Int(min(UInt64(zeros.count), length - offset))
                    let piece = UnsafeRawBufferPointer(rebasing: zeros.readable[0..<count])
                    try file.writeForSmallWrites(piece, at: offset)
                    offset += UInt64(count)
                    // A piece at a time: one sync of it all would hold those of the log up.
                    if offset.isMultiple(of: syncedPieceBytes) || offset == length {
                        try file.sync()
                        progress(Int(syncedPieceBytes))
                    }
                }
                try disk.syncDirectory()
            } catch {
                try? disk.remove(name)
                throw error
            }
            return LogSegment(file: file, fileNumber: fileNumber, length: length)
        }
    }

    private static let syncedPieceBytes: UInt64 = 4 << 20

    /// Gives the segment its place in the log. Durable on return, so that the first frame needs only its own sync.
    func begin(number: UInt64, salt: UInt64, startPosition: UInt64, storeID: UInt64) throws(StoreError) {
        let header = FileHeader(
            kind: .log, storeID: storeID, number: fileNumber, segment: number, salt: salt, startPosition: startPosition,
            fileLength: length
        ).encoded()
        try storeCall { () throws(DiskError) in
            try file.write(header.readable, at: 0)
            try file.sync()
        }
        self.number = number
        self.salt = salt
        self.startPosition = startPosition
        endPosition = startPosition
    }
}
