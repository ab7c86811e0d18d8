internal import Bytes

/// The largest numbers that files may hold. No store comes near them; a decoder that refuses what lies beyond leaves
/// arithmetic behind it that cannot overflow.
enum FormatLimits {
    /// A memtable keeps a sequence number in 56 bits.
    static let sequenceMax: UInt64 = 1 << 56 - 1
    /// Of files, segments, runs and generations: each is counted up by one.
    static let numberMax: UInt64 = 1 << 56
    /// Of positions in the log.
    static let positionMax: UInt64 = 1 << 60
    /// Of bytes, offsets and entries in one file: 16 TiB, where file systems end. A million of them add up without
    /// overflow.
    static let fileBytesMax: UInt64 = 1 << 44
}

extension ByteReader {
    /// - Throws: also `.malformed` above `limit`.
    mutating func readVarint(upTo limit: UInt64) throws(ByteReaderError) -> UInt64 {
        let value = try readVarint()
        guard value <= limit else { throw .malformed }
        return value
    }
}
