@testable import LogStore

/// Runs nothing by itself: the test makes every step, in an order of its own.
final class ManualDriver: StoreDriver {
    func commitsAreWaiting() {}

    func backgroundMayPause() {}

    func backgroundIsWaiting() {}

    func offload<Result: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Result
    ) async throws(StoreError) -> Result { try work() }
}
