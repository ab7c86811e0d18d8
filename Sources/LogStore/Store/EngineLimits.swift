/// The engine's limits, each with its reason. Over a limit is an error before any I/O.
package enum EngineLimits {
    /// A key fits in a table block's entry header and leaves room for S3's 1,024-byte keys behind a 16-byte prefix, and
    /// DynamoDB's 2,048 + 1,024.
    package static let keyBytesMax = 4096
    /// The opaque head of a value, which stays inline in tables. The largest there are hold two images of an item of
    /// DynamoDB, each of up to 400 KB by DynamoDB's rule and twice that in its stored form, and the item's key.
    package static let headBytesMax = 2 * 1024 * 1024
    /// Content up to this stays inline in tables: an extra read would cost more than the space.
    package static let inlineContentBytesMax = 1024
    /// Content up to this travels in the commit log (one sync) and is separated into an extent at flush; above, it must
    /// be written with an `ExtentWriter` first (two syncs).
    package static let logContentBytesMax = 64 * 1024
    /// Commits that are written together, encoded. Small beside a segment, at whose end so much may stay unused.
    package static let groupBytesMax = 8 * 1024 * 1024
    /// One commit, encoded; one that is larger than a group is written by itself. The largest item of DynamoDB in its
    /// stored form (800 KB) takes so much with its stream's record, its history and its entries in twenty-five indexes.
    package static let commitBytesMax = 24 * 1024 * 1024
    package static let commitOperationsMax = 32_768
    /// Range deletes of one commit: each may change as many places as its memtable has range deletes already, under the
    /// pipeline's lock.
    package static let rangeDeletesPerCommitMax = 256
    /// A set of memtables with so many range deletes is flushed: bounds that work, and what a look-up pays for them.
    package static let rangeDeletesPerSetMax = 2048
    /// A table that would hold more is cut: its properties are in memory and in one edit of the manifest.
    package static let rangeDeletesPerTableMax = 4096
    /// A snapshot is given up after so many freezes, flushes and merges: minutes of heavy writing. (The engine has no
    /// clock, and in a store that does not change a snapshot holds nothing.)
    package static let snapshotAgeMax: UInt64 = 1_000
    /// Disk that snapshots may keep in the smallest store: a long scan of it beside heavy writing.
    package static let snapshotDiskBytesMin: UInt64 = 1 << 30
    /// Logical bytes of one run: bounds the chunk directory that a read must fetch before the first byte.
    package static let runBytesMax = 8 * 1024 * 1024
    package static let runsPerValueMax = 16_384
    /// A name that fits in a line of a list.
    package static let checkpointNameBytesMax = 64
    /// Checkpoints at once. Each is a few bytes a table in the manifest, which is read whole at opening.
    package static let checkpointsMax = 256
}
