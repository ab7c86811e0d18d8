package import LabClock
package import LogStore

/// S3's semantics over the engine: plain calls without HTTP.
///
/// Every operation that names a bucket throws `noSuchBucket`, `accessDenied` (another account's bucket, or not the
/// expected owner), and
/// `store`; those are not repeated below. Thread-safe: one service for one store, called from any task. Operations run
/// on the caller's executor and leave it only
/// for cold reads, large writes and commits.
///
/// Tasks are never started; time comes from the clock that is passed in.
package final class S3Service: Sendable {
    /// The engine that everything is kept in.
    package let store: LogStore
    let clock: any LabClock

    /// - Parameter store: opened by the caller, who also closes it.
    package init(store: LogStore, clock: any LabClock) {
        self.store = store
        self.clock = clock
    }
}
