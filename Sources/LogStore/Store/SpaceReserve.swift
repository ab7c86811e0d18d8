internal import Disk
private import Synchronization

/// How much of the disk new data must leave free, so that deleting, flushing and compacting never lack space.
/// Thread-safe.
final class SpaceReserve: Sendable {
    private let disk: any Disk
    private let bytes = Atomic<UInt64>(0)
    /// What new data was refused; space is short until there is so much more than the reserve.
    private let refusedBytes = Atomic<UInt64>(0)

    init(disk: any Disk) { self.disk = disk }

    /// Sets what must stay free.
    func require(_ newBytes: UInt64) { bytes.store(newBytes, ordering: .relaxed) }

    /// Whether new data may take so many bytes more.
    func permits(_ length: UInt64) -> Bool {
        if freeBytes >= bytes.load(ordering: .relaxed) + length { return true }
        refusedBytes.max(length, ordering: .relaxed)
        return false
    }

    /// Whether the reserve is whole without so many bytes more. A question of the engine's own: nobody is refused.
    func leaves(_ length: UInt64) -> Bool { freeBytes >= bytes.load(ordering: .relaxed) + length }

    /// Whether the reserve is touched, or somebody was refused and would be again.
    var isShort: Bool {
        let refused = refusedBytes.load(ordering: .relaxed)
        if freeBytes < bytes.load(ordering: .relaxed) + refused { return true }
        if refused > 0 { refusedBytes.store(0, ordering: .relaxed) }
        return false
    }

    /// Whether little is left until space is short: what deletes free must come back now, before somebody is refused.
    var isNearlyShort: Bool {
        freeBytes < bytes.load(ordering: .relaxed) + refusedBytes.load(ordering: .relaxed) + Self.marginBytes
    }

    /// Free space beyond the reserve.
    var spareBytes: UInt64 {
        let free = freeBytes
        return free - min(free, bytes.load(ordering: .relaxed))
    }

    /// Two steps of an extent file: so much may be taken by the next writers at once.
    static let marginBytes = 2 * ExtentAppender.allocationStepBytes

    /// Without an answer the disk is taken for full: refusing is the safe side.
    var freeBytes: UInt64 { (try? disk.freeBytes()) ?? 0 }
}
