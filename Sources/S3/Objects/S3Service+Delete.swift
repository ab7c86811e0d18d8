import LogStore

extension S3Service {
    /// Removes an object. An absent key is success, whatever the conditions: as AWS states it, what shall not be is
    /// not.
    ///
    /// - Throws: `preconditionFailed`, `invalidArgument` (version).
    package func deleteObject(_ input: DeleteObjectInput, _ context: CallContext) async throws(S3Error) {
        let bucket = try await bucket(input.bucket, context)
        try InputRules.checkVersionID(input.versionID)
        try await delete(bucket, input.key, input.conditions)
    }

    /// Removes up to 1,000 objects, each on its own: errors are per key in the answer.
    ///
    /// - Throws: `malformedXML` for no keys or more than 1,000.
    package func deleteObjects(
        _ input: DeleteObjectsInput, _ context: CallContext
    ) async throws(S3Error) -> DeleteObjectsOutput {
        let bucket = try await bucket(input.bucket, context)
        guard (1...S3Limits.deleteObjectsMax).contains(input.entries.count) else { throw .malformedXML }
        var errors = [S3Error?](repeating: nil, count: input.entries.count)
        var start = 0
        while start < input.entries.count {
            // Side by side, so that one sync serves many; few enough that other requests get their turn.
            let end = min(start + Self.deletesAtOnce, input.entries.count)
            await withTaskGroup(of: (Int, S3Error?).self) { group in
                for index in start..<end {
                    let entry = input.entries[index]
                    group.addTask { (index, await self.deleteOne(bucket, entry)) }
                }
                for await (index, error) in group { errors[index] = error }
            }
            start = end
        }
        return DeleteObjectsOutput(
            outcomes: zip(input.entries, errors).map { DeleteObjectsOutput.Outcome(entry: $0, error: $1) })
    }

    private static let deletesAtOnce = 100

    private func deleteOne(_ bucket: BucketHandle, _ entry: DeleteObjectsInput.Entry) async -> S3Error? {
        do throws(S3Error) {
            try InputRules.checkVersionID(entry.versionID)
            try await delete(bucket, try ObjectKey(entry.key), entry.conditions)
            return nil
        } catch {
            return error
        }
    }

    private func delete(
        _ bucket: BucketHandle, _ key: ObjectKey, _ conditions: DeleteConditions
    ) async throws(S3Error) {
        try bucket.enter()
        defer { bucket.leave() }
        let storeKey = S3Keys.object(bucket.record.id, key.bytes)
        let hasBody: Bool
        do {
            hasBody = try await store.update(.objects, storeKey) { (current, batch) throws(S3Error) -> Bool in
                guard let old = try current?.objectRecord() else { return false }
                try conditions.check(old)
                if old.bodyID != nil { return true }
                batch.delete(.objects, storeKey)
                batch.restoreCount = bucket.restoreCount
                return false
            }
        } catch {
            throw S3Error.wrap(error)
        }
        if !hasBody { return }
        try await transact { transaction, batch in
            guard let old = try await transaction.get(.objects, storeKey)?.objectRecord() else { return }
            try conditions.check(old)
            try await self.release(old, of: bucket, key, in: transaction, into: &batch)
            batch.delete(.objects, storeKey)
            batch.restoreCount = bucket.restoreCount
        }
    }
}
