/// Who calls, and what the call says about the buckets it expects: what every operation needs besides its own input.
package struct CallContext: Sendable, Hashable {
    /// The twelve digits of the caller's account.
    package var accountID: String
    /// The region of the endpoint that was called (the credential scope's region).
    package var region: String
    /// `x-amz-expected-bucket-owner`: any other owner is `accessDenied`.
    package var expectedBucketOwner: String?
    /// `x-amz-source-expected-bucket-owner`, for copies.
    package var expectedSourceBucketOwner: String?

    package init(
        accountID: String, region: String = "us-east-1", expectedBucketOwner: String? = nil,
        expectedSourceBucketOwner: String? = nil
    ) {
        self.accountID = accountID
        self.region = region
        self.expectedBucketOwner = expectedBucketOwner
        self.expectedSourceBucketOwner = expectedSourceBucketOwner
    }
}
