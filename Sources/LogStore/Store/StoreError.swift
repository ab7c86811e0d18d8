package import Disk

/// Why the store refused or failed. A case exists only where a caller reacts to it differently.
package enum StoreError: Error, Sendable, Equatable {
    /// Another process serves this directory.
    case locked(byProcess: Int32?)
    /// The disk is full. Nothing was written; reads and deletes go on, and puts work again once space is free.
    case noSpace
    /// A write or sync failed earlier. Only reads go on until the store is reopened.
    case poisoned(reason: String)
    /// This commit was in flight when the store was poisoned: it may or may not survive.
    case unknownOutcome(reason: String)
    /// Bytes on disk are not what was written. Names the file and the offset; the rest of the store stays readable.
    case damaged(file: String, offset: UInt64, what: String)
    /// The directory holds a format that this version does not know.
    case unsupportedFormat(String)
    /// A limit of `EngineLimits` would be passed. Nothing was written.
    case overLimit(String)
    /// The transaction's reads were overtaken by another commit. Retried inside `transaction`.
    case conflict
    /// The snapshot is older than the validation window, or the store has given it up because it held too much for too
    /// long. Retry with a new one.
    case tooOld
    /// The snapshot or cursor is of a state that a restore has replaced. Take a new one.
    case restored
    /// The store has been closed.
    case closed
    /// Any other failure of the disk.
    case disk(DiskError)
}
