internal import CPlatform

/// What readers need of a memtable: two words of its arena. It neither keeps the memtable alive nor counts references,
/// which is the greater part of a lookup's cost where the memtable has nothing; whoever uses it holds the memtable or
/// its set.
///
/// Unchecked: reads what `Memtable` publishes, with acquire.
struct MemtableTree: @unchecked Sendable {
    /// Holds the root's address.
    private let rootWord: UnsafeMutableRawPointer
    /// Holds the address of the steps of range deletes; 0 as long as there are none.
    private let rangesWord: UnsafeMutableRawPointer

    /// An empty tree.
    static func make(in arena: Arena) -> MemtableTree {
        let tree = MemtableTree(rootWord: arena.allocate(8), rangesWord: arena.allocate(8))
        tree.rangesWord.storeBytes(of: 0, as: UInt64.self)
        let root = MemtableNode.make(in: arena, level: 0, low: nil, high: nil)
        tree.rootWord.storeBytes(of: root.word, as: UInt64.self)
        return tree
    }

    // MARK: Published

    var isEmpty: Bool { !hasEntries && cp_atomic_load_acquire_u64(rangesWord) == 0 }

    var hasEntries: Bool {
        let root = root
        return root.level > 0 || MemtableNode.count(root.permutation) > 0
    }

    /// The range deletes; nil while there are none.
    var rangeDeletes: RangeDeleteMap? {
        guard let address = UnsafeRawPointer(bitPattern: UInt(cp_atomic_load_acquire_u64(rangesWord))) else {
            return nil
        }
        return RangeDeleteMap(Unmanaged<Memtable>.fromOpaque(address).takeUnretainedValue())
    }

    /// The root as of now.
    var root: MemtableNode {
        guard let base = UnsafeMutableRawPointer(bitPattern: UInt(cp_atomic_load_acquire_u64(rootWord))) else {
            preconditionFailure("a memtable has a root")
        }
        return MemtableNode(base: base)
    }

    /// The writer's.
    func publish(root: MemtableNode) { cp_atomic_store_release_u64(rootWord, root.word) }

    /// The writer's, which keeps them.
    func publish(rangeDeletes steps: Memtable) {
        let address = UInt(bitPattern: Unmanaged.passUnretained(steps).toOpaque())
        cp_atomic_store_release_u64(rangesWord, UInt64(address))
    }

    // MARK: Reading

    /// The first entry at or behind a position, and nil at the end.
    func firstEntry(from position: MemtablePosition) -> MemtableEntry? {
        var position = position
        while true {
            let leaf = leaf(for: position)
            let permutation = leaf.permutation
            let rank = leaf.rank(of: position, in: permutation)
            if rank < MemtableNode.count(permutation) { return leaf.entry(slot: MemtableNode.slot(permutation, rank)) }
            // The leaf may be a replaced one; descending again from the root by its upper bound finds the next in any
            // case.
            guard let high = leaf.high else { return nil }
            position = MemtablePosition(key: high.key, sequence: high.sequence)
        }
    }

    /// The newest version of a key up to `sequence`; nil when this memtable has none. An entry's versions come newest
    /// first, so it is the first entry at or behind that position, if it has the key.
    func newestEntry(of key: UnsafeRawBufferPointer, upTo sequence: UInt64) -> MemtableEntry? {
        var position = MemtablePosition(key: key, sequence: sequence)
        while true {
            let leaf = leaf(for: position)
            let permutation = leaf.permutation
            let rank = leaf.rank(of: position, in: permutation)
            if rank < MemtableNode.count(permutation) {
                let slot = MemtableNode.slot(permutation, rank)
                guard leaf.mayHold(key, slot: slot) else { return nil }
                let entry = leaf.entry(slot: slot)
                return compareBytes(entry.key, key) == 0 ? entry : nil
            }
            // As in `firstEntry`; no key behind the bound's is the one.
            guard let high = leaf.high, compareBytes(high.key, key) == 0 else { return nil }
            position = MemtablePosition(key: high.key, sequence: high.sequence)
        }
    }

    /// The leaf that holds the first entry at or behind a position, or ends before it.
    func leaf(for position: MemtablePosition) -> MemtableNode {
        var node = root
        while true {
            node.prefetch()
            if node.level == 0 { return settle(node, for: position) }
            node = child(of: node, for: position)
        }
    }

    /// The child of an inner node on the way to a position.
    @inline(__always)
    func child(of node: MemtableNode, for position: MemtablePosition) -> MemtableNode {
        let node = settle(node, for: position)
        let permutation = node.permutation
        return node.child(rank: childRank(of: position, in: node, permutation), in: permutation)
    }

    /// The leaf that holds the last entry before a position, or begins behind it.
    func leaf(before position: MemtablePosition) -> MemtableNode {
        var node = root
        while true {
            while let right = node.right, let high = node.high, position.compare(to: high) > 0 { node = right }
            if node.level == 0 { return node }
            // A fence equal to the position is the lowest entry of the child behind it: what is before lies to its
            // left.
            let permutation = node.permutation
            node = node.child(rank: node.rank(of: position, in: permutation), in: permutation)
        }
    }

    /// The leaf without an upper bound.
    var lastLeaf: MemtableNode {
        var node = root
        while true {
            while let right = node.right { node = right }
            if node.level == 0 { return node }
            let permutation = node.permutation
            node = node.child(rank: MemtableNode.count(permutation), in: permutation)
        }
    }

    /// Follows `right` from a node whose upper half has moved and whose parent does not know yet.
    private func settle(_ node: MemtableNode, for position: MemtablePosition) -> MemtableNode {
        var node = node
        while let right = node.right, let high = node.high, position.compare(to: high) >= 0 { node = right }
        return node
    }

    /// A slot's entry is the lowest position of the child behind it, so an equal position goes to the right.
    func childRank(of position: MemtablePosition, in node: MemtableNode, _ permutation: UInt64) -> Int {
        let rank = node.rank(of: position, in: permutation)
        guard rank < MemtableNode.count(permutation) else { return rank }
        let slot = MemtableNode.slot(permutation, rank)
        guard node.mayHold(position.key, slot: slot) else { return rank }
        return position.compare(to: node.entry(slot: slot)) == 0 ? rank + 1 : rank
    }
}
