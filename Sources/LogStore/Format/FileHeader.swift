internal import Bytes
internal import Disk

/// The first block of log, extent and manifest files: `docs/format/README.md`, "The file header".
struct FileHeader: Equatable {
    static let byteCount = diskBlockSize
    static let version: UInt32 = 1
    private static let checksumOffset = 4092
    /// Required features of log segments: frames may be packed, and may have short headers.
    private static let packedFrames: UInt32 = 1
    private static let shortFrames: UInt32 = 2

    var kind: FileKind
    var storeID: UInt64
    var number: UInt64
    var segment: UInt64 = 0
    var salt: UInt64 = 0
    var startPosition: UInt64 = 0
    var fileLength: UInt64 = 0

    private var magic: StaticString {
        switch kind {
        case .log: "VARVELOG"
        case .extent: "VARVEEXT"
        case .manifest: "VARVEMAN"
        case .table: preconditionFailure("tables have a footer instead")
        }
    }

    /// What a reader must know of to read such a file as this version writes it.
    private static func features(of kind: FileKind) -> UInt32 { kind == .log ? packedFrames | shortFrames : 0 }

    func encoded() -> AlignedBuffer {
        let buffer = AlignedBuffer(count: Self.byteCount)
        let bytes = buffer.bytes
        bytes.copyMemory(from: UnsafeRawBufferPointer(start: magic.utf8Start, count: 8))
        bytes.storeBytes(of: Self.version.littleEndian, toByteOffset: 8, as: UInt32.self)
        bytes.storeBytes(of: Self.features(of: kind).littleEndian, toByteOffset: 12, as: UInt32.self)
        for (index, word) in [storeID, number, segment, salt, startPosition, fileLength].enumerated() {
            bytes.storeBytes(of: word.littleEndian, toByteOffset: 16 + 8 * index, as: UInt64.self)
        }
        let checksum = CRC32C.hash(UnsafeRawBufferPointer(rebasing: buffer.readable[0..<Self.checksumOffset]))
        bytes.storeBytes(of: checksum.littleEndian, toByteOffset: Self.checksumOffset, as: UInt32.self)
        return buffer
    }

    /// - Throws: `.damaged` when the block is no such header, `.unsupportedFormat` when it is one of another version.
    init(_ bytes: UnsafeRawBufferPointer, kind: FileKind, file: String) throws(StoreError) {
        func word32(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        func word64(_ index: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16 + 8 * index, as: UInt64.self))
        }
        self.init(
            kind: kind, storeID: 0, number: 0)
        guard bytes.count >= Self.byteCount,
            compareBytes(
                UnsafeRawBufferPointer(rebasing: bytes[0..<8]), UnsafeRawBufferPointer(start: magic.utf8Start, count: 8)
            ) == 0,
            word32(Self.checksumOffset)
                == CRC32C.hash(UnsafeRawBufferPointer(rebasing: bytes[0..<Self.checksumOffset]))
        else { throw .damaged(file: file, offset: 0, what: "file header") }
        guard word32(8) == Self.version, word32(12) & ~Self.features(of: kind) == 0 else {
            throw .unsupportedFormat("\(file) has version \(word32(8)) and required features \(word32(12))")
        }
        guard bytes[64..<Self.checksumOffset].allSatisfy({ $0 == 0 }) else {
            throw .unsupportedFormat("\(file) uses reserved header fields")
        }
        storeID = word64(0)
        number = word64(1)
        segment = word64(2)
        salt = word64(3)
        startPosition = word64(4)
        fileLength = word64(5)
        guard number <= FormatLimits.numberMax, segment <= FormatLimits.numberMax,
            startPosition <= FormatLimits.positionMax, fileLength <= FormatLimits.fileBytesMax
        else { throw .damaged(file: file, offset: 0, what: "file header") }
    }

    init(
        kind: FileKind, storeID: UInt64, number: UInt64, segment: UInt64 = 0, salt: UInt64 = 0,
        startPosition: UInt64 = 0, fileLength: UInt64 = 0
    ) {
        self.kind = kind
        self.storeID = storeID
        self.number = number
        self.segment = segment
        self.salt = salt
        self.startPosition = startPosition
        self.fileLength = fileLength
    }

    /// Reads and checks the header of an open file.
    static func read(from file: any DiskFile, kind: FileKind) throws(StoreError) -> FileHeader {
        let buffer = AlignedBuffer(count: byteCount)
        let count = try storeCall { () throws(DiskError) in try file.read(into: buffer.bytes, at: 0) }
        guard count == byteCount else { throw .damaged(file: file.name, offset: 0, what: "file header cut short") }
        return try FileHeader(buffer.readable, kind: kind, file: file.name)
    }
}

/// Runs a call of the disk and turns its error into the store's.
@inline(__always)
func storeCall<Result>(_ body: () throws(DiskError) -> Result) throws(StoreError) -> Result {
    do {
        return try body()
    } catch .noSpace {
        throw .noSpace
    } catch .locked(let process) {
        throw .locked(byProcess: process)
    } catch {
        throw .disk(error)
    }
}
