private import Synchronization

/// Data blocks that were read lately, within a fixed number of bytes. Sharded by key; CLOCK within a shard.
/// Thread-safe.
final class BlockCache: Sendable {
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
    }

    /// Enough that two event loops and a compaction seldom meet.
    private static let shardCount = 16

    private let shards: [ShardBox]
    private let shardBytesMax: Int
    private let hits = Atomic<Int>(0)
    private let misses = Atomic<Int>(0)

    private final class ShardBox: Sendable {
        let shard = Lock(Shard())
    }

    init(bytesMax: Int) {
        shards = (0..<Self.shardCount).map { _ in ShardBox() }
        shardBytesMax = bytesMax / Self.shardCount
    }

    /// The shard of a hash: its upper half; the lower is for the place in it.
    private func shard(of hash: UInt64) -> ShardBox { shards[Int(truncatingIfNeeded: hash >> 32) % Self.shardCount] }

    func block(_ key: Key) -> DataBlock? {
        let hash = key.hash
        let found = shard(of: hash).shard.withLock { shard -> DataBlock? in
            guard let place = shard.places.find(hash, where: { shard.slots[$0].key == key }) else { return nil }
            shard.slots[place].wasHit = true
            return shard.slots[place].block
        }
        if found == nil {
            misses.wrappingAdd(1, ordering: .relaxed)
        } else {
            hits.wrappingAdd(1, ordering: .relaxed)
        }
        return found
    }

    func insert(_ key: Key, _ block: DataBlock) {
        let hash = key.hash
        shard(of: hash).shard.withLock { shard in
            guard block.byteCount <= shardBytesMax,
                shard.places.find(hash, where: { shard.slots[$0].key == key }) == nil
            else { return }
            while shard.bytes + block.byteCount > shardBytesMax, !shard.slots.isEmpty { Self.evictOne(&shard) }
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
        (
            shards.reduce(0) { $0 + $1.shard.withLock { $0.bytes } }, hits.load(ordering: .relaxed),
            misses.load(ordering: .relaxed)
        )
    }
}
