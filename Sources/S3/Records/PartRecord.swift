import Bytes
import LabClock

/// The head of one part of a body; its content is the value's.
struct PartRecord: Sendable, Equatable {
    var size: UInt64
    var lastModified: LabTime
    /// The MD5 of the part.
    var etag: ETag
    /// In the upload's algorithm (CRC64NVME where none was declared); nil for the only part of an object put at once.
    var checksum: Checksum?
    /// What the part's request declared, when that is another algorithm.
    var declaredChecksum: Checksum?

    init(
        size: UInt64, lastModified: LabTime, etag: ETag, checksum: Checksum? = nil, declaredChecksum: Checksum? = nil
    ) {
        self.size = size
        self.lastModified = lastModified
        self.etag = etag
        self.checksum = checksum
        self.declaredChecksum = declaredChecksum
    }

    /// - Throws: `damagedRecord`.
    init(_ bytes: [UInt8]) throws(S3Error) {
        guard bytes.count >= 40, bytes[0] == RecordFormat.version else { throw .damagedRecord("part record") }
        lastModified = LabTime(millisecondsSinceEpoch: bytes.bigEndian(Int64.self, at: 8))
        size = bytes.bigEndian(UInt64.self, at: 16)
        etag = ETag(record: bytes, at: 24)
        var offset = 40
        func read(_ code: UInt8) throws(S3Error) -> Checksum? {
            if code == 0 { return nil }
            guard let algorithm = ChecksumAlgorithm(rawValue: code), bytes.count >= offset + algorithm.byteCount else {
                throw .damagedRecord("part record")
            }
            defer { offset += algorithm.byteCount }
            return Checksum(algorithm, Array(bytes[offset..<offset + algorithm.byteCount]))
        }
        checksum = try read(bytes[2])
        declaredChecksum = try read(bytes[3])
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = [RecordFormat.version, 0]
        bytes.append(checksum?.algorithm.rawValue ?? 0)
        bytes.append(declaredChecksum?.algorithm.rawValue ?? 0)
        bytes.append(contentsOf: [0, 0, 0, 0])
        bytes.appendBigEndian(lastModified.millisecondsSinceEpoch)
        bytes.appendBigEndian(size)
        etag.append(to: &bytes)
        bytes.append(contentsOf: checksum?.bytes ?? [])
        bytes.append(contentsOf: declaredChecksum?.bytes ?? [])
        return bytes
    }
}
