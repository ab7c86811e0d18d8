package import Bytes

/// The types that key attributes may have.
package enum KeyType: Sendable {
    case string
    case number
    case binary

    /// The type of the values that such a key attribute holds.
    package var attributeType: AttributeType {
        switch self {
        case .string: .string
        case .number: .number
        case .binary: .binary
        }
    }
}

/// Keys of tables and indexes, whose bytes sort by the partition key's hash, the partition key and the sort key:
/// docs/format/dynamodb-item.md.
///
/// The hash is the caller's: the first eight bytes, big-endian, of the MD5 of the partition key's bytes. Tables' keys
/// have one attribute a part; an index's parts may have several.
package enum ItemKey {
    /// Bytes of the hash.
    package static let hashSize = 8

    /// Appends the start of the keys of one partition key: all of its items are behind it and nothing else is.
    ///
    /// - Parameter values: strings, numbers or binaries.
    package static func appendPartition(hash: UInt64, _ values: [ValueView], to key: inout [UInt8]) {
        OrderedKey.append(hash, to: &key)
        for value in values { append(value, to: &key) }
    }

    /// Appends one key attribute: of the sort key, in its order.
    ///
    /// - Parameter value: a string, number or binary.
    package static func append(_ value: ValueView, to key: inout [UInt8]) {
        OrderedKey.appendSegment(bytes(of: value), to: &key)
    }

    /// Appends the common prefix of the sort keys that begin with a value: for `begins_with`.
    ///
    /// - Parameter value: a string or binary.
    package static func appendPrefix(_ value: ValueView, to key: inout [UInt8]) {
        OrderedKey.appendSegmentPrefix(bytes(of: value), to: &key)
    }

    private static func bytes(of value: ValueView) -> UnsafeRawBufferPointer {
        guard let bytes = value.keyBytes else {
            preconditionFailure("A value of type \(value.type) cannot be part of a key")
        }
        return bytes
    }

    /// What the partition key is hashed over: the bytes of its attributes, one behind the other.
    package static func hashedBytes(of values: [ValueView]) -> [UInt8] {
        values.reduce(into: []) { $0.append(contentsOf: bytes(of: $1)) }
    }

    /// Reads the hash that a key begins with.
    package static func readHash(from reader: inout ByteReader) throws(ByteReaderError) -> UInt64 {
        try OrderedKey.read(from: &reader)
    }

    /// Reads one key attribute and appends it as a value.
    ///
    /// - Throws: `.truncated` or `.malformed` when the bytes are no such attribute.
    package static func readValue(
        _ type: KeyType, from reader: inout ByteReader, into builder: inout ValueBuilder
    ) throws(ByteReaderError) -> Range<Int> {
        let bytes = try OrderedKey.readSegment(from: &reader)
        let start = builder.count
        switch type {
        case .string: bytes.withUnsafeBytes { builder.appendString($0) }
        case .binary: bytes.withUnsafeBytes { builder.appendBinary($0) }
        case .number:
            guard let number = bytes.withUnsafeBytes({ Number38($0) }) else { throw .malformed }
            builder.appendNumber(number)
        }
        return start..<builder.count
    }
}
