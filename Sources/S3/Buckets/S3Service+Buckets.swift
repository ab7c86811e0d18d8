extension S3Service {
    /// Makes a bucket. Making one's own again succeeds in us-east-1 and is `bucketAlreadyOwnedByYou` elsewhere. One
    /// synced commit.
    ///
    /// - Throws: `invalidBucketName`, `invalidLocationConstraint`, `illegalLocationConstraint`, `bucketAlreadyExists`,
    ///   `bucketAlreadyOwnedByYou`, `tooManyBuckets`, `invalidTag`.
    package func createBucket(
        _ input: CreateBucketInput, _ context: CallContext
    ) async throws(S3Error) -> BucketDescription { preconditionFailure("unbuilt") }

    /// What is known of a bucket: HeadBucket and GetBucketLocation.
    package func headBucket(_ bucket: String, _ context: CallContext) async throws(S3Error) -> BucketDescription {
        preconditionFailure("unbuilt")
    }

    /// A page of the caller's buckets.
    ///
    /// - Throws: `invalidArgument` for a page size out of bounds or a token that is not ours.
    package func listBuckets(
        _ input: ListBucketsInput, _ context: CallContext
    ) async throws(S3Error) -> ListBucketsOutput { preconditionFailure("unbuilt") }

    /// Removes an empty bucket, with its uploads in progress.
    ///
    /// - Throws: `bucketNotEmpty`.
    package func deleteBucket(_ bucket: String, _ context: CallContext) async throws(S3Error) {
        preconditionFailure("unbuilt")
    }

    /// - Throws: `noSuchTagSet` when the bucket has none.
    package func getBucketTagging(_ bucket: String, _ context: CallContext) async throws(S3Error) -> [Tag] {
        preconditionFailure("unbuilt")
    }

    /// Replaces the bucket's tags; an empty set removes them.
    ///
    /// - Throws: `invalidTag`.
    package func putBucketTagging(
        _ bucket: String, tags: [Tag], _ context: CallContext
    ) async throws(S3Error) { preconditionFailure("unbuilt") }

    /// Removes the bucket's tags. None is success.
    package func deleteBucketTagging(_ bucket: String, _ context: CallContext) async throws(S3Error) {
        preconditionFailure("unbuilt")
    }
}
