package import LabClock
package import LogStore

/// Why an operation was refused or failed. One case for one AWS code (`code`); the associated values are the details
/// that AWS's error documents
/// carry. Status and standard message come from the wire's catalogue; `message` where AWS words it by the occasion.
package enum S3Error: Error, Sendable {
    // Buckets.
    case noSuchBucket(String)
    /// The name belongs to another account.
    case bucketAlreadyExists(String)
    case bucketAlreadyOwnedByYou(String)
    case bucketNotEmpty(String)
    case invalidBucketName(String)
    case tooManyBuckets
    /// The value is not a region.
    case invalidLocationConstraint(String)
    /// The region is incompatible with the endpoint called. `"unspecified"` when none was sent.
    case illegalLocationConstraint(String)
    /// A bucket without tags.
    case noSuchTagSet(String)
    /// The bucket is being deleted right now.
    case operationAborted(String)

    // Objects.
    case noSuchKey(ObjectKey)
    case invalidURI(String)
    case keyTooLong(sizeBytes: Int, maxBytes: Int)
    case metadataTooLarge(sizeBytes: Int, maxBytes: Int)
    case entityTooLarge(proposedSize: UInt64, maxSizeAllowed: UInt64)
    case invalidTag(message: String)
    /// `BadRequest`, as AWS answers more tags than an object or a bucket may have.
    case tooManyTags(max: Int)
    case invalidStorageClass(String)
    /// 416, with the size for `Content-Range: bytes */size`.
    case invalidRange(requested: String, actualSize: UInt64)
    /// 416: `partNumber` beyond the object's parts.
    case invalidPartNumber(requested: Int, actualPartCount: Int)
    /// The header that failed: `If-Match`, `If-None-Match`, `If-Unmodified-Since`, `x-amz-copy-source-If-…`.
    case preconditionFailed(condition: String)
    /// 304, with what the answer must still carry.
    case notModified(etag: ETag, lastModified: LabTime)

    // Bodies.
    case incompleteBody(expected: UInt64, received: UInt64)
    case missingContentLength
    case badDigest(expected: [UInt8], calculated: [UInt8])
    /// `BadDigest`, worded for a checksum.
    case badChecksum(algorithm: String)
    /// `InvalidRequest`: a checksum value that is no base64 of the right length.
    case invalidChecksum(algorithm: String)
    /// `InvalidRequest`: an algorithm that is not built.
    case unsupportedChecksum(algorithm: String)

    // Multipart.
    case noSuchUpload(uploadID: String)
    case invalidPart(uploadID: String, partNumber: Int, etag: String)
    case invalidPartOrder(uploadID: String)
    case entityTooSmall(proposedSize: UInt64, minSizeAllowed: UInt64, partNumber: Int, etag: ETag)

    // Anything.
    case accessDenied
    case invalidArgument(name: String, value: String, message: String)
    case invalidRequest(message: String)
    case malformedXML
    /// 501: names the header, parameter or value that is not built.
    case notImplemented(what: String)
    /// What the source of the body threw.
    case source(any Error)
    /// The engine failed: `.noSpace` is 507, everything else 500.
    case store(StoreError)
    /// Records that contradict each other or cannot be decoded: 500.
    case damagedRecord(String)
}
