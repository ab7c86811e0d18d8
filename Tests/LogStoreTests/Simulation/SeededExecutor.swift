import Bytes
import Synchronization

@testable import LogStore

/// Runs tasks one piece at a time, each time the one that a seed picks: concurrency without threads.
final class SeededExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        jobs.withLock { $0.append(unowned) }
    }

    /// Runs one piece of a task that can go on, up to where it waits. False when none can.
    func runOne(_ random: inout SeededRandom) -> Bool {
        let job = jobs.withLock { jobs -> UnownedJob? in
            jobs.isEmpty ? nil : jobs.remove(at: Int.random(in: 0..<jobs.count, using: &random))
        }
        job?.runSynchronously(on: asUnownedTaskExecutor())
        return job != nil
    }
}

/// Lets others go first around whatever blocks; all else is up to the simulation.
final class SimulatedDriver: StoreDriver {
    func commitsAreWaiting() {}

    func backgroundIsWaiting() {}

    func backgroundMayPause() {}

    func offload<Result: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        await Task.yield()
        let result = try work()
        await Task.yield()
        return result
    }
}
