/// Runs the engine's steps on the threads of its callers: for tests and tools. Commits are written inside the call that
/// waits for them.
package final class ImmediateDriver: StoreDriver {
    private struct State {
        weak var store: LogStore?
        var isRunning = false
        var isWanted = false
        var isPauseWanted = false
    }

    private let state = Lock(State())
    private let takesPauses: Bool

    /// - Parameter takesPauses: whether time passes between one call and the next, so that the store is quiet then.
    package init(takesPauses: Bool = true) { self.takesPauses = takesPauses }

    /// The store to drive; its steps run from now on.
    package func attach(_ store: LogStore) {
        state.withLock { $0.store = store }
        run()
    }

    package func commitsAreWaiting() { run() }

    package func backgroundIsWaiting() { run() }

    /// No time passes here: the pause comes when nothing else is left.
    package func backgroundMayPause() {
        if takesPauses { state.withLock { $0.isPauseWanted = true } }
    }

    package func offload<Result: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Result
    ) async throws(StoreError) -> Result { try work() }

    /// Runs steps until none is left. A call from inside a step only asks for another round.
    private func run() {
        while true {
            let store = state.withLock { state -> LogStore? in
                state.isWanted = true
                guard !state.isRunning, let store = state.store else { return nil }
                state.isRunning = true
                state.isWanted = false
                return store
            }
            guard let store else { return }
            var hasMore = true
            while hasMore {
                hasMore = store.runCommitStep()
                if store.runBackgroundStep() { hasMore = true }
                if !hasMore, takePause() {
                    store.notePause()
                    hasMore = true
                }
            }
            let isWanted = state.withLock { state in
                state.isRunning = false
                return state.isWanted
            }
            if !isWanted { return }
        }
    }

    private func takePause() -> Bool {
        state.withLock { state in
            defer { state.isPauseWanted = false }
            return state.isPauseWanted
        }
    }
}
