internal import Synchronization

/// The background's list of chores, and the turn at it: one step at a time does maintenance. Thread-safe.
final class Janitor: Sendable {
    private struct State {
        var isMaintaining = false
        /// Names of files that nothing refers to any more.
        var unlinks: [String] = []
        var compaction: CompactionJob?
        /// Keyspaces whose compaction met damage: they are left as they are, readable outside of it.
        var damagedKeyspaces: Set<Keyspace> = []
    }

    private let state = Mutex(State())
    private let driver: any StoreDriver

    init(driver: any StoreDriver) { self.driver = driver }

    /// Takes the maintenance turn; false when somebody else has it.
    func takeTurn() -> Bool {
        state.withLock { state in
            if state.isMaintaining { return false }
            state.isMaintaining = true
            return true
        }
    }

    func endTurn() { state.withLock { $0.isMaintaining = false } }

    /// Queues a file to be unlinked.
    func discard(_ name: String) {
        state.withLock { $0.unlinks.append(name) }
        driver.backgroundIsWaiting()
    }

    func takeDiscarded() -> String? { state.withLock { $0.unlinks.popLast() } }

    var compaction: CompactionJob? {
        get { state.withLock { $0.compaction } }
        set { state.withLock { $0.compaction = newValue } }
    }

    func markDamaged(_ keyspace: Keyspace) { state.withLock { _ = $0.damagedKeyspaces.insert(keyspace) } }

    func isDamaged(_ keyspace: Keyspace) -> Bool { state.withLock { $0.damagedKeyspaces.contains(keyspace) } }
}
