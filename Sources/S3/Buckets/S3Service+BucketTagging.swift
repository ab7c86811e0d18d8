import LogStore

extension S3Service {
    /// The bucket's tags.
    ///
    /// - Throws: `noSuchTagSet` when the bucket has none.
    package func getBucketTagging(_ bucket: String, _ context: CallContext) async throws(S3Error) -> [Tag] {
        let handle = try await self.bucket(bucket, context)
        guard let value = try await read(.catalog, S3Keys.bucketTags(handle.record.id)) else {
            throw .noSuchTagSet(bucket)
        }
        guard value.head.first == RecordFormat.version else { throw .damagedRecord("bucket tags") }
        return try RecordFields(value.head, from: 1).tags
    }

    /// Replaces the bucket's tags; an empty set removes them.
    ///
    /// - Throws: `invalidTag`, `tooManyTags`.
    package func putBucketTagging(
        _ bucket: String, tags: [Tag], _ context: CallContext
    ) async throws(S3Error) {
        let handle = try await self.bucket(bucket, context)
        try InputRules.checkTags(tags, max: S3Limits.bucketTagsMax)
        try handle.enter()
        defer { handle.leave() }
        var batch = WriteBatch()
        batch.restoreCount = handle.restoreCount
        let key = S3Keys.bucketTags(handle.record.id)
        if tags.isEmpty {
            batch.delete(.catalog, key)
        } else {
            batch.put(.catalog, key, StoredValue(head: Self.encode(tags)))
        }
        try await commit(batch)
    }

    /// Removes the bucket's tags. None is success.
    package func deleteBucketTagging(_ bucket: String, _ context: CallContext) async throws(S3Error) {
        try await putBucketTagging(bucket, tags: [], context)
    }

    static func encode(_ tags: [Tag]) -> [UInt8] {
        [RecordFormat.version] + RecordFields(metadata: ObjectMetadata(), tags: tags).encoded
    }
}
