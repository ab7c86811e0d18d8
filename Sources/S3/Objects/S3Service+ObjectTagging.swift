import LogStore

extension S3Service {
    /// An object's tags; none is an empty list. They are a set: in the order of their keys, however they were given.
    ///
    /// - Throws: `noSuchKey`, `invalidArgument` (version).
    package func getObjectTagging(
        bucket: String, key: ObjectKey, versionID: String?, _ context: CallContext
    ) async throws(S3Error) -> [Tag] {
        let bucket = try await self.bucket(bucket, context)
        try InputRules.checkVersionID(versionID)
        let found = try await find(bucket, key, ReadConditions(), withContent: false)
        return try found.record.fields().tags.sorted { $0.key < $1.key }
    }

    /// Replaces an object's tags. Last-Modified stays.
    ///
    /// - Throws: `noSuchKey`, `invalidTag`, `tooManyTags`, `invalidArgument` (version).
    package func putObjectTagging(
        bucket: String, key: ObjectKey, versionID: String?, tags: [Tag], _ context: CallContext
    ) async throws(S3Error) {
        let bucket = try await self.bucket(bucket, context)
        try InputRules.checkVersionID(versionID)
        try InputRules.checkTags(tags, max: S3Limits.objectTagsMax)
        try bucket.enter()
        defer { bucket.leave() }
        let storeKey = S3Keys.object(bucket.record.id, key.bytes)
        do {
            try await store.update(.objects, storeKey) { (current, batch) throws(S3Error) in
                guard let current else { throw .noSuchKey(key) }
                let record = try current.objectRecord()
                var draft = record.draft
                draft.fields = RecordFields(metadata: try record.fields().metadata, tags: tags).encoded
                batch.restoreCount = bucket.restoreCount
                batch.put(
                    .objects, storeKey, StoredValue(head: ObjectRecord(draft).bytes, content: current.content))
            }
        } catch {
            throw S3Error.wrap(error)
        }
    }

    /// Removes an object's tags.
    ///
    /// - Throws: `noSuchKey`, `invalidArgument` (version).
    package func deleteObjectTagging(
        bucket: String, key: ObjectKey, versionID: String?, _ context: CallContext
    ) async throws(S3Error) {
        try await putObjectTagging(bucket: bucket, key: key, versionID: versionID, tags: [], context)
    }
}
