import Bytes
import LabClock

/// The head of an object's value: read in place, so that a listing or a GET decodes only what it needs. See
/// `docs/format/s3-records.md`.
struct ObjectRecord: Sendable, Equatable {
    /// Where the commit's sequence number is stamped.
    static let sequenceOffset = 40
    private static let bodyOffset = 48
    private static let fixedBytes = 56

    private enum Flags {
        /// The content lies in a body, not in this value.
        static let inBody: UInt8 = 1
        /// The body's id is this record's own sequence number.
        static let bodyIsOwn: UInt8 = 2
        /// The writer declared the checksum's algorithm.
        static let checksumDeclared: UInt8 = 4
        static let known: UInt8 = 7
    }

    /// Where an object's content lies.
    enum Placement: Sendable, Equatable {
        /// In the object's own value.
        case inValue
        /// In the body whose id is the sequence number of the commit that writes this record.
        case ownBody
        /// In a body written before.
        case body(UInt64)
    }

    /// What a record is made of.
    struct Draft: Sendable {
        var etag: ETag
        var size: UInt64
        var lastModified: LabTime
        var checksum: Checksum
        var isChecksumDeclared: Bool
        var placement: Placement
        /// As `RecordFields.encoded`.
        var fields: [UInt8]
        /// 0 in a record that is stamped when it is committed.
        var sequence: UInt64 = 0
    }

    /// The record as stored.
    let bytes: [UInt8]
    private let algorithm: ChecksumAlgorithm

    /// - Throws: `damagedRecord`.
    init(_ bytes: [UInt8]) throws(S3Error) {
        guard bytes.count >= Self.fixedBytes, bytes[0] == RecordFormat.version, bytes[1] & ~Flags.known == 0,
            bytes[2] == 0, bytes[3] == 0, let algorithm = ChecksumAlgorithm(rawValue: bytes[4]),
            ChecksumType(rawValue: bytes[5]) != nil, bytes.count >= Self.fixedBytes + algorithm.byteCount
        else { throw .damagedRecord("object record") }
        self.bytes = bytes
        self.algorithm = algorithm
    }

    init(_ draft: Draft) {
        var flags: UInt8 = draft.isChecksumDeclared ? Flags.checksumDeclared : 0
        var body: UInt64 = 0
        switch draft.placement {
        case .inValue: break
        case .ownBody: flags |= Flags.inBody | Flags.bodyIsOwn
        case .body(let id):
            flags |= Flags.inBody
            body = id
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.fixedBytes + draft.checksum.bytes.count + draft.fields.count)
        bytes.append(RecordFormat.version)
        bytes.append(flags)
        // Storage class STANDARD, no encryption.
        bytes.append(0)
        bytes.append(0)
        bytes.append(draft.checksum.algorithm.rawValue)
        bytes.append(draft.checksum.type.rawValue)
        bytes.appendBigEndian(UInt16(draft.etag.partCount))
        bytes.appendBigEndian(draft.lastModified.millisecondsSinceEpoch)
        bytes.appendBigEndian(draft.size)
        draft.etag.append(to: &bytes)
        bytes.appendBigEndian(draft.sequence)
        bytes.appendBigEndian(body)
        bytes.append(contentsOf: draft.checksum.bytes)
        bytes.append(contentsOf: draft.fields)
        self.bytes = bytes
        algorithm = draft.checksum.algorithm
    }

    /// Parts of a multipart object, 0 otherwise.
    var partCount: Int { Int(bytes.bigEndian(UInt16.self, at: 6)) }
    var etag: ETag { ETag(record: bytes, at: 24, partCount: UInt32(partCount)) }
    var size: UInt64 { bytes.bigEndian(UInt64.self, at: 16) }
    var lastModified: LabTime { LabTime(millisecondsSinceEpoch: bytes.bigEndian(Int64.self, at: 8)) }
    /// The commit that made this version of the object.
    var sequence: UInt64 { bytes.bigEndian(UInt64.self, at: Self.sequenceOffset) }
    var isChecksumDeclared: Bool { bytes[1] & Flags.checksumDeclared != 0 }
    var checksumAlgorithm: ChecksumAlgorithm { algorithm }
    var checksumType: ChecksumType { bytes[5] == ChecksumType.composite.rawValue ? .composite : .fullObject }

    /// The body that holds the content; nil: the content is in the object's own value.
    var bodyID: UInt64? {
        if bytes[1] & Flags.inBody == 0 { return nil }
        return bytes[1] & Flags.bodyIsOwn != 0 ? sequence : bytes.bigEndian(UInt64.self, at: Self.bodyOffset)
    }

    var checksum: Checksum {
        let value = Array(bytes[Self.fixedBytes..<Self.fixedBytes + algorithm.byteCount])
        let type = checksumType
        return Checksum(algorithm, value, type: type, partCount: type == .composite ? partCount : 0)
    }

    private var fieldsOffset: Int { Self.fixedBytes + algorithm.byteCount }

    /// The optional fields, undecoded.
    var encodedFields: [UInt8] { Array(bytes[fieldsOffset...]) }

    /// - Throws: `damagedRecord`.
    func fields() throws(S3Error) -> RecordFields { try RecordFields(bytes, from: fieldsOffset) }

    /// The record taken apart, to be changed and written again; keeps its sequence number.
    var draft: Draft {
        Draft(
            etag: etag, size: size, lastModified: lastModified, checksum: checksum,
            isChecksumDeclared: isChecksumDeclared, placement: bodyID.map { .body($0) } ?? .inValue,
            fields: encodedFields, sequence: sequence)
    }

    /// What reads tell.
    ///
    /// - Throws: `damagedRecord`.
    func description() throws(S3Error) -> ObjectDescription {
        let fields = try fields()
        return ObjectDescription(
            etag: etag, size: size, lastModified: lastModified, metadata: fields.metadata,
            tagCount: fields.tags.count, checksum: checksum, partCount: partCount)
    }
}
