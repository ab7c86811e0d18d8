package import LabClock
package import LogStore

/// S3's semantics over the engine: plain calls without HTTP.
///
/// Every operation that names a bucket throws `noSuchBucket`, `accessDenied` (another account's bucket, or not the
/// expected owner), `invalidBucketName` (never a bucket's name) and `store`; every write of an object also
/// `operationAborted` (its bucket is being deleted). Those are not repeated below.
///
/// Thread-safe: one service for one store, called from any task. Operations run on the caller's executor and leave it
/// only for cold reads, large writes and commits. No task outlives its call; time comes from the clock that is passed
/// in.
package final class S3Service: Sendable {
    /// The engine that everything is kept in.
    package let store: LogStore
    let clock: any LabClock
    let directory = BucketDirectory()

    /// - Parameter store: opened by the caller, who also closes it. No other service writes S3's keys.
    package init(store: LogStore, clock: any LabClock) {
        self.store = store
        self.clock = clock
    }

    /// The bucket of a name, for this caller. Costs a dictionary lookup once the bucket is known.
    func bucket(_ name: String, _ context: CallContext) async throws(S3Error) -> BucketHandle {
        let handle = try await anyBucket(name)
        guard handle.record.ownerAccountID == context.accountID,
            context.expectedBucketOwner == nil || context.expectedBucketOwner == handle.record.ownerAccountID
        else { throw .accessDenied }
        return handle
    }

    /// The bucket that a copy reads from: as `bucket`, with the owner that the call expects of the source.
    func sourceBucket(_ name: String, _ context: CallContext) async throws(S3Error) -> BucketHandle {
        var context = context
        context.expectedBucketOwner = context.expectedSourceBucketOwner
        return try await bucket(name, context)
    }

    /// The bucket of a name, whoever owns it.
    func anyBucket(_ name: String) async throws(S3Error) -> BucketHandle {
        if let handle = directory.handle(name, restoreCount: store.restoreCount) { return handle }
        while true {
            let restoreCount = store.restoreCount
            let removals = directory.removals
            guard let value = try await read(.catalog, S3Keys.bucket(named: name)) else { throw .noSuchBucket(name) }
            let handle = BucketHandle(name: name, record: try BucketRecord(value.head), restoreCount: restoreCount)
            if let handle = directory.insert(handle, removals: removals) { return handle }
        }
    }
}
