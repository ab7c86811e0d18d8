/// Who runs the engine's steps. The engine owns no thread, task, timer or clock: it says that there is work, and a
/// driver does it.
///
/// The daemon drives with threads, tests inline, the simulator with one thread and a seed.
package protocol StoreDriver: AnyObject, Sendable {
    /// Commits wait: have `LogStore.runCommitStep()` called until it returns false. Called from any thread, possibly
    /// from inside a lock of the store: must not call back synchronously.
    func commitsAreWaiting()

    /// Flush, compaction or log preparation waits: have `LogStore.runBackgroundStep()` called until it returns false.
    /// As above.
    func backgroundIsWaiting()

    /// What is left to do can wait for a quiet moment: after some tens of milliseconds in which nobody called
    /// `backgroundIsWaiting`, have `LogStore.notePause()` called and then background steps as above.
    func backgroundMayPause()

    /// Runs blocking work (a cold read, a large write) where blocking is allowed, and returns on the caller's executor.
    func offload<Result: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Result
    ) async throws(StoreError) -> Result
}
