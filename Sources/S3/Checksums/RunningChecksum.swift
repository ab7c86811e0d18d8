import Bytes
import Encryption

/// A checksum of bytes that come piece by piece. One user at a time.
struct RunningChecksum {
    let algorithm: ChecksumAlgorithm
    private var crc: UInt64 = 0
    private let digest: StreamingDigest?

    init(_ algorithm: ChecksumAlgorithm) {
        self.algorithm = algorithm
        switch algorithm {
        case .sha1: digest = StreamingDigest(algorithm: .sha1)
        case .sha256: digest = StreamingDigest(algorithm: .sha256)
        case .crc32, .crc32c, .crc64nvme: digest = nil
        }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch algorithm {
        case .crc32: crc = UInt64(CRC32.hash(bytes, continuing: UInt32(truncatingIfNeeded: crc)))
        case .crc32c: crc = UInt64(CRC32C.hash(bytes, continuing: UInt32(truncatingIfNeeded: crc)))
        case .crc64nvme: crc = CRC64NVME.hash(bytes, continuing: crc)
        case .sha1, .sha256: digest?.update(bytes)
        }
    }

    /// The checksum of all bytes.
    func finish() -> Checksum {
        switch algorithm {
        case .crc32, .crc32c: Checksum(algorithm, Self.bytes(UInt32(truncatingIfNeeded: crc)))
        case .crc64nvme: Checksum(algorithm, Self.bytes(crc))
        case .sha1, .sha256: Checksum(algorithm, digest?.finalize() ?? [])
        }
    }

    /// The checksum of bytes in memory.
    static func of(_ bytes: UnsafeRawBufferPointer, _ algorithm: ChecksumAlgorithm) -> Checksum {
        switch algorithm {
        case .sha1: return Checksum(algorithm, Digest.sha1(bytes))
        case .sha256: return Checksum(algorithm, Digest.sha256(bytes))
        case .crc32, .crc32c, .crc64nvme:
            var running = RunningChecksum(algorithm)
            running.update(bytes)
            return running.finish()
        }
    }

    private static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(value)
        return bytes
    }
}

/// How checksums of parts become the object's.
enum PartChecksums {
    /// Over the binary checksums of the parts.
    static func composite(_ parts: [Checksum], _ algorithm: ChecksumAlgorithm) -> Checksum {
        let joined = parts.flatMap(\.bytes)
        let value = joined.withUnsafeBytes { RunningChecksum.of($0, algorithm) }
        return Checksum(algorithm, value.bytes, type: .composite, partCount: parts.count)
    }

    /// Over all bytes, computed from the parts' checksums and lengths. The algorithm must be linear.
    static func fullObject(_ parts: [(checksum: Checksum, size: UInt64)], _ algorithm: ChecksumAlgorithm) -> Checksum {
        precondition(algorithm.isLinear, "only CRCs can be joined")
        var value: UInt64 = 0
        for part in parts {
            let next = part.checksum.bytes.reduce(0) { $0 << 8 | UInt64($1) }
            switch algorithm {
            case .crc32:
                value = UInt64(CRC32.combine(UInt32(value), UInt32(next), lengthOfB: part.size))
            case .crc32c:
                value = UInt64(CRC32C.combine(UInt32(value), UInt32(next), lengthOfB: part.size))
            default:
                value = CRC64NVME.combine(value, next, lengthOfB: part.size)
            }
        }
        var bytes: [UInt8] = []
        bytes.appendBigEndian(value)
        return Checksum(algorithm, Array(bytes.suffix(algorithm.byteCount)))
    }
}
