internal import CPlatform

/// Opens once. Threads that wait for it sleep in the kernel, and are woken together with one call.
///
/// Unchecked: one word of memory, accessed with atomics.
final class Gate: @unchecked Sendable {
    private static let closed: UInt32 = 0
    private static let closedWithSleepers: UInt32 = 1
    private static let opened: UInt32 = 2

    private let word: UnsafeMutablePointer<UInt32>

    init() {
        word = .allocate(capacity: 1)
        word.initialize(to: Self.closed)
    }

    deinit { word.deallocate() }

    /// Lets everybody through, from now on. Costs a system call only when somebody sleeps.
    func open() {
        if cp_atomic_exchange_u32(word, Self.opened) == Self.closedWithSleepers { cp_wake_all(word) }
    }

    /// Blocks the calling thread until the gate is open.
    func wait() {
        while true {
            switch cp_atomic_load_acquire_u32(word) {
            case Self.opened: return
            case Self.closed: _ = cp_atomic_compare_exchange_u32(word, Self.closed, Self.closedWithSleepers)
            default: cp_wait_while_u32(word, Self.closedWithSleepers)
            }
        }
    }
}
