import Dispatch

@testable import LogStore

/// Runs the store's steps on real threads, as a server does: one queue commits, one does maintenance.
final class ThreadDriver: StoreDriver {
    private let commits = DispatchQueue(label: "commits")
    private let background = DispatchQueue(label: "background")
    private let store = Lock<LogStore?>(nil)

    func attach(_ store: LogStore) {
        self.store.withLock { $0 = store }
        commitsAreWaiting()
        backgroundIsWaiting()
    }

    /// Waits for the steps under way and lets the store go.
    func stop() {
        store.withLock { $0 = nil }
        commits.sync {}
        background.sync {}
    }

    func commitsAreWaiting() {
        commits.async { while let store = self.current, store.runCommitStep() {} }
    }

    func backgroundMayPause() {
        background.asyncAfter(deadline: .now() + .milliseconds(5)) {
            self.current?.notePause()
            while let store = self.current, store.runBackgroundStep() {}
        }
    }

    func backgroundIsWaiting() {
        background.async { while let store = self.current, store.runBackgroundStep() {} }
    }

    private var current: LogStore? { store.withLock { $0 } }

    func offload<Result: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let result = await withUnsafeContinuation {
            (continuation: UnsafeContinuation<Swift.Result<Result, StoreError>, Never>) in
            DispatchQueue.global().async {
                do throws(StoreError) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
