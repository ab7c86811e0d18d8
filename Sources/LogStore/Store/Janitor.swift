/// The background's list of chores, and the turn at it: one step at a time does maintenance. Thread-safe.
final class Janitor: Sendable {
    private struct State {
        var isMaintaining = false
        /// Names of files that nothing refers to any more.
        var unlinks: [String] = []
        var flush: FlushJob?
        /// Those of them that are too large to be removed at once.
        var largeUnlinks: [String] = []
        var removal: Removal?
        var pace = ChorePace()
        /// What was found to need no cleaning, and under which conditions.
        var cleanVersion: UInt64?
        var cleanConditions: CleaningConditions?
        /// Cleaning is due as soon as no commits come.
        var waitsForIdle = false
        /// Extent files in which cleaning met a damaged run: they stay.
        var damagedExtents: Set<UInt64> = []
        /// Extent files that may have been open at a crash: what was reserved ahead in them is to be given back.
        var tails: [UInt64] = []
        var compaction: CompactionJob?
        /// What was found to need no merge.
        var settledVersion: UInt64?
        var settledSpace = SpaceState.enough
        var wasQuietWhenSettled = false
        /// A merge is due as soon as no commits come.
        var mergeWaitsForQuiet = false
        /// Chores that found the disk full, with the bytes that were free then: with no more than that they need not
        /// try again.
        var blocked: [Chore: UInt64] = [:]
        var isStuck = false
        /// Checkpoints to be removed.
        var drops: [CheckpointOrder] = []
    }

    private let state = Lock(State())
    private let driver: any StoreDriver

    init(driver: any StoreDriver) { self.driver = driver }

    /// What may find the disk full.
    enum Chore: Hashable {
        case layOut, flush, compact
    }

    /// Whether a chore may run: it has not failed for lack of space, or more is free now.
    func mayTry(_ chore: Chore, free: @autoclosure () -> UInt64) -> Bool {
        guard let before = state.withLock({ $0.blocked[chore] }) else { return true }
        guard free() > before else { return false }
        state.withLock { $0.blocked[chore] = nil }
        return true
    }

    func block(_ chore: Chore, free: UInt64) { state.withLock { $0.blocked[chore] = free } }

    /// Notes whether the last step found nothing that it could do while something is blocked.
    func noteStep(didSomething: Bool) -> Bool {
        state.withLock { state in
            let wasStuck = state.isStuck
            state.isStuck = !didSomething && !state.blocked.isEmpty
            return state.isStuck && !wasStuck
        }
    }

    /// Whether nothing can go on before more than `free` bytes are free.
    func isStuck(free: UInt64) -> Bool {
        state.withLock { $0.isStuck && $0.blocked.values.allSatisfy { free <= $0 } }
    }

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

    /// The flush that is on its way.
    var flush: FlushJob? {
        get { state.withLock { $0.flush } }
        set { state.withLock { $0.flush = newValue } }
    }

    func setAside(_ name: String) { state.withLock { $0.largeUnlinks.append(name) } }

    func takeSetAside() -> String? { state.withLock { $0.largeUnlinks.popLast() } }

    var hasSetAside: Bool { state.withLock { !$0.largeUnlinks.isEmpty } }

    var removal: Removal? {
        get { state.withLock { $0.removal } }
        set { state.withLock { $0.removal = newValue } }
    }

    func withPace<Result>(_ body: (inout ChorePace) -> Result) -> Result { state.withLock { body(&$0.pace) } }

    /// Whether a version was found to need no cleaning under the same conditions.
    func isClean(_ version: StoreVersion, _ conditions: CleaningConditions) -> Bool {
        state.withLock { $0.cleanVersion == version.number && $0.cleanConditions == conditions }
    }

    /// Notes that a version needs no cleaning now.
    ///
    /// - Parameter waitsForIdle: it will, when no commits come.
    func noteClean(_ version: StoreVersion, _ conditions: CleaningConditions, waitsForIdle: Bool) {
        state.withLock { state in
            state.cleanVersion = version.number
            state.cleanConditions = conditions
            state.waitsForIdle = waitsForIdle
        }
    }

    /// What was needed before is not any more: cleaning looks again.
    func forgetClean() { state.withLock { $0.cleanVersion = nil } }

    var waitsForIdle: Bool { state.withLock { $0.waitsForIdle } }

    func noteDamagedExtents(_ files: Set<UInt64>) { state.withLock { $0.damagedExtents.formUnion(files) } }

    var damagedExtents: Set<UInt64> { state.withLock { $0.damagedExtents } }

    func noteTails(_ files: [UInt64]) { state.withLock { $0.tails = files } }

    func takeTail() -> UInt64? { state.withLock { $0.tails.popLast() } }

    func drop(_ order: CheckpointOrder) {
        state.withLock { $0.drops.append(order) }
        driver.backgroundIsWaiting()
    }

    func takeDrop() -> CheckpointOrder? { state.withLock { $0.drops.isEmpty ? nil : $0.drops.removeFirst() } }

    var compaction: CompactionJob? {
        get { state.withLock { $0.compaction } }
        set { state.withLock { $0.compaction = newValue } }
    }

    /// Whether a version was found to need no merge in this state of the disk.
    func isSettled(_ version: StoreVersion, _ space: SpaceState, isQuiet: Bool) -> Bool {
        state.withLock {
            $0.settledVersion == version.number && $0.settledSpace == space && $0.wasQuietWhenSettled == isQuiet
        }
    }

    /// Notes that a version needs no merge now.
    ///
    /// - Parameter waitsForQuiet: it will, when no commits come.
    func noteSettled(_ version: StoreVersion, _ space: SpaceState, isQuiet: Bool, waitsForQuiet: Bool) {
        state.withLock { state in
            state.settledVersion = version.number
            state.settledSpace = space
            state.wasQuietWhenSettled = isQuiet
            state.mergeWaitsForQuiet = waitsForQuiet
        }
    }

    var mergeWaitsForQuiet: Bool { state.withLock { $0.mergeWaitsForQuiet } }
}
