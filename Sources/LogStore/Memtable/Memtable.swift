/// The newest entries of one keyspace in memory, ordered by key and, within a key, newest first.
///
/// **Concurrency.** One writer at a time (the commit pipeline, under its lock); any number of readers, who take no
/// lock, never wait and never see half an insert. A reader at sequence S needs only entries published before S was;
/// whatever is inserted later may or may not be visible to it and is filtered by sequence.
///
/// **Invariants.** (1) A published entry, and the slots of a published permutation, never change. (2) A node covers
/// positions from `low` up to `high`; a split publishes the two halves before the old node leaves the tree, and the
/// left half leads to the right one. (3) Entries and nodes live as long as the memtable.
///
/// Insert and lookup cost O(log n) comparisons, most of them within one cache line pair.
///
/// Unchecked: readers and the writer meet only in arena words accessed with acquire and release (`MemtableNode`), and
/// the writer is serialised by its caller.
final class Memtable: @unchecked Sendable {
    private let arena: Arena
    /// What readers look at.
    let tree: MemtableTree
    /// Keeps the range deletes' steps. The writer's.
    private var ranges: Memtable?
    private(set) var entryCount = 0
    private(set) var rangeDeleteCount = 0
    /// Entries that are deletes.
    private(set) var deleteCount = 0
    /// Bytes of keys and values, as a measure of what a flush will write.
    private(set) var contentBytes = 0

    /// A tree over 15-slot nodes with at least seven in each stays below this depth for any count that fits in memory.
    private static let depthMax = 24

    /// - Parameter arena: where entries and nodes lie; the same writer may use it for other memtables.
    init(arena: Arena = Arena()) {
        self.arena = arena
        tree = MemtableTree.make(in: arena)
    }

    // MARK: Reading

    /// Whether there is nothing to flush.
    var isEmpty: Bool { tree.isEmpty }

    var hasEntries: Bool { tree.hasEntries }

    /// Nil while there are none.
    var rangeDeletes: RangeDeleteMap? { tree.rangeDeletes }

    /// The first entry at or behind a position, and nil at the end.
    func firstEntry(from position: MemtablePosition) -> MemtableEntry? { tree.firstEntry(from: position) }

    /// The newest version of a key up to `sequence`; nil when this memtable has none.
    func newestEntry(of key: UnsafeRawBufferPointer, upTo sequence: UInt64) -> MemtableEntry? {
        tree.newestEntry(of: key, upTo: sequence)
    }

    // MARK: Writing (the one writer)

    /// Adds a version. Its sequence must be above every earlier one of the same key.
    func insert(sequence: UInt64, kind: EntryKind, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let entry = MemtableEntry.make(in: arena, sequence: sequence, kind: kind, key: key, value: value)
        let position = MemtablePosition(key: entry.key, sequence: sequence)
        withUnsafeTemporaryAllocation(of: MemtableNode.self, capacity: Self.depthMax) { path in
            var depth = 0
            var node = tree.root
            node.prefetch()
            while node.level > 0 {
                precondition(depth < Self.depthMax, "a memtable is not that deep")
                path[depth] = node
                depth += 1
                let permutation = node.permutation
                node = node.child(rank: tree.childRank(of: position, in: node, permutation), in: permutation)
                node.prefetch()
            }
            if MemtableNode.count(node.permutation) < MemtableNode.slotCount {
                node.insert(entry, rank: node.rank(of: position, in: node.permutation))
            } else {
                let (left, right) = split(node, adding: entry, child: nil, at: position)
                replace(node, with: left, right, path: path, depth: depth)
            }
        }
        entryCount += 1
        if kind == .delete { deleteCount += 1 }
        contentBytes += key.count + value.count + MemtableEntry.headerBytes
    }

    /// Deletes all keys of a range as of before `sequence`, which must be above that of every earlier range delete that
    /// it meets.
    func deleteRange(from lower: UnsafeRawBufferPointer, to upper: UnsafeRawBufferPointer, sequence: UInt64) {
        let steps = ranges ?? Memtable(arena: arena)
        RangeDeleteMap(steps).insert(from: lower, to: upper, sequence: sequence)
        rangeDeleteCount += 1
        contentBytes += lower.count + upper.count + MemtableEntry.headerBytes
        guard ranges == nil else { return }
        ranges = steps
        tree.publish(rangeDeletes: steps)
    }

    /// Builds the two nodes that take the place of a full one, with one more entry in them.
    private func split(
        _ node: MemtableNode, adding entry: MemtableEntry, child: MemtableNode?, at position: MemtablePosition
    ) -> (MemtableNode, MemtableNode) {
        let permutation = node.permutation
        let count = MemtableNode.slotCount
        let newRank = node.rank(of: position, in: permutation)
        let total = count + 1
        func item(_ rank: Int) -> (MemtableEntry, MemtableNode?) {
            if rank == newRank { return (entry, child) }
            let slot = MemtableNode.slot(permutation, rank < newRank ? rank : rank - 1)
            return (node.entry(slot: slot), node.level == 0 ? nil : node.child(slot: slot))
        }
        // Keys that arrive in order leave full leaves behind.
        let isAppend = newRank == count && node.high == nil
        let leftCount = isAppend ? count : total / 2
        let (middle, middleChild) = item(leftCount)
        let left = MemtableNode.make(in: arena, level: node.level, low: node.low, high: middle)
        let right = MemtableNode.make(in: arena, level: node.level, low: middle, high: node.high)
        for rank in 0..<leftCount {
            let (entry, child) = item(rank)
            left.insert(entry, child: child, rank: rank)
        }
        // In a leaf the middle entry is the first of the right half; in an inner node it moves up and leaves its child.
        let first = node.level == 0 ? leftCount : leftCount + 1
        for rank in first..<total {
            let (entry, child) = item(rank)
            right.insert(entry, child: child, rank: rank - first)
        }
        if node.level > 0 {
            left.firstChild = node.firstChild
            guard let middleChild else { preconditionFailure("an inner slot has a child") }
            right.firstChild = middleChild
        }
        left.right = right
        return (left, right)
    }

    /// Puts two nodes in the place of one: first the left in the parent's child word (the right is reachable through
    /// it), then the right as a new slot.
    private func replace(
        _ old: MemtableNode, with left: MemtableNode, _ right: MemtableNode,
        path: UnsafeMutableBufferPointer<MemtableNode>, depth: Int
    ) {
        guard let fence = right.low else { preconditionFailure("the right half of a split has a lower bound") }
        guard depth > 0 else {
            let newRoot = MemtableNode.make(in: arena, level: old.level + 1, low: nil, high: nil)
            newRoot.firstChild = left
            newRoot.insert(fence, child: right, rank: 0)
            tree.publish(root: newRoot)
            return
        }
        let parent = path[depth - 1]
        let position = MemtablePosition(key: fence.key, sequence: fence.sequence)
        let permutation = parent.permutation
        let rank = parent.rank(of: position, in: permutation)
        if rank == 0 {
            parent.firstChild = left
        } else {
            parent.setChild(slot: MemtableNode.slot(permutation, rank - 1), left)
        }
        if MemtableNode.count(permutation) < MemtableNode.slotCount {
            parent.insert(fence, child: right, rank: rank)
        } else {
            let (upperLeft, upperRight) = split(parent, adding: fence, child: right, at: position)
            replace(parent, with: upperLeft, upperRight, path: path, depth: depth - 1)
        }
    }
}
