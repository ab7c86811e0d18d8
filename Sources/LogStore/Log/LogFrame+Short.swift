internal import Bytes
internal import Disk

/// The short header of a frame that does not start a block of its file: `docs/format/log.md`, "Short headers". Position
/// and segment are known to whoever reads it, and go into the checksum; marks are looked for at blocks alone.
extension LogFrame {
    static let shortHeaderBytes = 16
    private static let shortTag: UInt32 = 0xF4
    private static let shortPackedTag: UInt32 = 0xF5
    private static let shortPayloadMax = 1 << 24
    private static let shortCommitsMax = 1 << 16
    private static let shortSequenceMax: UInt64 = 1 << 48

    /// Takes the short header if what the frame has to say fits.
    mutating func shorten(in segment: LogSegment) {
        isShort =
            !segment.offset(of: position).isMultiple(of: UInt64(diskBlockSize))
            && payloadLength < Self.shortPayloadMax && commitCount < Self.shortCommitsMax
            && firstSequence < Self.shortSequenceMax
    }

    func sealShort(_ frame: UnsafeMutableRawBufferPointer, salt: UInt64) {
        let tag = isPacked ? Self.shortPackedTag : Self.shortTag
        frame.storeBytes(of: (UInt32(payloadLength) << 8 | tag).littleEndian, as: UInt32.self)
        let sequenceAndCount = firstSequence | UInt64(commitCount) << 48
        frame.storeBytes(of: sequenceAndCount.littleEndian, toByteOffset: 8, as: UInt64.self)
        let checksum = shortChecksum(UnsafeRawBufferPointer(frame), salt: salt)
        frame.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
    }

    /// Reads a short header at a position of a segment; nil when the first bytes are none. The checksum is not looked
    /// at.
    static func parseShort(_ bytes: UnsafeRawBufferPointer, at position: UInt64, segment: UInt64) -> LogFrame? {
        guard bytes.count >= shortHeaderBytes else { return nil }
        let first = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        let tag = first & 0xFF
        guard tag == shortTag || tag == shortPackedTag else { return nil }
        let second = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        return LogFrame(
            payloadLength: Int(first >> 8), commitCount: Int(second >> 48), position: position, durableMark: 0,
            firstSequence: second & (shortSequenceMax - 1), segment: segment, isPacked: tag == shortPackedTag,
            isShort: true)
    }

    func isIntactShort(_ bytes: UnsafeRawBufferPointer, salt: UInt64) -> Bool {
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        return stored == shortChecksum(bytes, salt: salt)
    }

    private func shortChecksum(_ frame: UnsafeRawBufferPointer, salt: UInt64) -> UInt32 {
        let place = (salt.littleEndian, position.littleEndian, segment.littleEndian)
        var checksum = withUnsafeBytes(of: place) { CRC32C.hash($0) }
        checksum = CRC32C.hash(UnsafeRawBufferPointer(rebasing: frame[0..<4]), continuing: checksum)
        return CRC32C.hash(
            UnsafeRawBufferPointer(rebasing: frame[8..<(Self.shortHeaderBytes + payloadLength)]), continuing: checksum)
    }
}
