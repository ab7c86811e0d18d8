private import Synchronization

/// Data blocks that were read lately, within a number of bytes. Sharded by key; CLOCK within a shard. Thread-safe.
///
/// Filters and indexes of open tables are in memory too, and out of the same bytes: with every table that is opened the
/// room for blocks shrinks, and grows again when it goes.
///
/// Unchecked: what changes lies behind the shards' locks.
final class BlockCache: @unchecked Sendable {
    struct Key: Equatable {
        var file: UInt64
        var offset: UInt64

        fileprivate var hash: UInt64 {
            let mixed = (file &* 0x9E37_79B9_7F4A_7C15 ^ offset) &* 0xD6E8_FEB8_6659_FD93
            return mixed ^ mixed >> 32
        }
    }

    private struct Slot {
        var key: Key
        var block: DataBlock
        /// Set by a hit, cleared by the hand as it passes: a block leaves when it was not hit for a whole turn.
        var wasHit: Bool
    }

    private struct Shard {
        var places = SlotIndex()
        var slots: [Slot] = []
        var hand = 0
        var bytes = 0
        var hits = 0
        var misses = 0

        /// Finds a block and notes that it was asked for.
        mutating func block(_ key: Key, hash: UInt64) -> DataBlock? {
            guard let place = places.find(hash, where: { slots[$0].key == key }) else {
                misses += 1
                return nil
            }
            hits += 1
            slots[place].wasHit = true
            return slots[place].block
        }
    }

    /// Enough that two event loops and a compaction seldom meet.
    private static let shardCount = 16

    private let shards: UnsafeMutableBufferPointer<Lock<Shard>>
    private let bytesMax: Int
    private let isSharedWithTables: Bool
    /// What filters and indexes take.
    private let tableBytes = Atomic<Int>(0)

    /// - Parameter isSharedWithTables: false leaves all of the bytes to blocks, whatever tables take beside.
    init(bytesMax: Int, isSharedWithTables: Bool = true) {
        shards = .allocate(capacity: Self.shardCount)
        for place in shards.indices { shards.initializeElement(at: place, to: Lock(Shard())) }
        self.bytesMax = bytesMax
        self.isSharedWithTables = isSharedWithTables
    }

    deinit {
        shards.deinitialize()
        shards.deallocate()
    }

    /// Of the whole, this part is kept for blocks however many tables are open.
    private static let blockShareMin = 8

    private var shardBytesMax: Int {
        let taken = isSharedWithTables ? tableBytes.load(ordering: .relaxed) : 0
        return max(bytesMax / Self.blockShareMin, bytesMax - taken) / Self.shardCount
    }

    /// A table was opened (or, with a negative number, is gone) whose filter and index take so many bytes.
    func noteTable(bytes: Int) { tableBytes.wrappingAdd(bytes, ordering: .relaxed) }

    /// The shard of a hash: its upper half; the lower is for the place in it.
    private func shard(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 32) % Self.shardCount }

    func block(_ key: Key) -> DataBlock? {
        let hash = key.hash
        return shards[shard(of: hash)].withLock { $0.block(key, hash: hash) }
    }

    func insert(_ key: Key, _ block: DataBlock) {
        let hash = key.hash
        shards[shard(of: hash)].withLock { shard in
            let bytesMax = shardBytesMax
            guard block.byteCount <= bytesMax,
                shard.places.find(hash, where: { shard.slots[$0].key == key }) == nil
            else { return }
            while shard.bytes + block.byteCount > bytesMax, !shard.slots.isEmpty { Self.evictOne(&shard) }
            shard.places.insert(hash, shard.slots.count)
            shard.slots.append(Slot(key: key, block: block, wasHit: false))
            shard.bytes += block.byteCount
        }
    }

    private static func evictOne(_ shard: inout Shard) {
        while true {
            if shard.hand >= shard.slots.count { shard.hand = 0 }
            if shard.slots[shard.hand].wasHit {
                shard.slots[shard.hand].wasHit = false
                shard.hand += 1
                continue
            }
            let victim = shard.slots[shard.hand]
            shard.places.remove(victim.key.hash, shard.hand)
            shard.bytes -= victim.block.byteCount
            let last = shard.slots.removeLast()
            if last.key != victim.key {
                shard.slots[shard.hand] = last
                shard.places.move(last.key.hash, from: shard.slots.count, to: shard.hand)
            }
            return
        }
    }

    /// Bytes held, hits and misses since the start.
    var statistics: (bytes: Int, hits: Int, misses: Int) {
        var sum = (bytes: 0, hits: 0, misses: 0)
        for place in shards.indices {
            shards[place].withLock { shard in
                sum.bytes += shard.bytes
                sum.hits += shard.hits
                sum.misses += shard.misses
            }
        }
        return sum
    }
}
