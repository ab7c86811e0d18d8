import Bytes
import Encryption
import Synchronization

@testable import DynamoDB

/// Buckets in memory.
final class MemoryObjects: ObjectStorage {
    private let buckets = Mutex<[String: [String: [UInt8]]]>(["bucket": [:]])
    /// The account that owns all of them.
    static let owner = "111111111111"

    /// An object's bytes.
    subscript(key: String, in bucket: String = "bucket") -> [UInt8]? {
        get { buckets.withLock { $0[bucket]?[key] } }
        set { buckets.withLock { $0[bucket]?[key] = newValue } }
    }

    /// All keys of a bucket, sorted.
    func keys(in bucket: String = "bucket") -> [String] {
        buckets.withLock { ($0[bucket] ?? [:]).keys.sorted() }
    }

    func text(_ key: String) -> String { String(decoding: self[key] ?? [], as: UTF8.self) }

    func put(_ object: ObjectAddress, _ bytes: [UInt8]) async throws(ObjectStorageError) {
        try check(object.bucket)
        self[object.key, in: object.bucket.name] = bytes
    }

    func read(
        _ object: ObjectAddress, version: String, from offset: UInt64, count: Int
    ) async throws(ObjectStorageError) -> [UInt8] {
        try check(object.bucket)
        guard let bytes = self[object.key, in: object.bucket.name] else { throw .noSuchKey }
        guard Self.version(bytes) == version else { throw .changed }
        return Array(bytes.dropFirst(Int(offset)).prefix(count))
    }

    func list(
        _ bucket: BucketAddress, prefix: String, after marker: String?, limit: Int
    ) async throws(ObjectStorageError) -> [StoredObject] {
        try check(bucket)
        let keys = keys(in: bucket.name).filter { $0.hasPrefix(prefix) && $0 > marker ?? "" }
        return keys.prefix(limit).map { key in
            let bytes = self[key, in: bucket.name] ?? []
            return StoredObject(key: key, size: UInt64(bytes.count), version: Self.version(bytes))
        }
    }

    private func check(_ bucket: BucketAddress) throws(ObjectStorageError) {
        guard buckets.withLock({ $0[bucket.name] != nil }) else { throw .noSuchBucket }
        guard bucket.account == Self.owner, (bucket.expectedOwner ?? Self.owner) == Self.owner else {
            throw .accessDenied
        }
    }

    private static func version(_ bytes: [UInt8]) -> String { Hex.encode(Digest.md5(bytes)) }
}
