internal import Bytes

/// The fixed set of ordered maps in one store. The raw value is in every log record and manifest edit: never reuse or
/// renumber one.
///
/// Each keyspace has its own memtable, tables and prefix rule; transactions span them.
package enum Keyspace: UInt8, CaseIterable, Sendable {
    /// Small settings and directories: accounts, buckets, tables, volumes.
    case catalog = 1
    /// S3: bucket id ‖ key → the current version.
    case objects = 2
    /// Owners of large content: body id ‖ ordinal → runs.
    case bodies = 3
    /// Body id ‖ referrer → nothing. The body goes when its last reference goes.
    case references = 4
    /// S3 multipart uploads in progress and lately completed.
    case uploads = 5
    /// S3: bucket id ‖ key ‖ inverted sequence → a noncurrent version.
    case versions = 6
    /// DynamoDB items, indexes, and what commits leave behind for streams and recovery.
    case items = 7
    case indexes = 8
    case history = 9
    case streams = 10
    /// EBS: volume ‖ epoch ‖ block range → extents.
    case blocks = 11
    /// KMS: wrapped keys, grants, aliases.
    case keys = 12
    /// The queue of what is due on the lab clock.
    case due = 13

    /// Its place in a list with an element for each keyspace.
    var index: Int { Int(rawValue) - 1 }

    /// Leading bytes of a key that the filters index besides the whole key; a scan inside one such prefix may skip
    /// tables by it.
    package var filterPrefixLength: Int {
        switch self {
        case .objects, .bodies, .references, .uploads, .versions, .items, .indexes, .history, .streams, .blocks: 8
        case .catalog, .keys, .due: 0
        }
    }

    /// The hash by which filters know the prefix that all keys of `lower..<upper` have in common; nil when they need
    /// not share one.
    func filterPrefixHash(lower: [UInt8], upper: [UInt8]?) -> UInt64? {
        let length = filterPrefixLength
        guard length > 0, lower.count >= length, let upper else { return nil }
        let prefix = lower[..<length]
        // The last key with this prefix lies below the next prefix, which is an upper bound as good as any inside.
        if !upper.starts(with: prefix) {
            guard let end = OrderedKey.end(ofPrefix: Array(prefix)), !precedes(end, upper) else { return nil }
        }
        return prefix.withUnsafeBytes { KeyHash.hash($0, seed: KeyHash.prefixSeed) }
    }
}

/// A position in the one order of commits. The first commit is 1.
package struct SequenceNumber: Hashable, Comparable, Sendable {
    package var rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package static let zero = SequenceNumber(0)
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
