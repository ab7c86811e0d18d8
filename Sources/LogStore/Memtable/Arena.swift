/// Memory that is handed out in pieces and freed as a whole. One user at a time allocates; what was allocated never
/// moves.
final class Arena {
    /// Pieces come from blocks that double up to this size, so that an unused keyspace costs a page and the allocator's
    /// cost vanishes in a busy one.
    private static let blockBytesMax = 1 << 20
    private static let firstBlockBytes = 4 << 10

    private var blocks: [UnsafeMutableRawPointer] = []
    private var next: UnsafeMutableRawPointer?
    private var left = 0
    /// Bytes taken from the system so far.
    private(set) var allocatedBytes = 0

    deinit {
        for block in blocks { block.deallocate() }
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
        let bytes = max(size, min(Self.blockBytesMax, max(Self.firstBlockBytes, allocatedBytes)))
        let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        blocks.append(block)
        allocatedBytes += bytes
        next = block
        left = bytes
    }
}
