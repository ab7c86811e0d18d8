import NIOCore

extension S3Service {
    /// Copies a range of an object into a part. The bytes are written again: a part owns its content.
    ///
    /// - Throws: as `uploadPart` and `copyObject`; `invalidArgument` for a malformed range, `invalidRange` for one
    ///   beyond
    ///   the source.
    package func uploadPartCopy(
        _ input: UploadPartCopyInput, _ context: CallContext
    ) async throws(S3Error) -> CopyOutput {
        let source = try await sourceBucket(input.source.bucket, context)
        let target = try await bucket(input.bucket, context)
        try InputRules.checkPartNumber(input.partNumber)
        try InputRules.checkVersionID(input.source.versionID)
        let upload = try await upload(target, input.key, input.uploadID)
        let found = try await find(source, input.source.key, input.source.conditions, copySource: true)
        let (start, length) = try Self.range(input.sourceRange, size: found.record.size)
        if length > S3Limits.singlePutBytesMax { throw Self.sourceTooLarge }
        let body = ReaderSource(try reader(found, start: start, length: length))
        let receiver = BodyReceiver(store: store, checks: BodyChecks(), primary: upload.effectiveAlgorithm)
        let received = try await receiver.receive(from: body)
        let time = try await commitPart(
            target, input.key, input.uploadID, input.partNumber, received, declaredChecksum: nil)
        return CopyOutput(etag: received.etag, lastModified: time, checksum: received.checksums[0])
    }

    private static func range(
        _ header: String?, size: UInt64
    ) throws(S3Error) -> (start: UInt64, length: UInt64) {
        guard let header else { return (0, size) }
        guard case .bounded(let first, let last) = ByteRange(header: header) else {
            throw .invalidArgument(
                name: "x-amz-copy-source-range", value: header,
                message: "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last "
                    + "are the zero-based offsets of the first and last bytes to copy")
        }
        if last >= size { throw .invalidRange(requested: header, actualSize: size) }
        return (first, last - first + 1)
    }
}

/// The bytes of a reader as the body of a write.
private final class ReaderSource: ByteSource {
    private let reader: ObjectReader

    init(_ reader: ObjectReader) { self.reader = reader }

    var length: UInt64? { reader.length }

    func next() async throws -> ByteBuffer? { try await reader.next() }
}
