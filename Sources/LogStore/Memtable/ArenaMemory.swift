private import Glibc
private import Synchronization

/// Where the arenas of a store's memtables get their memory from, and how much of it they have. Thread-safe.
///
/// Blocks of full size come straight from the system: what one arena lets go is there for the next, and beyond a bound
/// goes back. In the allocator's heap memtables, which come and go by the dozen megabytes, would lie among what lives
/// longer and leave holes that it cannot give back: measured as much again as the memory in use.
final class ArenaMemory: Sendable {
    static let blockBytes = 1 << 20

    /// Unchecked: a spare block has no other owner.
    private struct Spare: @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer

        func free() { munmap(bytes.baseAddress, bytes.count) }
    }

    private let used = Atomic<Int>(0)
    private let spares = Lock<[Spare]>([])
    private let sparesMax: Int

    /// - Parameter spareBytesMax: memory that is kept while no arena uses it, at most.
    init(spareBytesMax: Int) { sparesMax = spareBytesMax / Self.blockBytes }

    deinit { _ = trimSpares() }

    /// Bytes that arenas have, whoever keeps them alive.
    var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Bytes held that no arena uses.
    var spareBytes: Int { spares.withLock { $0.count } * Self.blockBytes }
    var hasSpares: Bool { spareBytes > 0 }

    /// Uninitialised memory, aligned to 16.
    func take(_ count: Int) -> UnsafeMutableRawBufferPointer {
        used.wrappingAdd(count, ordering: .relaxed)
        guard count == Self.blockBytes else { return .allocate(byteCount: count, alignment: 16) }
        if let spare = spares.withLock({ $0.popLast() }) { return spare.bytes }
        let block = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        // As every allocation in Swift does.
        guard let block, block != MAP_FAILED else { preconditionFailure("memory is exhausted") }
        return UnsafeMutableRawBufferPointer(start: block, count: count)
    }

    /// Takes back what nobody looks at any more.
    func give(_ block: UnsafeMutableRawBufferPointer) {
        used.wrappingSubtract(block.count, ordering: .relaxed)
        guard block.count == Self.blockBytes else { return block.deallocate() }
        let spare = Spare(bytes: block)
        let isKept = spares.withLock { spares in
            guard spares.count < sparesMax else { return false }
            spares.append(spare)
            return true
        }
        if !isKept { spare.free() }
    }

    /// Gives back what no arena uses. False when there is nothing.
    func trimSpares() -> Bool {
        let trimmed = spares.withLock { spares in
            defer { spares = [] }
            return spares
        }
        for spare in trimmed { spare.free() }
        return !trimmed.isEmpty
    }
}
