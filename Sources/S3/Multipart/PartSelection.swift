import Bytes
import Encryption
import LogStore

/// A part as it lies under its upload.
struct StoredPart {
    var number: Int
    var record: PartRecord
}

/// The parts that a completion names, found and checked, and what the object made of them will be.
struct PartSelection {
    private(set) var parts: [StoredPart] = []
    private(set) var size: UInt64 = 0

    /// Compares the request with what is stored.
    ///
    /// - Throws: `invalidPartOrder`, `invalidPart`, `invalidRequest` (a composite without its parts' sums, or another
    ///   object size),
    ///   `entityTooSmall`.
    init(
        _ input: CompleteMultipartUploadInput, _ upload: UploadRecord, stored: [Int: PartRecord]
    ) throws(S3Error) {
        var previous = 0
        for asked in input.parts {
            if asked.number <= previous { throw .invalidPartOrder(uploadID: input.uploadID) }
            previous = asked.number
        }
        for asked in input.parts {
            guard let record = stored[asked.number], ETagMatch.bare(asked.etag) == record.etag.description,
                Self.matches(asked.checksum, record)
            else {
                throw .invalidPart(uploadID: input.uploadID, partNumber: asked.number, etag: ETagMatch.bare(asked.etag))
            }
            if asked.checksum == nil, upload.effectiveType == .composite {
                throw .invalidRequest(
                    message: "The upload was created using a \(upload.effectiveAlgorithm.name.lowercased()) checksum. "
                        + "The complete request must include the checksum for each part. It was missing for part "
                        + "\(asked.number) in the request.")
            }
            parts.append(StoredPart(number: asked.number, record: record))
            size += record.size
        }
        for part in parts.dropLast() where part.record.size < S3Limits.partBytesMin {
            throw .entityTooSmall(
                proposedSize: part.record.size, minSizeAllowed: S3Limits.partBytesMin, partNumber: part.number,
                etag: part.record.etag)
        }
        if let expected = input.objectSize, expected != size {
            throw .invalidRequest(
                message: "The provided 'x-amz-mp-object-size' header value \(expected) does not match what was "
                    + "computed: \(size)")
        }
    }

    private static func matches(_ asked: Checksum?, _ record: PartRecord) -> Bool {
        guard let asked else { return true }
        return [record.checksum, record.declaredChecksum].contains { stored in
            stored?.algorithm == asked.algorithm && stored?.bytes == asked.bytes
        }
    }

    /// The MD5 of the parts' MD5s.
    var etag: ETag { ETag(md5: Digest.md5(parts.flatMap { $0.record.etag.md5 }), partCount: parts.count) }

    /// The parts with their sums in the upload's algorithm.
    ///
    /// - Throws: `damagedRecord`.
    func sums(_ algorithm: ChecksumAlgorithm) throws(S3Error) -> [(number: Int, size: UInt64, checksum: Checksum)] {
        var sums: [(number: Int, size: UInt64, checksum: Checksum)] = []
        for part in parts {
            guard let checksum = part.record.checksum, checksum.algorithm == algorithm else {
                throw .damagedRecord("part \(part.number) lacks its checksum")
            }
            sums.append((part.number, part.record.size, checksum))
        }
        return sums
    }

    /// A digest of what was asked for, to know a repeated request by.
    static func digest(_ parts: [CompleteMultipartUploadInput.Part]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            bytes.appendVarint(UInt64(bitPattern: Int64(part.number)))
            bytes.appendLengthPrefixed(ETagMatch.bare(part.etag))
        }
        return Digest.sha256(bytes)
    }
}
