import LabClock
import LogStore
import NIOCore

extension S3Service {
    /// Copies an object. Content kept in a body is shared, not moved; it is read through once where another checksum
    /// algorithm is asked for. The tag of a multipart source stays as it is.
    ///
    /// - Throws: `noSuchKey` (source, or `If-Match` on an absent destination), `invalidRequest` (a copy onto itself
    ///   without change; a source over 5 GiB), `preconditionFailed`, `metadataTooLarge`, `invalidTag`, `tooManyTags`,
    ///   `invalidStorageClass`, `notImplemented`, `invalidArgument` (version), `operationAborted` (the source changed
    ///   again and again).
    package func copyObject(
        _ input: CopyObjectInput, _ context: CallContext
    ) async throws(S3Error) -> CopyOutput {
        let source = try await sourceBucket(input.source.bucket, context)
        let target = try await bucket(input.bucket, context)
        try check(input, isSelf: source === target && input.key == input.source.key)
        for _ in 0..<Self.copyAttemptsMax {
            let found = try await find(source, input.source.key, input.source.conditions, copySource: true)
            if found.record.size > S3Limits.singlePutBytesMax { throw Self.sourceTooLarge }
            let draft = try await draft(input, found)
            let write = ObjectWrite(bucket: target, key: input.key, conditions: input.conditions, draft: draft)
            if let body = found.record.bodyID {
                if try await share(body, of: found.record, source, input.source.key, write) {
                    return CopyOutput(etag: draft.etag, lastModified: draft.lastModified, checksum: draft.checksum)
                }
                continue
            }
            var inline = write
            inline.content = try await inlineContent(found)
            try await commitInline(inline)
            return CopyOutput(etag: draft.etag, lastModified: draft.lastModified, checksum: draft.checksum)
        }
        throw .operationAborted(input.source.bucket)
    }

    /// How often a copy starts over because its source was replaced under it.
    private static let copyAttemptsMax = 8

    static let sourceTooLarge = S3Error.invalidRequest(
        message: "The specified copy source is larger than the maximum allowable size for a copy source: "
            + "\(S3Limits.singlePutBytesMax)")

    private func check(_ input: CopyObjectInput, isSelf: Bool) throws(S3Error) {
        try InputRules.checkVersionID(input.source.versionID)
        try InputRules.checkStorageClass(input.storageClass)
        if let metadata = input.metadata { try InputRules.checkMetadata(metadata) }
        if let tags = input.tags { try InputRules.checkTags(tags, max: S3Limits.objectTagsMax) }
        try input.conditions.checkForm()
        if isSelf, input.metadata == nil, input.checksumAlgorithm == nil {
            throw .invalidRequest(
                message: "This copy request is illegal because it is trying to copy an object to itself without "
                    + "changing the object's metadata, storage class, website redirect location or encryption "
                    + "attributes.")
        }
    }

    /// The copy's record, still without its place.
    private func draft(_ input: CopyObjectInput, _ found: FoundObject) async throws(S3Error) -> ObjectRecord.Draft {
        var draft = found.record.draft
        draft.lastModified = clock.now()
        draft.sequence = 0
        if input.metadata != nil || input.tags != nil {
            let old = try found.record.fields()
            draft.fields = RecordFields(metadata: input.metadata ?? old.metadata, tags: input.tags ?? old.tags).encoded
        }
        if let algorithm = input.checksumAlgorithm {
            draft.isChecksumDeclared = true
            if algorithm != draft.checksum.algorithm {
                draft.checksum = try await checksum(of: found, algorithm)
            }
        }
        return draft
    }

    /// Reads an object through for its checksum.
    private func checksum(of found: FoundObject, _ algorithm: ChecksumAlgorithm) async throws(S3Error) -> Checksum {
        let reader = try reader(found, start: 0, length: found.record.size)
        let digests = ChecksumPass(algorithm)
        while let piece = try await reader.next() {
            do {
                try await store.driver.offload { () throws(StoreError) in digests.update(piece) }
            } catch {
                throw .store(error)
            }
        }
        return digests.finish()
    }

    /// Makes the target refer to the source's body. False when the source is no longer what was found.
    private func share(
        _ body: UInt64, of record: ObjectRecord, _ source: BucketHandle, _ sourceKey: ObjectKey, _ write: ObjectWrite
    ) async throws(S3Error) -> Bool {
        var write = write
        write.draft.placement = .body(body)
        let shared = write
        try shared.bucket.enter()
        defer { shared.bucket.leave() }
        return try await transact { transaction, batch in
            let now = try await transaction.get(.objects, S3Keys.object(source.record.id, sourceKey.bytes))
            guard let now = try now?.objectRecord(), now.sequence == record.sequence else { return false }
            let old = try await transaction.get(.objects, shared.storeKey)?.objectRecord()
            try shared.conditions.check(old, shared.key)
            try await self.release(old, of: shared.bucket, shared.key, keeping: body, in: transaction, into: &batch)
            shared.put(into: &batch)
            batch.put(
                .references, S3Keys.reference(body, shared.bucket.record.id, shared.key.bytes), StoredValue(head: []))
            return true
        }
    }

    /// The bytes of an object's own value, for a value of its own: at flush the engine may have moved them out.
    private func inlineContent(_ found: FoundObject) async throws(S3Error) -> Content {
        guard case .runs = found.content else { return found.content }
        let reader = try reader(found, start: 0, length: found.record.size)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(found.record.size))
        while let piece = try await reader.next() { bytes.append(contentsOf: piece.readableBytesView) }
        return .inline(bytes)
    }
}

/// A checksum that is carried from one offloaded piece to the next.
///
/// `@unchecked Sendable`: one piece at a time.
private final class ChecksumPass: @unchecked Sendable {
    private var running: RunningChecksum

    init(_ algorithm: ChecksumAlgorithm) { running = RunningChecksum(algorithm) }

    func update(_ buffer: ByteBuffer) { buffer.withUnsafeReadableBytes { running.update($0) } }

    func finish() -> Checksum { running.finish() }
}
