/// Keeping the admission controller informed.
extension LogStore {
    /// Background work is reported in pieces of this size: small beside what a tenth of a second brings.
    static let progressBytes = 128 << 10

    /// Background work has moved on by so many bytes: lets in who may go.
    func noteProgress(_ bytes: Int) {
        let waiters = core.withLock { core -> [RoomWaiter] in
            lookAtDebt(&core)
            return core.admission.earn(bytes) ? core.takeWaiters() : []
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The background has nothing to do: no debt shrinks any further, so nobody waits for that.
    func rest() {
        let waiters = core.withLock { core -> [RoomWaiter] in
            core.admission.noteBackgroundRests() ? core.takeWaiters() : []
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Brings what changes with every commit up to date.
    func lookAtDebt(_ core: inout StoreCore) {
        core.admission.debt.memtableBytes = core.version.memtables.reduce(0) { $0 + $1.allocatedBytes }
        core.admission.debt.logRoomBytes = core.logRoomBytes
        core.admission.look()
    }

    /// Brings what merges owe up to date, after a keyspace's runs have changed.
    func noteMergeDebt(_ keyspace: Keyspace, in core: inout StoreCore) {
        hints.noteRuns(keyspace, core.version.runs(keyspace))
        core.mergeDebts[keyspace.index] = MergeDebt(
            core.version.runs(keyspace), options.compactionSettings)
        core.admission.debt.level0Runs = core.mergeDebts.reduce(0) { max($0, $1.level0Runs) }
        core.admission.debt.pendingBytes = core.mergeDebts.reduce(0) { $0 + $1.pendingBytes }
        core.admission.look()
    }
}
