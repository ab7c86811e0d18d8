import Bytes
import LogStore

extension S3Service {
    /// A page of keys, first version. Costs what it returns: common prefixes are skipped by seeking.
    ///
    /// - Throws: `invalidArgument` for a negative page size; `damagedRecord`.
    package func listObjects(
        _ input: ListObjectsInput, _ context: CallContext
    ) async throws(S3Error) -> ListObjectsOutput {
        let bucket = try await bucket(input.bucket, context)
        let walk = PrefixWalk(prefix: input.prefix, delimiter: input.delimiter)
        return try await page(bucket, walk, marker: input.marker, maxKeys: input.maxKeys)
    }

    /// A page of keys, second version.
    ///
    /// - Throws: `invalidArgument` for a negative page size or a token that is not ours; `damagedRecord`.
    package func listObjectsV2(
        _ input: ListObjectsV2Input, _ context: CallContext
    ) async throws(S3Error) -> ListObjectsOutput {
        let bucket = try await bucket(input.bucket, context)
        var marker = input.startAfter
        if let token = input.continuationToken { marker = try OpaqueToken.decode(.objects, token) }
        let walk = PrefixWalk(prefix: input.prefix, delimiter: input.delimiter)
        var output = try await page(bucket, walk, marker: marker, maxKeys: input.maxKeys)
        output.nextContinuationToken = output.nextMarker.map { OpaqueToken.encode(.objects, $0) }
        return output
    }

    private func page(
        _ bucket: BucketHandle, _ walk: PrefixWalk, marker: [UInt8], maxKeys: Int
    ) async throws(S3Error) -> ListObjectsOutput {
        let limit = try InputRules.pageSize(maxKeys, name: "max-keys")
        var output = ListObjectsOutput(
            objects: [], commonPrefixes: [], maxKeys: limit, isTruncated: false,
            ownerAccountID: bucket.record.ownerAccountID)
        guard limit > 0, let start = walk.start(after: marker) else { return output }
        var last: [UInt8] = []
        let base = S3Keys.bucketPrefix(bucket.record.id)
        let upper = OrderedKey.end(ofPrefix: base + walk.prefix)
        let lower = PrefixWalk.later(base + walk.prefix, base + start)
        let cursor = store.cursor(.objects, lower: lower, upper: upper)
        do {
            cursor.seek(lower)
            while let found = try await cursor.next() {
                if output.keyCount == limit {
                    output.isTruncated = true
                    output.nextMarker = last
                    return output
                }
                let key = Array(found.key.dropFirst(base.count))
                if let common = walk.commonPrefix(of: key) {
                    output.commonPrefixes.append(common)
                    last = common
                    guard let next = OrderedKey.end(ofPrefix: base + common) else { break }
                    cursor.seek(next)
                } else {
                    output.objects.append(try Self.listed(key, found.value))
                    last = key
                }
            }
        } catch {
            throw S3Error.wrap(error)
        }
        return output
    }

    private static func listed(_ key: [UInt8], _ value: StoredValue) throws(S3Error) -> ListedObject {
        let record = try value.objectRecord()
        return ListedObject(
            key: key, etag: record.etag, size: record.size, lastModified: record.lastModified,
            checksumAlgorithm: record.checksumAlgorithm, checksumType: record.checksumType)
    }
}
