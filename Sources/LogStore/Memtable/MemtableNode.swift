internal import CPlatform

/// A node of the memtable's tree in arena memory: up to fifteen slots whose order is one 64-bit *permutation*.
///
/// The permutation (after Mao, Kohler, Morris, "Cache craftiness for fast multicore key-value storage", EuroSys 2012)
/// holds the count in its low four bits and then fifteen four-bit slot numbers, those in use first and in key order. An
/// insert fills a free slot and publishes it with one release store, so a reader sees the node before or after, never
/// between.
///
/// A slot is never freed: a full node is replaced by two new ones. `right` leads from the left one to the right one
/// while the parent does not know the right one yet; the old node stays as it was for readers who are in it.
///
/// The first eight key bytes behind the prefix that all keys of the node share (known from its bounds) are kept beside
/// each slot, so that most comparisons touch only the node.
struct MemtableNode {
    static let slotCount = 15
    private static let permutationOffset = 0
    private static let rightOffset = 8
    private static let lowOffset = 16
    private static let highOffset = 24
    private static let prefixLengthOffset = 32
    private static let levelOffset = 36
    private static let firstChildOffset = 40
    private static let headsOffset = 48
    private static let slotsOffset = 168
    private static let childrenOffset = 288
    private static let leafBytes = 288
    private static let innerBytes = 408

    /// Identity permutation of no slots: nibble i holds i.
    private static let emptyPermutation: UInt64 = 0xEDCB_A987_6543_2100

    let base: UnsafeMutableRawPointer

    init(base: UnsafeMutableRawPointer) { self.base = base }

    private init(word: UInt64) {
        guard let pointer = UnsafeMutableRawPointer(bitPattern: UInt(word)) else {
            preconditionFailure("a memtable node has its child")
        }
        base = pointer
    }

    var word: UInt64 { UInt64(UInt(bitPattern: base)) }

    /// A new, unpublished node for keys from `low` up to and without `high` (nil: unbounded).
    static func make(in arena: Arena, level: UInt32, low: MemtableEntry?, high: MemtableEntry?) -> MemtableNode {
        let node = MemtableNode(base: arena.allocate(level == 0 ? leafBytes : innerBytes))
        node.base.storeBytes(of: emptyPermutation, toByteOffset: permutationOffset, as: UInt64.self)
        node.base.storeBytes(of: 0, toByteOffset: rightOffset, as: UInt64.self)
        node.base.storeBytes(of: wordOf(low), toByteOffset: lowOffset, as: UInt64.self)
        node.base.storeBytes(of: wordOf(high), toByteOffset: highOffset, as: UInt64.self)
        var prefix = 0
        if let low, let high { prefix = commonPrefixLength(low.key, high.key) }
        node.base.storeBytes(of: UInt32(prefix), toByteOffset: prefixLengthOffset, as: UInt32.self)
        node.base.storeBytes(of: level, toByteOffset: levelOffset, as: UInt32.self)
        node.base.storeBytes(of: 0, toByteOffset: firstChildOffset, as: UInt64.self)
        return node
    }

    private static func wordOf(_ entry: MemtableEntry?) -> UInt64 {
        entry.map { UInt64(UInt(bitPattern: $0.base)) } ?? 0
    }

    // MARK: Fixed at creation

    /// 0 for a leaf.
    var level: UInt32 { base.load(fromByteOffset: Self.levelOffset, as: UInt32.self) }
    var low: MemtableEntry? { bound(Self.lowOffset) }
    /// The first position that does not belong here.
    var high: MemtableEntry? { bound(Self.highOffset) }
    private var prefixLength: Int { Int(base.load(fromByteOffset: Self.prefixLengthOffset, as: UInt32.self)) }

    private func bound(_ offset: Int) -> MemtableEntry? {
        let word = base.load(fromByteOffset: offset, as: UInt64.self)
        return word == 0 ? nil : MemtableEntry(word: word)
    }

    // MARK: Published

    var permutation: UInt64 {
        get { cp_atomic_load_acquire_u64(base + Self.permutationOffset) }
        nonmutating set { cp_atomic_store_release_u64(base + Self.permutationOffset, newValue) }
    }

    /// The sibling that took over the upper half, of a node that came from a split as its lower half.
    var right: MemtableNode? {
        get {
            let word = cp_atomic_load_acquire_u64(base + Self.rightOffset)
            return word == 0 ? nil : MemtableNode(word: word)
        }
        nonmutating set { cp_atomic_store_release_u64(base + Self.rightOffset, newValue?.word ?? 0) }
    }

    @inline(__always) static func count(_ permutation: UInt64) -> Int { Int(permutation & 15) }
    @inline(__always) static func slot(_ permutation: UInt64, _ rank: Int) -> Int {
        Int((permutation >> (4 + 4 * UInt64(rank))) & 15)
    }

    @inline(__always) func entry(slot: Int) -> MemtableEntry {
        MemtableEntry(word: base.load(fromByteOffset: Self.slotsOffset + slot * 8, as: UInt64.self))
    }

    /// The child left of all slots.
    var firstChild: MemtableNode {
        get { MemtableNode(word: cp_atomic_load_acquire_u64(base + Self.firstChildOffset)) }
        nonmutating set { cp_atomic_store_release_u64(base + Self.firstChildOffset, newValue.word) }
    }

    func child(slot: Int) -> MemtableNode {
        MemtableNode(word: cp_atomic_load_acquire_u64(base + Self.childrenOffset + slot * 8))
    }

    func setChild(slot: Int, _ child: MemtableNode) {
        cp_atomic_store_release_u64(base + Self.childrenOffset + slot * 8, child.word)
    }

    /// The child at a rank: 0 is left of the first slot, r is right of the slot at rank r − 1.
    func child(rank: Int, in permutation: UInt64) -> MemtableNode {
        rank == 0 ? firstChild : child(slot: Self.slot(permutation, rank - 1))
    }

    // MARK: Searching

    /// Asks for all of the node at once that a search looks at, before it waits for the first line of it: nodes of a
    /// large memtable are seldom in a near cache.
    @inline(__always)
    func prefetch() {
        cp_prefetch(base)
        cp_prefetch(base + 64)
        cp_prefetch(base + 128)
    }

    /// Eight key bytes behind the node's prefix.
    @inline(__always)
    private func head(of key: UnsafeRawBufferPointer) -> UInt64 { KeyHead.head(of: key, from: prefixLength) }

    /// The number of slots in `permutation` that lie before `position`.
    @inline(__always)
    func rank(of position: MemtablePosition, in permutation: UInt64) -> Int {
        let target = head(of: position.key)
        var lower = 0
        var upper = Self.count(permutation)
        while lower < upper {
            let middle = (lower + upper) >> 1
            let slot = Self.slot(permutation, middle)
            let other = base.load(fromByteOffset: Self.headsOffset + slot * 8, as: UInt64.self)
            let isBefore = other != target ? other < target : position.compare(to: entry(slot: slot)) > 0
            if isBefore { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }

    /// Whether a slot may hold the key at a position: told without a look at the entry, which is seldom near.
    @inline(__always)
    func mayHold(_ key: UnsafeRawBufferPointer, slot: Int) -> Bool {
        base.load(fromByteOffset: Self.headsOffset + slot * 8, as: UInt64.self) == head(of: key)
    }

    // MARK: Writing (the one writer)

    /// Fills a free slot and publishes it at `rank`. The node must not be full.
    func insert(_ entry: MemtableEntry, child: MemtableNode? = nil, rank: Int) {
        let old = permutation
        let count = Self.count(old)
        precondition(count < Self.slotCount && rank <= count, "an insert goes into a free slot")
        let slot = Self.slot(old, count)
        base.storeBytes(
            of: UInt64(UInt(bitPattern: entry.base)), toByteOffset: Self.slotsOffset + slot * 8, as: UInt64.self)
        base.storeBytes(of: head(of: entry.key), toByteOffset: Self.headsOffset + slot * 8, as: UInt64.self)
        if let child { setChild(slot: slot, child) }

        let shift = 4 + 4 * UInt64(rank)
        let belowMask = (UInt64(1) << shift) - 1
        // Ranks rank…count−1 move up by one, over the nibble of the slot that was the first free one.
        let movedMask = count == rank ? 0 : ((UInt64(1) << (4 * UInt64(count - rank))) - 1) << shift
        let moved = (old & movedMask) << 4
        let aboveShift = 4 + 4 * UInt64(count + 1)
        let above = aboveShift >= 64 ? 0 : old & ~((UInt64(1) << aboveShift) - 1)
        var new = (old & belowMask) | UInt64(slot) << shift | moved | above
        new = (new & ~15) | UInt64(count + 1)
        permutation = new
    }
}
