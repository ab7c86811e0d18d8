import Encryption
import NIOCore

/// The digests of one body as it streams: MD5 always, and the checksums that were asked for.
///
/// `@unchecked Sendable`: handed from thread to thread by the receiver, which never has two calls running at once.
final class BodyDigests: @unchecked Sendable {
    private let md5 = StreamingDigest(algorithm: .md5)
    private var checksums: [RunningChecksum]

    init(_ algorithms: [ChecksumAlgorithm]) { checksums = algorithms.map { RunningChecksum($0) } }

    func update(_ buffers: [ByteBuffer]) {
        for buffer in buffers {
            buffer.withUnsafeReadableBytes { bytes in
                md5.update(bytes)
                for index in checksums.indices { checksums[index].update(bytes) }
            }
        }
    }

    func finish() -> (md5: [UInt8], checksums: [Checksum]) { (md5.finalize(), checksums.map { $0.finish() }) }

    /// The digests of bytes in memory.
    static func of(_ bytes: [UInt8], _ algorithms: [ChecksumAlgorithm]) -> (md5: [UInt8], checksums: [Checksum]) {
        bytes.withUnsafeBytes { raw in (Digest.md5(raw), algorithms.map { RunningChecksum.of(raw, $0) }) }
    }
}
