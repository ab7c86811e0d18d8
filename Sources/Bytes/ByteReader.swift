/// Why bytes could not be read as what they should be.
@usableFromInline
package enum ByteReaderError: Error, Equatable, Sendable {
    /// The bytes ended before the value did.
    case truncated
    /// The bytes do not encode any value: a varint too long or padded, an escape that does not exist.
    case malformed
}

/// A cursor over bytes that it does not own: valid only as long as they are.
///
/// Every read throws `.truncated` when the bytes end early. After a throw the cursor is somewhere within the value.
@usableFromInline
package struct ByteReader {
    /// All the bytes, read or not.
    @usableFromInline package let bytes: UnsafeRawBufferPointer

    /// The bytes read so far.
    @usableFromInline package var offset: Int

    /// Starts at the first of `bytes`.
    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        offset = 0
    }

    /// The bytes not read yet.
    @inlinable package var remainingCount: Int { bytes.count - offset }

    /// Whether all is read.
    @inlinable package var isAtEnd: Bool { offset == bytes.count }

    /// The bytes not read yet, without reading them.
    @inlinable package var remaining: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[offset...]) }

    @inlinable
    package mutating func readUInt8() throws(ByteReaderError) -> UInt8 { try readInteger(UInt8.self) }

    /// Little-endian.
    @inlinable
    package mutating func readUInt16() throws(ByteReaderError) -> UInt16 { try UInt16(littleEndian: readInteger()) }

    /// Little-endian.
    @inlinable
    package mutating func readUInt32() throws(ByteReaderError) -> UInt32 { try UInt32(littleEndian: readInteger()) }

    /// Little-endian.
    @inlinable
    package mutating func readUInt64() throws(ByteReaderError) -> UInt64 { try UInt64(littleEndian: readInteger()) }

    /// Big-endian: the form that sorts as bytes.
    @inlinable
    package mutating func readBigEndianUInt64() throws(ByteReaderError) -> UInt64 {
        try UInt64(bigEndian: readInteger())
    }

    /// Big-endian.
    @inlinable
    package mutating func readBigEndianUInt32() throws(ByteReaderError) -> UInt32 {
        try UInt32(bigEndian: readInteger())
    }

    /// - Throws: `.malformed` when the encoding is padded or has more than 64 bits.
    @inlinable
    package mutating func readVarint() throws(ByteReaderError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try readUInt8()
            // The tenth byte holds the 64th bit alone.
            if shift == 63, byte > 1 { throw .malformed }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                if byte == 0, shift > 0 { throw .malformed }
                return value
            }
            shift += 7
        }
    }

    /// The next `count` bytes in place.
    @inlinable
    package mutating func readSlice(_ count: Int) throws(ByteReaderError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remainingCount else { throw .truncated }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
        offset += count
        return slice
    }

    /// A copy of the next `count` bytes.
    @inlinable
    package mutating func readBytes(_ count: Int) throws(ByteReaderError) -> [UInt8] { try [UInt8](readSlice(count)) }

    /// Bytes preceded by their count as a varint, in place.
    @inlinable
    package mutating func readLengthPrefixedSlice() throws(ByteReaderError) -> UnsafeRawBufferPointer {
        let count = try readVarint()
        guard count <= UInt64(remainingCount) else { throw .truncated }
        return try readSlice(Int(count))
    }

    /// A copy of bytes preceded by their count as a varint.
    @inlinable
    package mutating func readLengthPrefixedBytes() throws(ByteReaderError) -> [UInt8] {
        try [UInt8](readLengthPrefixedSlice())
    }

    /// How many things follow, each of which takes at least a byte.
    ///
    /// - Throws: `.malformed` when there cannot be so many.
    package mutating func readCount() throws(ByteReaderError) -> Int {
        let count = try readVarint()
        guard count <= UInt64(remainingCount) else { throw .malformed }
        return Int(count)
    }

    /// Moves past `count` bytes.
    @inlinable
    package mutating func skip(_ count: Int) throws(ByteReaderError) { _ = try readSlice(count) }

    /// An integer as it lies in memory, at any alignment.
    @inlinable
    package mutating func readInteger<T: FixedWidthInteger & BitwiseCopyable>(
        _: T.Type = T.self
    ) throws(ByteReaderError) -> T {
        guard MemoryLayout<T>.size <= remainingCount else { throw .truncated }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
        offset += MemoryLayout<T>.size
        return value
    }
}
