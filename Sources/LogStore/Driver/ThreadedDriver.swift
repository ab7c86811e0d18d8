private import Synchronization

/// Runs the engine with threads: one commits, one does background work, a few do what may block, and with `every(N)`
/// one keeps the interval of syncs.
package final class ThreadedDriver: StoreDriver {
    private let commitThread = StepThread(name: "varve-commit")
    private let backgroundThread = StepThread(name: "varve-backgrnd")
    private let pool: OffloadPool
    private let syncTimer: SyncTimer?

    /// - Parameter syncIntervalMilliseconds: with durability `every(N)`, the N; nil otherwise.
    package init(offloadThreadCount: Int, syncIntervalMilliseconds: Int?) {
        pool = OffloadPool(threadCount: offloadThreadCount)
        syncTimer = syncIntervalMilliseconds.map(SyncTimer.init(intervalMilliseconds:))
    }

    /// Begins to run an open store's steps. What the store has announced before is not lost.
    package func start(driving store: LogStore) {
        start(
            commitStep: { store.runCommitStep() }, backgroundStep: { store.runBackgroundStep() },
            pause: { store.notePause() },
            barrier: {
                // A store that refuses has told the committers already, and refuses them from then on.
                try? await store.barrier()
            })
    }

    /// The same for any steps; the store's are the ones that matter, tests have their own.
    package func start(
        commitStep: @escaping @Sendable () -> Bool, backgroundStep: @escaping @Sendable () -> Bool,
        pause: @escaping @Sendable () -> Void = {}, barrier: @escaping @Sendable () async -> Void
    ) {
        commitThread.start(commitStep)
        backgroundThread.start(backgroundStep, pause: pause)
        syncTimer?.start(barrier)
    }

    package func commitsAreWaiting() {
        syncTimer?.noteCommit()
        commitThread.tell()
    }

    package func backgroundIsWaiting() { backgroundThread.tell() }

    package func backgroundMayPause() { backgroundThread.askForPause() }

    package func offload<Result: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        // The continuation is resumed on the pool's thread, and the task goes on where it belongs: its own executor.
        let result = await withUnsafeContinuation {
            (continuation: UnsafeContinuation<Swift.Result<Result, StoreError>, Never>) in
            pool.submit {
                do throws(StoreError) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// Where tasks run that would keep an event loop busy for too long.
    package var offloadExecutor: any TaskExecutor { pool }

    /// Finishes what waits and ends all threads. Nothing may be handed in afterwards.
    package func stop() {
        syncTimer?.stop()
        commitThread.stop()
        backgroundThread.stop()
        pool.stop()
    }

    /// Whether the background has done all it could find: flushes and compactions have settled until more is written.
    package var isBackgroundIdle: Bool { backgroundThread.isIdle }

    /// Work that waits for a thread of the pool, and work done by it since the start.
    package var offloadCounts: (waiting: Int, finished: Int) { (pool.waitingCount, pool.finishedCount) }
}
