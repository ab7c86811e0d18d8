internal import Bytes
internal import Disk

/// The header of one write to the log: `docs/format/log.md`, "Frames".
struct LogFrame: Equatable {
    static let headerBytes = 96
    private static let magic: UInt32 = 0x4D52_4656  // "VFRM"
    private static let checkedFrom = 12
    private static let cipherOffset = 48
    private static let flagsOffset = 49
    private static let packedFlag: UInt8 = 1

    var payloadLength: Int
    var commitCount: Int
    var position: UInt64
    /// Every byte of the log below it was known to be on disk when this frame was written.
    var durableMark: UInt64
    var firstSequence: UInt64
    var segment: UInt64

    /// Nobody was promised that the frame is on disk: the next one may share its last block.
    var isPacked = false
    /// The header is the short one, which says only what its place does not.
    var isShort = false

    /// Bytes in front of the payload.
    var headerLength: Int { isShort ? Self.shortHeaderBytes : Self.headerBytes }

    /// A packed frame is followed by the next one at a multiple of this.
    private static let packedAlignment: UInt64 = 8

    /// Bytes in the log, padding included: up to the next block of the segment's file, or of a packed frame to the next
    /// multiple of eight.
    func length(in segment: LogSegment) -> UInt64 {
        let alignment = isPacked ? Self.packedAlignment : UInt64(diskBlockSize)
        let start = position - segment.startPosition
        let end = (start + UInt64(headerLength + payloadLength) + alignment - 1) & ~(alignment - 1)
        return end - start
    }

    /// What a frame of such a payload takes at most, wherever it starts.
    static func lengthMax(payload: Int) -> UInt64 {
        (UInt64(headerBytes + payload) + 2 * UInt64(diskBlockSize) - 1) & ~(UInt64(diskBlockSize) - 1)
    }

    /// Fills in the header in front of a payload that lies at `headerLength` of `frame`.
    func seal(_ frame: UnsafeMutableRawBufferPointer, salt: UInt64) {
        if isShort { return sealShort(frame, salt: salt) }
        UnsafeMutableRawBufferPointer(rebasing: frame[0..<Self.headerBytes])
            .initializeMemory(as: UInt8.self, repeating: 0)
        frame.storeBytes(of: Self.magic.littleEndian, as: UInt32.self)
        frame.storeBytes(of: UInt32(payloadLength).littleEndian, toByteOffset: 4, as: UInt32.self)
        frame.storeBytes(of: UInt32(commitCount).littleEndian, toByteOffset: 12, as: UInt32.self)
        frame.storeBytes(of: position.littleEndian, toByteOffset: 16, as: UInt64.self)
        frame.storeBytes(of: durableMark.littleEndian, toByteOffset: 24, as: UInt64.self)
        frame.storeBytes(of: firstSequence.littleEndian, toByteOffset: 32, as: UInt64.self)
        frame.storeBytes(of: segment.littleEndian, toByteOffset: 40, as: UInt64.self)
        frame.storeBytes(of: isPacked ? Self.packedFlag : 0, toByteOffset: Self.flagsOffset, as: UInt8.self)
        let checksum = Self.checksum(UnsafeRawBufferPointer(frame), payloadLength: payloadLength, salt: salt)
        frame.storeBytes(of: checksum.littleEndian, toByteOffset: 8, as: UInt32.self)
    }

    /// Reads a full header; nil when the first bytes are none that this version writes. The checksum is not looked at.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> LogFrame? {
        guard bytes.count >= headerBytes else { return nil }
        func word32(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        func word64(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        let flags = bytes[flagsOffset]
        guard word32(0) == magic, bytes[cipherOffset] == 0, flags & ~packedFlag == 0,
            bytes[(flagsOffset + 1)..<headerBytes].allSatisfy({ $0 == 0 })
        else { return nil }
        return LogFrame(
            payloadLength: Int(word32(4)), commitCount: Int(word32(12)), position: word64(16),
            durableMark: word64(24), firstSequence: word64(32), segment: word64(40), isPacked: flags & packedFlag != 0)
    }

    /// Whether header and payload (the whole frame in `bytes`) are what was written under this salt.
    func isIntact(_ bytes: UnsafeRawBufferPointer, salt: UInt64) -> Bool {
        guard bytes.count >= headerLength + payloadLength else { return false }
        if isShort { return isIntactShort(bytes, salt: salt) }
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        return stored == Self.checksum(bytes, payloadLength: payloadLength, salt: salt)
    }

    private static func checksum(_ frame: UnsafeRawBufferPointer, payloadLength: Int, salt: UInt64) -> UInt32 {
        let seed = withUnsafeBytes(of: salt.littleEndian) { CRC32C.hash($0) }
        return CRC32C.hash(
            UnsafeRawBufferPointer(rebasing: frame[checkedFrom..<(headerBytes + payloadLength)]), continuing: seed)
    }
}
