import Bytes
import LabClock
import LogStore

extension S3Service {
    /// Stores a part, replacing an earlier one of the same number.
    ///
    /// - Throws: `noSuchUpload`, `invalidArgument` (part number), `invalidRequest` (a checksum of another algorithm
    ///   than
    ///   the upload's), and the body errors of `putObject`.
    package func uploadPart(
        _ input: UploadPartInput, body: any ByteSource, _ context: CallContext
    ) async throws(S3Error) -> UploadPartOutput {
        let bucket = try await bucket(input.bucket, context)
        try InputRules.checkPartNumber(input.partNumber)
        let upload = try await upload(bucket, input.key, input.uploadID)
        let declared = input.checks.checksum?.algorithm ?? input.checks.trailingAlgorithm
        if let expected = upload.checksumAlgorithm, declared != expected {
            // A linear sum of the whole can be made without the client's help; a composite is made of what clients
            // declared.
            if declared != nil || upload.effectiveType == .composite {
                throw .invalidRequest(
                    message: "Checksum Type mismatch occurred, expected checksum Type: "
                        + "\(expected.name.lowercased()), actual checksum Type: "
                        + (declared?.name.lowercased() ?? "null"))
            }
        }
        let receiver = BodyReceiver(store: store, checks: input.checks, primary: upload.effectiveAlgorithm)
        let received = try await receiver.receive(from: body)
        let declaredChecksum = received.checksums.first { $0.algorithm == declared }
        try await commitPart(
            bucket, input.key, input.uploadID, input.partNumber, received,
            declaredChecksum: declaredChecksum?.algorithm == upload.effectiveAlgorithm ? nil : declaredChecksum)
        return UploadPartOutput(
            etag: received.etag, size: received.size,
            checksum: upload.checksumAlgorithm != nil ? received.checksums[0] : declaredChecksum)
    }

    /// Puts a received part under its upload. Returns when it was made.
    ///
    /// - Throws: `noSuchUpload` when the upload has ended meanwhile.
    @discardableResult
    func commitPart(
        _ bucket: BucketHandle, _ key: ObjectKey, _ uploadID: String, _ number: Int, _ received: ReceivedBody,
        declaredChecksum: Checksum?
    ) async throws(S3Error) -> LabTime {
        let id = try UploadID.parse(uploadID)
        let now = clock.now()
        let record = PartRecord(
            size: received.size, lastModified: now, etag: received.etag, checksum: received.checksums[0],
            declaredChecksum: declaredChecksum)
        let value = StoredValue(head: record.encoded, content: received.content)
        let uploadKey = S3Keys.upload(bucket.record.id, key.bytes, id)
        try bucket.enter()
        defer { bucket.leave() }
        try await transact { transaction, batch in
            guard try await transaction.get(.uploads, uploadKey) != nil else {
                throw S3Error.noSuchUpload(uploadID: uploadID)
            }
            batch.put(.bodies, S3Keys.bodyPart(id, number), value)
            batch.restoreCount = bucket.restoreCount
        }
        withExtendedLifetime(received.reservation) {}
        return now
    }

    /// A page of an upload's parts.
    ///
    /// - Throws: `noSuchUpload`, `invalidArgument`.
    package func listParts(
        _ input: ListPartsInput, _ context: CallContext
    ) async throws(S3Error) -> ListPartsOutput {
        let bucket = try await bucket(input.bucket, context)
        let limit = try InputRules.pageSize(input.maxParts, name: "max-parts")
        guard input.partNumberMarker >= 0 else {
            throw .invalidArgument(
                name: "part-number-marker", value: String(input.partNumberMarker),
                message: "part-number-marker must not be negative")
        }
        let upload = try await upload(bucket, input.key, input.uploadID)
        let id = try UploadID.parse(input.uploadID)
        var output = ListPartsOutput(
            parts: [], maxParts: limit, isTruncated: false, partNumberMarker: input.partNumberMarker,
            nextPartNumberMarker: 0, ownerAccountID: bucket.record.ownerAccountID,
            initiatorAccountID: upload.initiatorAccountID, checksumAlgorithm: upload.checksumAlgorithm,
            checksumType: upload.checksumType)
        guard limit > 0, input.partNumberMarker < S3Limits.partNumberMax else { return output }
        let lower = S3Keys.bodyPart(id, input.partNumberMarker + 1)
        let cursor = store.cursor(.bodies, lower: lower, upper: OrderedKey.end(ofPrefix: S3Keys.bodyPrefix(id)))
        do {
            cursor.seek(lower)
            while let found = try await cursor.next() {
                if output.parts.count == limit {
                    output.isTruncated = true
                    break
                }
                let record = try PartRecord(found.value.head)
                let number = S3Keys.partNumber(ofBodyKey: found.key)
                output.parts.append(
                    ListedPart(
                        number: number, lastModified: record.lastModified, etag: record.etag, size: record.size,
                        checksum: upload.checksumAlgorithm != nil ? record.checksum : nil))
                output.nextPartNumberMarker = number
            }
        } catch {
            throw S3Error.wrap(error)
        }
        return output
    }
}
