private import Synchronization

/// With durability `every(N)`: asks for a barrier N milliseconds after a commit at the latest. Costs nothing while
/// nobody writes.
final class SyncTimer: Sendable {
    private struct State {
        var hasUnsyncedCommits = false
        var isStopping = false
    }

    private let intervalMilliseconds: Int
    private let gate = ThreadGate()
    private let state = Lock(State())
    /// The same as the state's flag, read without a lock on every commit.
    private let isNoted = Atomic<Bool>(false)
    private let thread = Lock<SystemThread?>(nil)

    init(intervalMilliseconds: Int) { self.intervalMilliseconds = intervalMilliseconds }

    /// A commit has been handed in. From any thread, cheap.
    func noteCommit() {
        guard !isNoted.load(ordering: .relaxed) else { return }
        guard !isNoted.exchange(true, ordering: .acquiringAndReleasing) else { return }
        gate.locked {
            state.withLock { $0.hasUnsyncedCommits = true }
            gate.wakeOne()
        }
    }

    func start(_ barrier: @escaping @Sendable () async -> Void) {
        thread.withLock { thread in
            thread = SystemThread(name: "varve-sync") { [self] in run(barrier) }
        }
    }

    func stop() {
        gate.locked {
            state.withLock { $0.isStopping = true }
            gate.wakeAll()
        }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func run(_ barrier: @escaping @Sendable () async -> Void) {
        while waitForCommits() {
            // Cleared before the barrier: a commit that comes meanwhile starts the next interval.
            isNoted.store(false, ordering: .releasing)
            let done = OneShot()
            Task {
                await barrier()
                done.signal()
            }
            done.wait()
        }
    }

    /// Sleeps until something was committed and its interval is over. False when stopping.
    private func waitForCommits() -> Bool {
        gate.locked {
            while !state.withLock({ $0.hasUnsyncedCommits || $0.isStopping }) { gate.wait() }
            if !state.withLock({ $0.isStopping }) { gate.wait(milliseconds: intervalMilliseconds) }
            return state.withLock { state in
                state.hasUnsyncedCommits = false
                return !state.isStopping
            }
        }
    }
}
