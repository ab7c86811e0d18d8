/// S3's limits, as AWS states them, and ours where AWS states none. Each with its reason.
package enum S3Limits {
    /// AWS: a key is at most 1,024 bytes of UTF-8.
    package static let keyBytesMax = 1024
    /// AWS: names and values of user metadata, without the header prefix, together.
    package static let userMetadataBytesMax = 2048
    /// AWS: one PUT, one part, one copy.
    package static let singlePutBytesMax: UInt64 = 5 << 30
    /// AWS: the largest object, 5 TiB before December 2025 and about 50 TB since: parts times part size.
    package static let objectBytesMax: UInt64 = 10_000 * (5 << 30)
    /// AWS: every part of an upload but the last is at least this long.
    package static let partBytesMin: UInt64 = 5 << 20
    /// AWS: part numbers are 1...10,000.
    package static let partNumberMax = 10_000
    /// AWS: page sizes of listings of keys, uploads, parts and batches of deletes.
    package static let pageMax = 1000
    /// AWS: keys in one DeleteObjects.
    package static let deleteObjectsMax = 1000
    /// AWS: buckets in one page of ListBuckets, and its upper bound.
    package static let bucketPageMax = 10_000
    /// AWS: the default quota of general purpose buckets of one account.
    package static let bucketsPerAccountMax = 10_000
    /// AWS: tags of an object, and of a bucket.
    package static let objectTagsMax = 10
    package static let bucketTagsMax = 50
    /// AWS: Unicode characters of a tag's key and value.
    package static let tagKeyCharactersMax = 128
    package static let tagValueCharactersMax = 256
    /// Ours: how long a completed upload is remembered, in lab time, so that a repeated completion gets the same
    /// answer.
    package static let completedUploadMilliseconds: Int64 = 24 * 3600 * 1000
}
