private import Bytes
private import Disk

/// One place on disk that does not hold what was written there, and what is lost with it.
package struct StoreDamage: Sendable, Equatable {
    package var file: String
    package var offset: UInt64
    package var what: String
    /// Whose bytes they are; nil when the place belongs to no key (manifest, log).
    package var owner: Owner?
    /// Pieces of content in this place that were put together in one report.
    package var count = 1

    /// Keys of one keyspace.
    package struct Owner: Sendable, Equatable {
        package var keyspace: Keyspace
        package var smallestKey: [UInt8]
        package var largestKey: [UInt8]
        /// The range begins behind `smallestKey`, which is whole.
        package var isSmallestExcluded = false

        package init(
            keyspace: Keyspace, smallestKey: [UInt8], largestKey: [UInt8], isSmallestExcluded: Bool = false
        ) {
            self.keyspace = keyspace
            self.smallestKey = smallestKey
            self.largestKey = largestKey
            self.isSmallestExcluded = isSmallestExcluded
        }
    }

    init(file: String, offset: UInt64, what: String, owner: Owner? = nil) {
        self.file = file
        self.offset = offset
        self.what = what
        self.owner = owner
    }

    /// What a failed read or check says; nil for errors that are no damage (the store is locked, the disk full).
    init?(_ error: StoreError, owner: Owner? = nil) {
        switch error {
        case .damaged(let file, let offset, let what): self.init(file: file, offset: offset, what: what, owner: owner)
        case .unsupportedFormat(let what): self.init(file: "", offset: 0, what: what, owner: owner)
        case .disk(.io(let operation, let name, let errno)):
            self.init(file: name, offset: 0, what: "\(operation) fails with errno \(errno)", owner: owner)
        case .disk(.notFound(let name)): self.init(file: name, offset: 0, what: "missing", owner: owner)
        default: return nil
        }
    }

    /// Takes in another damage of the same file and kind beside this one.
    mutating func absorb(_ other: StoreDamage) {
        count += other.count
        guard let theirs = other.owner, var mine = owner else { return }
        if precedes(theirs.smallestKey, mine.smallestKey) { mine.smallestKey = theirs.smallestKey }
        if precedes(mine.largestKey, theirs.largestKey) { mine.largestKey = theirs.largestKey }
        owner = mine
    }
}
