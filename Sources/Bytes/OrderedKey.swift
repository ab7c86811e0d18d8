/// Parts of keys whose encodings, concatenated, sort as bytes in the order of the tuples they came from.
///
/// A byte string becomes a segment: each 0x00 is written 0x00 0xFF, and 0x00 0x01 ends it. So a segment that is a
/// prefix of another sorts first, and no segment's encoding is a prefix of another's.
@usableFromInline
package enum OrderedKey {
    private static let escape: UInt8 = 0x00
    private static let escapedZero: UInt8 = 0xFF
    private static let terminator: UInt8 = 0x01

    /// Appends an integer that sorts ascending.
    @inlinable
    package static func append(_ value: UInt64, to key: inout [UInt8]) { key.appendBigEndian(value) }

    /// Appends an integer that sorts descending.
    @inlinable
    package static func appendDescending(_ value: UInt64, to key: inout [UInt8]) { key.appendBigEndian(~value) }

    /// Appends a whole segment.
    package static func appendSegment(_ bytes: UnsafeRawBufferPointer, to key: inout [UInt8]) {
        appendSegmentPrefix(bytes, to: &key)
        key.append(escape)
        key.append(terminator)
    }

    /// Appends a whole segment.
    package static func appendSegment(_ bytes: [UInt8], to key: inout [UInt8]) {
        bytes.withUnsafeBytes { appendSegment($0, to: &key) }
    }

    /// Appends a segment without its end: the common prefix of all segments that start with `bytes`.
    package static func appendSegmentPrefix(_ bytes: UnsafeRawBufferPointer, to key: inout [UInt8]) {
        key.reserveCapacity(key.count + bytes.count + 2)
        guard bytes.contains(escape) else { return key.append(contentsOf: bytes) }
        for byte in bytes {
            key.append(byte)
            if byte == escape { key.append(escapedZero) }
        }
    }

    /// Appends a segment without its end: the common prefix of all segments that start with `bytes`.
    package static func appendSegmentPrefix(_ bytes: [UInt8], to key: inout [UInt8]) {
        bytes.withUnsafeBytes { appendSegmentPrefix($0, to: &key) }
    }

    /// Reads what `append` wrote.
    package static func read(from reader: inout ByteReader) throws(ByteReaderError) -> UInt64 {
        try reader.readBigEndianUInt64()
    }

    /// Reads what `appendDescending` wrote.
    package static func readDescending(from reader: inout ByteReader) throws(ByteReaderError) -> UInt64 {
        try ~reader.readBigEndianUInt64()
    }

    /// Reads a segment and gives back its byte string.
    ///
    /// - Throws: `.truncated` when it has no end, `.malformed` for an escape that does not exist.
    package static func readSegment(from reader: inout ByteReader) throws(ByteReaderError) -> [UInt8] {
        var segment: [UInt8] = []
        while true {
            let byte = try reader.readUInt8()
            guard byte == escape else {
                segment.append(byte)
                continue
            }
            switch try reader.readUInt8() {
            case terminator: return segment
            case escapedZero: segment.append(escape)
            default: throw .malformed
            }
        }
    }

    /// The first key after all keys that start with `prefix`: the exclusive end of their range. Nil when there is none,
    /// as every byte is 0xFF.
    package static func end(ofPrefix prefix: [UInt8]) -> [UInt8]? {
        guard let last = prefix.lastIndex(where: { $0 != 0xFF }) else { return nil }
        var end = Array(prefix[...last])
        end[last] += 1
        return end
    }
}
