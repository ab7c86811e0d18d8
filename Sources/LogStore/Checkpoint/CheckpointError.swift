/// Why nothing was saved, restored, branched or removed.
package enum CheckpointError: Error, Sendable, Equatable {
    case invalidName(String, why: String)
    case alreadyExists(String)
    case notFound(String)
    /// There are `EngineLimits.checkpointsMax` already.
    case tooMany
    /// It is being restored or branched.
    case inUse(String)
    /// Something other than an empty directory is where a branch should go.
    case placeTaken(String)
    case store(StoreError)
}
