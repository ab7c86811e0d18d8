import Bytes
import Disk

/// Reads and writes of arrays, through aligned memory so that they work on direct files too.
extension DiskFile {
    func write(_ bytes: [UInt8], at offset: UInt64) throws(DiskError) {
        let buffer = AlignedBuffer(count: max(1, bytes.count))
        buffer.bytes.copyBytes(from: bytes)
        try write(UnsafeRawBufferPointer(rebasing: buffer.readable[..<bytes.count]), at: offset)
    }

    /// The bytes that are there of the `count` wanted.
    func read(_ count: Int, at offset: UInt64) throws(DiskError) -> [UInt8] {
        let buffer = AlignedBuffer(count: count)
        let found = try read(into: buffer.bytes, at: offset)
        return Array(buffer.readable[..<found])
    }

    /// The bytes when all of them are cached.
    func readIfCached(_ count: Int, at offset: UInt64) throws(DiskError) -> [UInt8]? {
        let buffer = AlignedBuffer(count: count)
        return try readIfCached(into: buffer.bytes, at: offset) ? Array(buffer.readable) : nil
    }

    /// The whole content.
    func content() throws(DiskError) -> [UInt8] {
        let size = Int(try size())
        return size == 0 ? [] : Array(try read(AlignedBuffer.roundedUp(size), at: 0))
    }
}

/// A block of equal bytes.
func block(_ value: UInt8, count: Int = 1) -> [UInt8] { [UInt8](repeating: value, count: count * diskBlockSize) }
