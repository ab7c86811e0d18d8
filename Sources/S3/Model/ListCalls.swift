package import LabClock

/// ListObjects, the first version.
package struct ListObjectsInput: Sendable {
    package var bucket: String
    /// Raw bytes: any UTF-8 is a prefix, empty is none.
    package var prefix: [UInt8] = []
    /// Empty is none.
    package var delimiter: [UInt8] = []
    /// Keys strictly after this one.
    package var marker: [UInt8] = []
    /// Clamped to 0...1,000 (negative is `invalidArgument`).
    package var maxKeys: Int = S3Limits.pageMax

    package init(bucket: String) { self.bucket = bucket }
}

/// ListObjectsV2.
package struct ListObjectsV2Input: Sendable {
    package var bucket: String
    package var prefix: [UInt8] = []
    package var delimiter: [UInt8] = []
    package var startAfter: [UInt8] = []
    /// As a previous page gave it; outranks `startAfter`.
    package var continuationToken: String?
    package var maxKeys: Int = S3Limits.pageMax

    package init(bucket: String) { self.bucket = bucket }
}

/// One object of a listing.
package struct ListedObject: Sendable, Hashable {
    package var key: [UInt8]
    package var etag: ETag
    package var size: UInt64
    package var lastModified: LabTime
    package var checksumAlgorithm: ChecksumAlgorithm
    package var checksumType: ChecksumType
}

/// One page of objects and common prefixes, each in the order of their bytes.
package struct ListObjectsOutput: Sendable {
    package var objects: [ListedObject]
    package var commonPrefixes: [[UInt8]]
    /// After clamping.
    package var maxKeys: Int
    package var isTruncated: Bool
    /// The last key or common prefix of a truncated page: V1's NextMarker (which AWS sends only with a delimiter).
    package var nextMarker: [UInt8]?
    /// V2 only, when truncated. Opaque, URL-safe.
    package var nextContinuationToken: String?
    /// The account that owns the bucket and, for now, all its objects.
    package var ownerAccountID: String

    /// V2's KeyCount.
    package var keyCount: Int { objects.count + commonPrefixes.count }
}
