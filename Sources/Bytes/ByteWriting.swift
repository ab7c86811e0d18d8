/// What `ByteReader` reads, appended.
extension [UInt8] {
    /// Appends the integer, lowest byte first.
    @inlinable
    package mutating func appendLittleEndian<T: FixedWidthInteger>(_ value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends the integer, highest byte first: the form that sorts as bytes.
    @inlinable
    package mutating func appendBigEndian<T: FixedWidthInteger>(_ value: T) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Appends the integer as LEB128.
    @inlinable
    package mutating func appendVarint(_ value: UInt64) { Varint.append(value, to: &self) }

    /// Appends a count that is not negative as LEB128.
    @inlinable
    package mutating func appendVarint(_ value: Int) { Varint.append(UInt64(value), to: &self) }

    /// Appends the count as a varint, then the bytes.
    @inlinable
    package mutating func appendLengthPrefixed(_ bytes: UnsafeRawBufferPointer) {
        appendVarint(bytes.count)
        append(contentsOf: bytes)
    }

    /// Appends the count as a varint, then the bytes.
    @inlinable
    package mutating func appendLengthPrefixed(_ bytes: [UInt8]) {
        appendVarint(bytes.count)
        append(contentsOf: bytes)
    }

    /// Appends the count of UTF-8 bytes as a varint, then the bytes.
    @inlinable
    package mutating func appendLengthPrefixed(_ string: String) {
        appendVarint(string.utf8.count)
        append(contentsOf: string.utf8)
    }
}
