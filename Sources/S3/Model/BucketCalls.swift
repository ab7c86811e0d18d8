package import LabClock

/// CreateBucket.
package struct CreateBucketInput: Sendable {
    package var bucket: String
    /// `LocationConstraint` as sent; nil when there was none.
    package var locationConstraint: String?
    /// Tags of `CreateBucketConfiguration`.
    package var tags: [Tag] = []

    package init(bucket: String, locationConstraint: String? = nil, tags: [Tag] = []) {
        self.bucket = bucket
        self.locationConstraint = locationConstraint
        self.tags = tags
    }
}

/// What is known of a bucket: CreateBucket, HeadBucket, GetBucketLocation and one row of ListBuckets.
package struct BucketDescription: Sendable, Hashable {
    package var name: String
    package var region: String
    package var ownerAccountID: String
    package var created: LabTime
}

/// ListBuckets.
package struct ListBucketsInput: Sendable {
    /// 1...10,000; nil: all of the first 10,000, as AWS answers without paging.
    package var maxBuckets: Int?
    package var continuationToken: String?
    package var prefix: String?
    package var region: String?

    package init(
        maxBuckets: Int? = nil, continuationToken: String? = nil, prefix: String? = nil, region: String? = nil
    ) {
        self.maxBuckets = maxBuckets
        self.continuationToken = continuationToken
        self.prefix = prefix
        self.region = region
    }
}

/// One page of the caller's buckets in the order of their names.
package struct ListBucketsOutput: Sendable {
    package var buckets: [BucketDescription]
    /// Set when there are more.
    package var nextContinuationToken: String?
}
