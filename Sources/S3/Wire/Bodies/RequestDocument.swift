import AWSWire
import Bytes
import Encryption
import NIOCore

/// The XML bodies of requests: read whole, bounded, checked against what was declared, then parsed.
enum RequestDocument {
    /// Bytes of documents that list things: 1,000 keys of 1,024 bytes with escapes, or 10,000 parts with checksums.
    static let listBytesMax = 4 << 20
    /// Bytes of every other document: AWS's limit of a bucket's configuration.
    static let configurationBytesMax = 64 << 10

    /// Reads and parses a body; nil when it is empty.
    ///
    /// - Parameter root: what the outermost element must be called.
    /// - Throws: `MalformedXML`; `BadDigest`, `InvalidDigest` and `InvalidRequest` of the declared checksums; what is
    ///   wrong with the payload.
    static func read(
        _ service: S3HTTPService, _ call: S3Call, root: String, limit: Int, isChecksumRequired: Bool = false
    ) async throws(S3WireError) -> XMLDocument? {
        // A checksum header of CompleteMultipartUpload is about the object, not about this body.
        let checks =
            call.operation == .completeMultipartUpload ? BodyChecks() : try call.headers.bodyChecks()
        if isChecksumRequired, checks == BodyChecks() {
            throw S3WireError(
                .invalidRequest, "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
        }
        let reader = try service.payloadReader(call, checks)
        let body: ByteBuffer
        do { body = try await reader.collect(limit: limit) } catch { throw S3WireError(error.awsError) }
        try verify(checks, body, trailing: try PayloadSource.checksum(reader.trailer, checks.trailingAlgorithm))
        if body.readableBytes == 0 { return nil }
        let document: XMLDocument
        do { document = try XMLDocument(parsing: body) } catch { throw S3WireError(.malformedXML) }
        guard document.root.isNamed(root) else { throw S3WireError(.malformedXML) }
        return document
    }

    private static func verify(
        _ checks: BodyChecks, _ body: ByteBuffer, trailing: Checksum?
    ) throws(S3WireError) {
        let refusal = body.withUnsafeReadableBytes { bytes -> S3Error? in
            if let expected = checks.md5 {
                let calculated = Digest.md5(bytes)
                if calculated != expected { return .badDigest(expected: expected, calculated: calculated) }
            }
            for declared in [checks.checksum, trailing] {
                guard let declared else { continue }
                if value(declared.algorithm, bytes) != declared.bytes {
                    return .badChecksum(algorithm: declared.algorithm.name)
                }
            }
            return nil
        }
        if let refusal { throw S3WireError(refusal) }
    }

    private static func value(_ algorithm: ChecksumAlgorithm, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        switch algorithm {
        case .crc32: bigEndian(CRC32.hash(bytes))
        case .crc32c: bigEndian(CRC32C.hash(bytes))
        case .crc64nvme: bigEndian(CRC64NVME.hash(bytes))
        case .sha1: Digest.sha1(bytes)
        case .sha256: Digest.sha256(bytes)
        }
    }

    private static func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
