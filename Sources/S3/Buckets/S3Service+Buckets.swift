import Bytes
import LabClock
import LogStore

extension S3Service {
    /// Makes a bucket. Making one's own again succeeds in us-east-1 and is `bucketAlreadyOwnedByYou` elsewhere. One
    /// synced commit.
    ///
    /// - Throws: `invalidBucketName`, `invalidLocationConstraint`, `illegalLocationConstraint`, `bucketAlreadyExists`,
    ///   `bucketAlreadyOwnedByYou`, `tooManyBuckets`, `invalidTag`, `tooManyTags`.
    package func createBucket(
        _ input: CreateBucketInput, _ context: CallContext
    ) async throws(S3Error) -> BucketDescription {
        let name = input.bucket
        guard BucketNaming.isValid(name) else { throw .invalidBucketName(name) }
        let region = try BucketNaming.region(constraint: input.locationConstraint, endpoint: context.region)
        try InputRules.checkTags(input.tags, max: S3Limits.bucketTagsMax)
        let account = context.accountID
        let countKey = S3Keys.bucketCount(ofAccount: account)
        let count: Int64
        do {
            count = try await store.counter(.catalog, countKey)
        } catch {
            throw .store(error)
        }
        let record = BucketRecord(created: clock.now(), ownerAccountID: account, region: region)
        let present = try await transact { (transaction, batch) -> BucketRecord? in
            if let value = try await transaction.get(.catalog, S3Keys.bucket(named: name)) {
                return try BucketRecord(value.head)
            }
            if count >= S3Limits.bucketsPerAccountMax { throw S3Error.tooManyBuckets }
            let value = StoredValue(head: record.encoded)
            batch.put(.catalog, S3Keys.bucket(named: name), value, headStampOffset: BucketRecord.idOffset)
            batch.put(
                .catalog, S3Keys.bucket(named: name, ofAccount: account), value, headStampOffset: BucketRecord.idOffset)
            batch.add(.catalog, countKey, 1)
            if !input.tags.isEmpty {
                // The id in the key is stamped like the one in the record.
                batch.put(
                    .catalog, S3Keys.bucketTags(0), StoredValue(head: Self.encode(input.tags)), keyStampOffset: 1)
            }
            return nil
        }
        guard let present else { return record.description(named: name) }
        guard present.ownerAccountID == account else { throw .bucketAlreadyExists(name) }
        // What old clients rely on in the oldest region, and nowhere else.
        guard present.region == BucketNaming.standardRegion, region == present.region else {
            throw .bucketAlreadyOwnedByYou(name)
        }
        return present.description(named: name)
    }

    /// What is known of a bucket: HeadBucket and GetBucketLocation.
    package func headBucket(_ bucket: String, _ context: CallContext) async throws(S3Error) -> BucketDescription {
        let handle = try await self.bucket(bucket, context)
        return handle.record.description(named: handle.name)
    }

    /// The region of a bucket, whoever asks: AWS tells it to anyone. Costs a dictionary lookup once the bucket is
    /// known.
    package func region(ofBucket name: String) async throws(S3Error) -> String {
        try await anyBucket(name).record.region
    }

    /// A page of the caller's buckets.
    ///
    /// - Throws: `invalidArgument` for a page size out of bounds or a token that is not ours.
    package func listBuckets(
        _ input: ListBucketsInput, _ context: CallContext
    ) async throws(S3Error) -> ListBucketsOutput {
        let limit = input.maxBuckets ?? S3Limits.bucketPageMax
        guard (1...S3Limits.bucketPageMax).contains(limit) else {
            throw .invalidArgument(
                name: "max-buckets", value: String(limit),
                message: "Argument max-buckets must be an integer between 1 and \(S3Limits.bucketPageMax)")
        }
        let base = S3Keys.buckets(ofAccount: context.accountID)
        let prefix = base + (input.prefix ?? "").utf8
        var lower = prefix
        if let token = input.continuationToken {
            lower = PrefixWalk.later(lower, base + (try OpaqueToken.decode(.buckets, token)) + [0])
        }
        var output = ListBucketsOutput(buckets: [])
        let cursor = store.cursor(.catalog, lower: lower, upper: OrderedKey.end(ofPrefix: prefix))
        do {
            cursor.seek(lower)
            while let found = try await cursor.next() {
                let record = try BucketRecord(found.value.head)
                if let region = input.region, region != record.region { continue }
                if output.buckets.count == limit {
                    let last = Array((output.buckets.last?.name ?? "").utf8)
                    output.nextContinuationToken = OpaqueToken.encode(.buckets, last)
                    return output
                }
                let name = String(decoding: found.key.dropFirst(base.count), as: UTF8.self)
                output.buckets.append(record.description(named: name))
            }
        } catch {
            throw S3Error.wrap(error)
        }
        return output
    }

    /// Removes an empty bucket, with its uploads in progress.
    ///
    /// - Throws: `bucketNotEmpty`, `operationAborted` (another deletion runs).
    package func deleteBucket(_ bucket: String, _ context: CallContext) async throws(S3Error) {
        let handle = try await self.bucket(bucket, context)
        try await handle.close()
        do throws(S3Error) {
            try await removeRecords(of: handle)
        } catch {
            handle.reopen()
            throw error
        }
        directory.remove(handle)
    }

    /// With the gate closed: nobody else writes under the bucket's id.
    private func removeRecords(of bucket: BucketHandle) async throws(S3Error) {
        let record = bucket.record
        let prefix = S3Keys.bucketPrefix(record.id)
        let end = OrderedKey.end(ofPrefix: prefix)
        do {
            let cursor = store.cursor(.objects, lower: prefix, upper: end)
            cursor.seek(prefix)
            if try await cursor.next() != nil { throw S3Error.bucketNotEmpty(bucket.name) }
            // One by one: there may be any number of uploads, and a commit has a limit.
            let uploads = store.cursor(.uploads, lower: prefix, upper: end)
            uploads.seek(prefix)
            while let upload = try await uploads.next() {
                let id = S3Keys.parseUpload(upload.key).uploadID
                try await transact { transaction, batch in
                    try await self.removeBody(id, in: transaction, into: &batch)
                    batch.delete(.uploads, upload.key)
                    batch.restoreCount = bucket.restoreCount
                }
            }
        } catch {
            throw S3Error.wrap(error)
        }
        try await transact { transaction, batch in
            let value = try await transaction.get(.catalog, S3Keys.bucket(named: bucket.name))
            guard let value, try BucketRecord(value.head).id == record.id else {
                throw S3Error.noSuchBucket(bucket.name)
            }
            // That it is empty was seen before.
            batch.restoreCount = bucket.restoreCount
            batch.delete(.catalog, S3Keys.bucket(named: bucket.name))
            batch.delete(.catalog, S3Keys.bucket(named: bucket.name, ofAccount: record.ownerAccountID))
            batch.delete(.catalog, S3Keys.bucketTags(record.id))
            batch.add(.catalog, S3Keys.bucketCount(ofAccount: record.ownerAccountID), -1)
        }
    }
}
