import Bytes

/// What all records share: the format byte, and how numbers and optional fields are read.
enum RecordFormat {
    /// The first byte of every record of this version.
    static let version: UInt8 = 1
}

extension [UInt8] {
    /// The big-endian integer at an offset that is known to be inside.
    func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
        withUnsafeBytes { T(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
    }
}

extension ETag {
    /// The tag of sixteen digest bytes at `offset` of a record.
    init(record bytes: [UInt8], at offset: Int, partCount: UInt32 = 0) {
        self.init(
            high: bytes.bigEndian(UInt64.self, at: offset), low: bytes.bigEndian(UInt64.self, at: offset + 8),
            partCount: partCount)
    }

    /// Appends the sixteen digest bytes.
    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(high)
        bytes.appendBigEndian(low)
    }
}

/// The optional fields behind a record's fixed part: system metadata, user metadata and tags, each a tag byte and
/// length-prefixed text.
struct RecordFields {
    private enum Field: UInt8 {
        case contentType = 1
        case cacheControl = 2
        case contentDisposition = 3
        case contentEncoding = 4
        case contentLanguage = 5
        case expires = 6
        /// A name and a value.
        case userMetadata = 7
        /// A key and a value.
        case tag = 8
    }

    var metadata = ObjectMetadata()
    var tags: [Tag] = []

    init(metadata: ObjectMetadata, tags: [Tag]) {
        self.metadata = metadata
        self.tags = tags
    }

    /// Reads fields from `offset` to the end.
    ///
    /// - Throws: `damagedRecord`.
    init(_ bytes: [UInt8], from offset: Int) throws(S3Error) {
        do {
            try bytes.withUnsafeBytes { raw in
                var reader = ByteReader(UnsafeRawBufferPointer(rebasing: raw[offset...]))
                while !reader.isAtEnd {
                    guard let field = Field(rawValue: try reader.readUInt8()) else { throw ByteReaderError.malformed }
                    let first = String(decoding: try reader.readLengthPrefixedSlice(), as: UTF8.self)
                    try take(field, first, &reader)
                }
            }
        } catch {
            throw .damagedRecord("fields: \(error)")
        }
    }

    private mutating func take(_ field: Field, _ first: String, _ reader: inout ByteReader) throws(ByteReaderError) {
        switch field {
        case .contentType: metadata.contentType = first
        case .cacheControl: metadata.cacheControl = first
        case .contentDisposition: metadata.contentDisposition = first
        case .contentEncoding: metadata.contentEncoding = first
        case .contentLanguage: metadata.contentLanguage = first
        case .expires: metadata.expires = first
        case .userMetadata:
            let value = String(decoding: try reader.readLengthPrefixedSlice(), as: UTF8.self)
            metadata.user.append(UserMetadata(name: first, value: value))
        case .tag:
            let value = String(decoding: try reader.readLengthPrefixedSlice(), as: UTF8.self)
            tags.append(Tag(key: first, value: value))
        }
    }

    /// The fields as bytes; none for fields that are absent.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        func append(_ field: Field, _ value: String?) {
            guard let value else { return }
            bytes.append(field.rawValue)
            bytes.appendLengthPrefixed(value)
        }
        append(.contentType, metadata.contentType)
        append(.cacheControl, metadata.cacheControl)
        append(.contentDisposition, metadata.contentDisposition)
        append(.contentEncoding, metadata.contentEncoding)
        append(.contentLanguage, metadata.contentLanguage)
        append(.expires, metadata.expires)
        for pair in metadata.user {
            append(.userMetadata, pair.name)
            bytes.appendLengthPrefixed(pair.value)
        }
        for tag in tags {
            append(.tag, tag.key)
            bytes.appendLengthPrefixed(tag.value)
        }
        return bytes
    }
}
