internal import CPlatform

/// Walks one memtable in either direction as a reader at one sequence sees it: at each key its newest version up to
/// that sequence.
///
/// It stays in a leaf with the permutation that it found there. That is enough: a reader needs only what was inserted
/// before its snapshot was taken, and a leaf that a split has replaced stays as it was. At a leaf's end it descends
/// again from the root by the leaf's bound, so it needs no sibling pointers and may turn around anywhere.
///
/// A step costs a comparison of keys within a leaf, and a descent for each leaf.
struct MemtableCursor {
    /// Versions of one key that are passed one by one before a descent is cheaper.
    private static let versionsWalkedMax = 8

    private let memtable: Memtable
    private let sequenceMax: UInt64
    private var leaf: MemtableNode
    private var permutation: UInt64 = 0
    private var rank = 0
    /// The entry that the cursor stands on; nil beyond either end.
    private(set) var entry: MemtableEntry?

    init(_ memtable: Memtable, upTo sequenceMax: UInt64) {
        self.memtable = memtable
        self.sequenceMax = sequenceMax
        leaf = memtable.tree.root
    }

    private func entry(at rank: Int) -> MemtableEntry { leaf.entry(slot: MemtableNode.slot(permutation, rank)) }

    /// A walk looks at every entry of a leaf: they are asked for together, before the first is waited for.
    private mutating func enter(_ leaf: MemtableNode) {
        self.leaf = leaf
        permutation = leaf.permutation
        for rank in 0..<MemtableNode.count(permutation) { cp_prefetch(entry(at: rank).base) }
    }

    // MARK: Forward

    /// Moves to the first key at or above `target`.
    mutating func seek(_ target: UnsafeRawBufferPointer) {
        place(MemtablePosition(key: target, sequence: sequenceMax))
        takeVisible(after: nil)
    }

    /// Moves to the next key. The cursor must stand on an entry.
    mutating func moveToNextKey() {
        guard let old = entry else { preconditionFailure("a memtable cursor moves from where it stands") }
        rank += 1
        takeVisible(after: old)
    }

    /// Moves to the next older version of the same key; false, and no move, when there is none.
    mutating func moveToOlder() -> Bool {
        guard let old = entry else { preconditionFailure("a memtable cursor moves from where it stands") }
        let before = self
        rank += 1
        if crossRight(), compareBytes(entry(at: rank).key, old.key) == 0 {
            entry = entry(at: rank)
            return true
        }
        self = before
        return false
    }

    /// Stands at the first slot at or behind a position, which may be one behind the leaf's last.
    private mutating func place(_ position: MemtablePosition) {
        enter(memtable.tree.leaf(for: position))
        rank = leaf.rank(of: position, in: permutation)
    }

    /// Goes on to the next leaf when the rank is behind the last slot. False at the end.
    private mutating func crossRight() -> Bool {
        while rank >= MemtableNode.count(permutation) {
            guard let high = leaf.high else { return false }
            place(MemtablePosition(key: high.key, sequence: high.sequence))
        }
        return true
    }

    /// Takes the first entry from `rank` on that the reader may see and that is not another version of `old`'s key.
    private mutating func takeVisible(after old: MemtableEntry?) {
        var walked = 0
        while crossRight() {
            let candidate = entry(at: rank)
            let isOldKey = old.map { compareBytes($0.key, candidate.key) == 0 } ?? false
            if !isOldKey, candidate.sequence <= sequenceMax {
                entry = candidate
                return
            }
            walked += 1
            if walked <= Self.versionsWalkedMax {
                rank += 1
            } else {
                // No entry has sequence 0: that position is behind all versions of the key.
                place(MemtablePosition(key: candidate.key, sequence: isOldKey ? 0 : sequenceMax))
                walked = 0
            }
        }
        entry = nil
    }

    // MARK: Backward

    /// Moves to the last key below `target`.
    mutating func seek(before target: UnsafeRawBufferPointer) {
        if placeBefore(MemtablePosition(key: target, sequence: MemtablePosition.sequenceMax)) {
            takeVisibleBackward()
        } else {
            entry = nil
        }
    }

    /// Moves to the last key at or below `target`.
    mutating func seek(atOrBelow target: UnsafeRawBufferPointer) {
        // No entry has sequence 0: that position is behind all versions of the key.
        if placeBefore(MemtablePosition(key: target, sequence: 0)) { takeVisibleBackward() } else { entry = nil }
    }

    /// Moves to the last key.
    mutating func seekToLast() {
        enter(memtable.tree.lastLeaf)
        rank = MemtableNode.count(permutation) - 1
        // Only an empty memtable has an empty leaf.
        if rank < 0 { entry = nil } else { takeVisibleBackward() }
    }

    /// Moves to the previous key. The cursor must stand on an entry.
    mutating func moveToPreviousKey() {
        guard let old = entry else { preconditionFailure("a memtable cursor moves from where it stands") }
        var walked = 0
        while rank > 0, walked < Self.versionsWalkedMax {
            rank -= 1
            if compareBytes(entry(at: rank).key, old.key) != 0 { return takeVisibleBackward() }
            walked += 1
        }
        seek(before: old.key)
    }

    /// Stands on the last entry before a position. False when there is none.
    private mutating func placeBefore(_ position: MemtablePosition) -> Bool {
        var bound = position
        while true {
            enter(memtable.tree.leaf(before: bound))
            rank = leaf.rank(of: bound, in: permutation) - 1
            if rank >= 0 { return true }
            guard let low = leaf.low else { return false }
            bound = MemtablePosition(key: low.key, sequence: low.sequence)
        }
    }

    /// Stands on the oldest version of some key: takes the newest one that the reader may see, of that key or of the
    /// next below that has one.
    private mutating func takeVisibleBackward() {
        while true {
            let oldest = entry(at: rank)
            if oldest.sequence <= sequenceMax { return takeNewestVersion(of: oldest) }
            // All versions of this key are too new.
            guard placeBefore(MemtablePosition(key: oldest.key, sequence: MemtablePosition.sequenceMax)) else {
                entry = nil
                return
            }
        }
    }

    private mutating func takeNewestVersion(of oldest: MemtableEntry) {
        var walked = 0
        while walked < Self.versionsWalkedMax {
            if rank == 0 {
                // A leaf that begins inside the versions of a key leaves newer ones to its left neighbour.
                guard let low = leaf.low, compareBytes(low.key, oldest.key) == 0 else { break }
                walked = Self.versionsWalkedMax
                continue
            }
            let newer = entry(at: rank - 1)
            guard newer.sequence <= sequenceMax, compareBytes(newer.key, oldest.key) == 0 else { break }
            rank -= 1
            walked += 1
        }
        if walked >= Self.versionsWalkedMax {
            place(MemtablePosition(key: oldest.key, sequence: sequenceMax))
            precondition(crossRight(), "a version that was there stays")
        }
        entry = entry(at: rank)
    }
}
