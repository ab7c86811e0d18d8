import LabClock
import LogStore

extension S3Service {
    /// Stores an object, replacing what was there. Bodies up to 64 KiB cost one synced commit; larger ones are written
    /// first and named by a commit. A failure at any point leaves the key as it was.
    ///
    /// - Throws: `source`, `incompleteBody`, `badDigest`, `badChecksum`, `invalidChecksum`, `entityTooLarge`,
    ///   `metadataTooLarge`, `invalidTag`, `tooManyTags`, `invalidStorageClass`, `notImplemented`,
    ///   `preconditionFailed`, `noSuchKey` (`If-Match` on an absent key).
    package func putObject(
        _ input: PutObjectInput, body: any ByteSource, _ context: CallContext
    ) async throws(S3Error) -> PutObjectOutput {
        let bucket = try await bucket(input.bucket, context)
        try InputRules.checkStorageClass(input.storageClass)
        try InputRules.checkMetadata(input.metadata)
        if !input.tags.isEmpty { try InputRules.checkTags(input.tags, max: S3Limits.objectTagsMax) }
        if !input.conditions.isEmpty {
            try input.conditions.checkForm()
            // Refused before the body is read where the answer is known; decided for good at the commit.
            let current = try await read(.objects, S3Keys.object(bucket.record.id, input.key.bytes))?.objectRecord()
            try input.conditions.check(current, input.key)
        }
        let declared = input.checks.checksum?.algorithm ?? input.checks.trailingAlgorithm
        let receiver = BodyReceiver(store: store, checks: input.checks, primary: declared ?? .crc64nvme)
        let received = try await receiver.receive(from: body)

        let now = clock.now()
        let draft = ObjectRecord.Draft(
            etag: received.etag, size: received.size, lastModified: now, checksum: received.checksums[0],
            isChecksumDeclared: declared != nil, placement: received.isInline ? .inValue : .ownBody,
            fields: RecordFields(metadata: input.metadata, tags: input.tags).encoded)
        var write = ObjectWrite(bucket: bucket, key: input.key, conditions: input.conditions, draft: draft)
        if received.isInline {
            write.content = received.content
            try await commitInline(write)
        } else {
            let part = PartRecord(size: received.size, lastModified: now, etag: received.etag)
            try await commitWithBody(write, part: StoredValue(head: part.encoded, content: received.content))
        }
        withExtendedLifetime(received.reservation) {}
        return PutObjectOutput(
            etag: received.etag, size: received.size, checksum: received.checksums[0], lastModified: now)
    }
}
