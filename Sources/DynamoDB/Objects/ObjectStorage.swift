/// Where exports go and imports come from: the objects of an account.
///
/// Thread-safe. The daemon implements it over its own S3; DynamoDB knows nothing of that.
package protocol ObjectStorage: Sendable {
    /// Writes an object whole, in place of what was there.
    func put(_ object: ObjectAddress, _ bytes: [UInt8]) async throws(ObjectStorageError)

    /// Bytes of an object from an offset on, at most so many; fewer only at its end.
    ///
    /// - Parameter version: as listed: another one is `.changed`.
    func read(
        _ object: ObjectAddress, version: String, from offset: UInt64, count: Int
    ) async throws(ObjectStorageError) -> [UInt8]

    /// Objects whose keys begin with a prefix, in the order of their bytes.
    ///
    /// - Parameter marker: only keys behind it; nil for all.
    func list(
        _ bucket: BucketAddress, prefix: String, after marker: String?, limit: Int
    ) async throws(ObjectStorageError) -> [StoredObject]
}

/// A bucket, and who asks for it.
package struct BucketAddress: Sendable, Hashable {
    package var name: String
    /// The caller's account.
    package var account: String
    package var region: String
    /// The account that the bucket must belong to; nil when the caller does not say.
    package var expectedOwner: String?

    package init(name: String, account: String, region: String, expectedOwner: String? = nil) {
        self.name = name
        self.account = account
        self.region = region
        self.expectedOwner = expectedOwner
    }
}

/// An object of a bucket.
package struct ObjectAddress: Sendable, Hashable {
    package var bucket: BucketAddress
    package var key: String

    package init(_ bucket: BucketAddress, _ key: String) {
        self.bucket = bucket
        self.key = key
    }
}

/// An object of a list.
package struct StoredObject: Sendable, Hashable {
    package var key: String
    package var size: UInt64
    /// Another one for other bytes: its ETag.
    package var version: String

    package init(key: String, size: UInt64, version: String) {
        self.key = key
        self.size = size
        self.version = version
    }
}

/// Why an object could not be written or read.
package enum ObjectStorageError: Error, Sendable, Equatable {
    case noSuchBucket
    case noSuchKey
    case accessDenied
    /// The object is no longer what was listed.
    case changed
    /// The storage failed: it may work later.
    case failed(String)
}

/// No storage at all: every bucket is missing.
package struct NoObjectStorage: ObjectStorage {
    package init() {}

    package func put(_ object: ObjectAddress, _ bytes: [UInt8]) async throws(ObjectStorageError) {
        throw .noSuchBucket
    }

    package func read(
        _ object: ObjectAddress, version: String, from offset: UInt64, count: Int
    ) async throws(ObjectStorageError) -> [UInt8] { throw .noSuchBucket }

    package func list(
        _ bucket: BucketAddress, prefix: String, after marker: String?, limit: Int
    ) async throws(ObjectStorageError) -> [StoredObject] { throw .noSuchBucket }
}
