import Bytes
import LabClock
import LogStore

extension S3Service {
    /// Makes the object of the listed parts: one commit that moves no data. Repeated with the same parts within 24
    /// hours
    /// of lab time it gives the same answer, also after a crash. Last-Modified is when the upload was initiated, as at
    /// AWS.
    ///
    /// - Throws: `noSuchUpload`, `malformedXML` (no parts, or more than 10,000), `invalidPart`, `invalidPartOrder`,
    ///   `entityTooSmall`, `badChecksum`, `invalidRequest` (object size, checksum type, missing part checksums),
    ///   `preconditionFailed`, `noSuchKey` (`If-Match` on an absent key), `notImplemented`.
    package func completeMultipartUpload(
        _ input: CompleteMultipartUploadInput, _ context: CallContext
    ) async throws(S3Error) -> CompleteMultipartUploadOutput {
        let bucket = try await bucket(input.bucket, context)
        let id = try UploadID.parse(input.uploadID)
        guard (1...S3Limits.partNumberMax).contains(input.parts.count) else { throw .malformedXML }
        try input.conditions.checkForm()
        let now = clock.now()
        let expired = try await expiredCompletions(now)
        try bucket.enter()
        defer { bucket.leave() }
        return try await transact { transaction, batch in
            let uploadKey = S3Keys.upload(bucket.record.id, input.key.bytes, id)
            guard let value = try await transaction.get(.uploads, uploadKey) else {
                return try await self.repeated(input, id, bucket, now, in: transaction)
            }
            let upload = try UploadRecord(value.head)
            let prefix = S3Keys.bodyPrefix(id)
            let stored = try await transaction.scan(
                .bodies, lower: prefix, upper: OrderedKey.end(ofPrefix: prefix), limit: S3Limits.partNumberMax + 1)
            var records: [Int: PartRecord] = [:]
            for part in stored {
                records[S3Keys.partNumber(ofBodyKey: part.key)] = try PartRecord(part.value.head)
            }
            let selection = try PartSelection(input, upload, stored: records)
            let sums = try selection.sums(upload.effectiveAlgorithm)
            let checksum = try Self.checksum(input, upload, sums)
            let storeKey = S3Keys.object(bucket.record.id, input.key.bytes)
            let old = try await transaction.get(.objects, storeKey)?.objectRecord()
            try input.conditions.check(old, input.key)
            try await self.release(old, of: bucket, input.key, in: transaction, into: &batch)

            let chosen = Set(selection.parts.map(\.number))
            for number in records.keys.sorted() where !chosen.contains(number) {
                batch.delete(.bodies, S3Keys.bodyPart(id, number))
            }
            let table = PartTable(algorithm: upload.effectiveAlgorithm, parts: sums)
            batch.put(.bodies, S3Keys.bodyPart(id, 0), StoredValue(head: table.encoded))
            batch.put(
                .references, S3Keys.reference(id, bucket.record.id, input.key.bytes), StoredValue(head: []))
            let draft = ObjectRecord.Draft(
                etag: selection.etag, size: selection.size, lastModified: upload.initiated, checksum: checksum,
                isChecksumDeclared: upload.checksumAlgorithm != nil, placement: .body(id), fields: upload.fields)
            ObjectWrite(bucket: bucket, key: input.key, conditions: input.conditions, draft: draft).put(into: &batch)
            batch.delete(.uploads, uploadKey)
            let completed = CompletedUploadRecord(
                completed: now, bucketID: bucket.record.id, partsDigest: PartSelection.digest(input.parts),
                etag: draft.etag, checksum: checksum, key: input.key.bytes)
            batch.put(.uploads, S3Keys.completedUpload(id), StoredValue(head: completed.encoded))
            for key in expired { batch.delete(.uploads, key) }
            return CompleteMultipartUploadOutput(etag: draft.etag, checksum: checksum)
        }
    }

    /// The answer to a completion that has been answered before.
    private func repeated(
        _ input: CompleteMultipartUploadInput, _ id: UInt64, _ bucket: BucketHandle, _ now: LabTime,
        in transaction: Transaction
    ) async throws -> CompleteMultipartUploadOutput {
        guard let value = try await transaction.get(.uploads, S3Keys.completedUpload(id)) else {
            throw S3Error.noSuchUpload(uploadID: input.uploadID)
        }
        let record = try CompletedUploadRecord(value.head)
        guard record.bucketID == bucket.record.id, record.key == input.key.bytes, !record.isExpired(now),
            record.partsDigest == PartSelection.digest(input.parts)
        else { throw S3Error.noSuchUpload(uploadID: input.uploadID) }
        return CompleteMultipartUploadOutput(etag: record.etag, checksum: record.checksum)
    }

    /// The object's checksum, compared with what the request declares.
    private static func checksum(
        _ input: CompleteMultipartUploadInput, _ upload: UploadRecord,
        _ sums: [(number: Int, size: UInt64, checksum: Checksum)]
    ) throws(S3Error) -> Checksum {
        let algorithm = upload.effectiveAlgorithm
        if let type = input.checksumType, type != upload.effectiveType {
            throw .invalidRequest(
                message: "The upload was created using the \(upload.effectiveType.name) checksum mode. The complete "
                    + "request must use the same checksum mode.")
        }
        let checksum =
            upload.effectiveType == .composite
            ? PartChecksums.composite(sums.map(\.checksum), algorithm)
            : PartChecksums.fullObject(sums.map { ($0.checksum, $0.size) }, algorithm)
        guard let declared = input.checksum else { return checksum }
        guard declared.algorithm == algorithm else {
            throw .invalidRequest(
                message: "The upload was created using a \(algorithm.name.lowercased()) checksum. The complete request "
                    + "must use the same checksum algorithm.")
        }
        // The number of parts may be left out of a composite.
        guard declared.bytes == checksum.bytes, declared.partCount == 0 || declared.partCount == checksum.partCount
        else { throw .badChecksum(algorithm: algorithm.name) }
        return checksum
    }

    /// Completions that are remembered no longer; a few at a time, so that each completion pays for what it adds.
    private func expiredCompletions(_ now: LabTime) async throws(S3Error) -> [[UInt8]] {
        var expired: [[UInt8]] = []
        let cursor = store.cursor(.uploads, lower: S3Keys.completedUploadsPrefix, upper: nil)
        do {
            cursor.seek(S3Keys.completedUploadsPrefix)
            for _ in 0..<8 {
                guard let found = try await cursor.next() else { break }
                if try CompletedUploadRecord(found.value.head).isExpired(now) { expired.append(found.key) }
            }
        } catch {
            throw S3Error.wrap(error)
        }
        return expired
    }
}

extension CompletedUploadRecord {
    /// Whether its time is over.
    func isExpired(_ now: LabTime) -> Bool {
        now.millisecondsSinceEpoch - completed.millisecondsSinceEpoch > S3Limits.completedUploadMilliseconds
    }
}
