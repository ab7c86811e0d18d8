/// Memory that is handed out in pieces and freed as a whole. One user at a time allocates; what was allocated never
/// moves.
final class Arena {
    /// Pieces come from blocks that double up to `ArenaMemory.blockBytes`, so that an unused keyspace costs a page and
    /// the allocator's cost vanishes in a busy one.
    private static let firstBlockBytes = 4 << 10

    private let memory: ArenaMemory
    private var blocks: [UnsafeMutableRawBufferPointer] = []
    private var next: UnsafeMutableRawPointer?
    private var left = 0
    /// Bytes taken from the system so far.
    private(set) var allocatedBytes = 0

    init(memory: ArenaMemory = ArenaMemory(spareBytesMax: 0)) { self.memory = memory }

    deinit {
        for block in blocks { memory.give(block) }
    }

    /// Uninitialised memory, aligned to 8.
    func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let size = (count + 7) & ~7
        if size > left { refill(size) }
        guard let piece = next else { preconditionFailure("an arena block exists after refill") }
        next = piece + size
        left -= size
        return piece
    }

    private func refill(_ size: Int) {
        let bytes = max(size, min(ArenaMemory.blockBytes, max(Self.firstBlockBytes, allocatedBytes)))
        let block = memory.take(bytes)
        blocks.append(block)
        allocatedBytes += bytes
        next = block.baseAddress
        left = bytes
    }
}
