import Bytes
import LabClock
import LogStore

extension S3Service {
    /// Starts an upload. One synced commit.
    ///
    /// - Throws: `invalidRequest` (checksum type without algorithm, or one the algorithm does not have),
    ///   `metadataTooLarge`, `invalidTag`, `tooManyTags`, `invalidStorageClass`, `notImplemented`.
    package func createMultipartUpload(
        _ input: CreateMultipartUploadInput, _ context: CallContext
    ) async throws(S3Error) -> CreateMultipartUploadOutput {
        let bucket = try await bucket(input.bucket, context)
        try InputRules.checkStorageClass(input.storageClass)
        try InputRules.checkMetadata(input.metadata)
        try InputRules.checkTags(input.tags, max: S3Limits.objectTagsMax)
        let type = try Self.checksumType(input)
        let record = UploadRecord(
            initiated: clock.now(), initiatorAccountID: context.accountID, checksumAlgorithm: input.checksumAlgorithm,
            checksumType: type, fields: RecordFields(metadata: input.metadata, tags: input.tags).encoded)
        let key = S3Keys.upload(bucket.record.id, input.key.bytes, 0)
        var batch = WriteBatch()
        batch.put(
            .uploads, key, StoredValue(head: record.encoded), keyStampOffset: key.count - S3Keys.uploadIDBytes)
        batch.restoreCount = bucket.restoreCount
        try bucket.enter()
        defer { bucket.leave() }
        let id = try await commit(batch).rawValue
        return CreateMultipartUploadOutput(
            uploadID: UploadID.text(id), checksumAlgorithm: input.checksumAlgorithm, checksumType: type)
    }

    private static func checksumType(_ input: CreateMultipartUploadInput) throws(S3Error) -> ChecksumType? {
        guard let algorithm = input.checksumAlgorithm else {
            if input.checksumType == nil { return nil }
            throw .invalidRequest(
                message: "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
        }
        let standard: ChecksumType = algorithm == .crc64nvme ? .fullObject : .composite
        let type = input.checksumType ?? standard
        let isPossible = type == .fullObject ? algorithm.isLinear : algorithm != .crc64nvme
        guard isPossible else {
            throw .invalidRequest(
                message: "The \(type.name) checksum type cannot be used with the \(algorithm.name.lowercased()) "
                    + "checksum algorithm.")
        }
        return type
    }

    /// The record of an upload in progress.
    ///
    /// - Throws: `noSuchUpload`.
    func upload(_ bucket: BucketHandle, _ key: ObjectKey, _ uploadID: String) async throws(S3Error) -> UploadRecord {
        let id = try UploadID.parse(uploadID)
        guard let value = try await read(.uploads, S3Keys.upload(bucket.record.id, key.bytes, id)) else {
            throw .noSuchUpload(uploadID: uploadID)
        }
        return try UploadRecord(value.head)
    }

    /// Gives an upload up and frees its parts.
    ///
    /// - Throws: `noSuchUpload`, `preconditionFailed`.
    package func abortMultipartUpload(
        _ input: AbortMultipartUploadInput, _ context: CallContext
    ) async throws(S3Error) {
        let bucket = try await bucket(input.bucket, context)
        let id = try UploadID.parse(input.uploadID)
        let key = S3Keys.upload(bucket.record.id, input.key.bytes, id)
        try bucket.enter()
        defer { bucket.leave() }
        try await transact { transaction, batch in
            guard let value = try await transaction.get(.uploads, key) else {
                throw S3Error.noSuchUpload(uploadID: input.uploadID)
            }
            if let time = input.ifMatchInitiated, try UploadRecord(value.head).initiated.seconds != time.seconds {
                throw S3Error.preconditionFailed(condition: "x-amz-if-match-initiated-time")
            }
            try await self.removeBody(id, in: transaction, into: &batch)
            batch.delete(.uploads, key)
        }
    }

    /// A page of the bucket's uploads in progress.
    ///
    /// - Throws: `invalidArgument` for a negative page size or an upload id that is none; `damagedRecord`.
    package func listMultipartUploads(
        _ input: ListMultipartUploadsInput, _ context: CallContext
    ) async throws(S3Error) -> ListMultipartUploadsOutput {
        let bucket = try await bucket(input.bucket, context)
        let limit = try InputRules.pageSize(input.maxUploads, name: "max-uploads")
        let walk = PrefixWalk(prefix: input.prefix, delimiter: input.delimiter)
        var output = ListMultipartUploadsOutput(
            uploads: [], commonPrefixes: [], maxUploads: limit, isTruncated: false,
            ownerAccountID: bucket.record.ownerAccountID)
        let base = S3Keys.bucketPrefix(bucket.record.id)
        guard limit > 0, let start = try Self.start(input, walk, bucket.record.id) else { return output }
        let upper = OrderedKey.end(ofPrefix: base + walk.prefix)
        let lower = PrefixWalk.later(base + walk.prefix, start)
        let cursor = store.cursor(.uploads, lower: lower, upper: upper)
        do {
            cursor.seek(lower)
            while let found = try await cursor.next() {
                if output.uploads.count + output.commonPrefixes.count == limit {
                    output.isTruncated = true
                    return output
                }
                let (key, id) = S3Keys.parseUpload(found.key)
                if let common = walk.commonPrefix(of: key) {
                    output.commonPrefixes.append(common)
                    output.nextKeyMarker = common
                    output.nextUploadIDMarker = nil
                    guard let next = OrderedKey.end(ofPrefix: base + common) else { break }
                    cursor.seek(next)
                } else {
                    output.uploads.append(try Self.listed(key, id, found.value))
                    output.nextKeyMarker = key
                    output.nextUploadIDMarker = UploadID.text(id)
                }
            }
        } catch {
            throw S3Error.wrap(error)
        }
        return output
    }

    /// Where a page of uploads starts; nil when nothing can follow.
    private static func start(
        _ input: ListMultipartUploadsInput, _ walk: PrefixWalk, _ bucketID: UInt64
    ) throws(S3Error) -> [UInt8]? {
        let base = S3Keys.bucketPrefix(bucketID)
        if input.keyMarker.isEmpty { return base }
        if let text = input.uploadIDMarker, !text.isEmpty {
            guard let id = try? UploadID.parse(text) else {
                throw .invalidArgument(name: "upload-id-marker", value: text, message: "Invalid uploadId marker")
            }
            return S3Keys.upload(bucketID, input.keyMarker, id) + [0]
        }
        if walk.commonPrefix(of: input.keyMarker) == input.keyMarker {
            return OrderedKey.end(ofPrefix: base + input.keyMarker)
        }
        // Behind all uploads of the marker's key.
        return OrderedKey.end(ofPrefix: S3Keys.uploads(bucketID, ofKey: input.keyMarker))
    }

    private static func listed(_ key: [UInt8], _ id: UInt64, _ value: StoredValue) throws(S3Error) -> ListedUpload {
        let record = try UploadRecord(value.head)
        return ListedUpload(
            key: key, uploadID: UploadID.text(id), initiated: record.initiated,
            initiatorAccountID: record.initiatorAccountID, checksumAlgorithm: record.checksumAlgorithm,
            checksumType: record.checksumType)
    }
}
