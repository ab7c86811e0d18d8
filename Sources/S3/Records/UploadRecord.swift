import Bytes
import LabClock

/// An upload in progress. Its id is also the id of the body that its parts lie in.
struct UploadRecord: Sendable, Equatable {
    var initiated: LabTime
    var initiatorAccountID: String
    /// Nil: none was declared.
    var checksumAlgorithm: ChecksumAlgorithm?
    var checksumType: ChecksumType?
    /// As `RecordFields.encoded`: becomes the object's.
    var fields: [UInt8]

    init(
        initiated: LabTime, initiatorAccountID: String, checksumAlgorithm: ChecksumAlgorithm?,
        checksumType: ChecksumType?, fields: [UInt8]
    ) {
        self.initiated = initiated
        self.initiatorAccountID = initiatorAccountID
        self.checksumAlgorithm = checksumAlgorithm
        self.checksumType = checksumType
        self.fields = fields
    }

    /// - Throws: `damagedRecord`.
    init(_ bytes: [UInt8]) throws(S3Error) {
        guard bytes.count >= 16, bytes[0] == RecordFormat.version else { throw .damagedRecord("upload record") }
        checksumAlgorithm = ChecksumAlgorithm(rawValue: bytes[1])
        checksumType = ChecksumType(rawValue: bytes[2])
        initiated = LabTime(millisecondsSinceEpoch: bytes.bigEndian(Int64.self, at: 8))
        do {
            (initiatorAccountID, fields) = try bytes.withUnsafeBytes { raw in
                var reader = ByteReader(UnsafeRawBufferPointer(rebasing: raw[16...]))
                let account = String(decoding: try reader.readLengthPrefixedSlice(), as: UTF8.self)
                return (account, [UInt8](reader.remaining))
            }
        } catch {
            throw .damagedRecord("upload record: \(error)")
        }
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = [RecordFormat.version]
        bytes.append(checksumAlgorithm?.rawValue ?? 0)
        bytes.append(checksumType?.rawValue ?? 0)
        bytes.append(contentsOf: [0, 0, 0, 0, 0])
        bytes.appendBigEndian(initiated.millisecondsSinceEpoch)
        bytes.appendLengthPrefixed(initiatorAccountID)
        bytes.append(contentsOf: fields)
        return bytes
    }

    /// The algorithm that parts are summed with.
    var effectiveAlgorithm: ChecksumAlgorithm { checksumAlgorithm ?? .crc64nvme }
    /// How the object's checksum will be made.
    var effectiveType: ChecksumType { checksumType ?? .fullObject }
}

/// What is remembered of a completed upload for `S3Limits.completedUploadMilliseconds`.
struct CompletedUploadRecord: Sendable, Equatable {
    var completed: LabTime
    var bucketID: UInt64
    /// SHA-256 of the list of parts that was asked for.
    var partsDigest: [UInt8]
    var etag: ETag
    var checksum: Checksum
    var key: [UInt8]

    init(
        completed: LabTime, bucketID: UInt64, partsDigest: [UInt8], etag: ETag, checksum: Checksum, key: [UInt8]
    ) {
        self.completed = completed
        self.bucketID = bucketID
        self.partsDigest = partsDigest
        self.etag = etag
        self.checksum = checksum
        self.key = key
    }

    /// - Throws: `damagedRecord`.
    init(_ bytes: [UInt8]) throws(S3Error) {
        guard bytes.count >= 72, bytes[0] == RecordFormat.version,
            let algorithm = ChecksumAlgorithm(rawValue: bytes[1]), let type = ChecksumType(rawValue: bytes[2]),
            bytes.count >= 72 + algorithm.byteCount
        else { throw .damagedRecord("completed upload") }
        let partCount = Int(bytes.bigEndian(UInt16.self, at: 4))
        completed = LabTime(millisecondsSinceEpoch: bytes.bigEndian(Int64.self, at: 8))
        bucketID = bytes.bigEndian(UInt64.self, at: 16)
        etag = ETag(record: bytes, at: 24, partCount: UInt32(partCount))
        partsDigest = Array(bytes[40..<72])
        let end = 72 + algorithm.byteCount
        checksum = Checksum(
            algorithm, Array(bytes[72..<end]), type: type, partCount: type == .composite ? partCount : 0)
        key = Array(bytes[end...])
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = [RecordFormat.version, checksum.algorithm.rawValue, checksum.type.rawValue, 0]
        bytes.appendBigEndian(UInt16(etag.partCount))
        bytes.append(contentsOf: [0, 0])
        bytes.appendBigEndian(completed.millisecondsSinceEpoch)
        bytes.appendBigEndian(bucketID)
        etag.append(to: &bytes)
        bytes.append(contentsOf: partsDigest)
        bytes.append(contentsOf: checksum.bytes)
        bytes.append(contentsOf: key)
        return bytes
    }
}
