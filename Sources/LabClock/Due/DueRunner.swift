internal import LogStore
private import Synchronization

/// Has what is due handled when the lab clock passes it, in a task of the daemon's.
///
/// Woken when the clock is changed, when an entry that is due earlier is added, and when a retry is due; and from time
/// to time in any case, when it also makes the clock's progress durable.
package final class DueRunner: Sendable {
    private struct State {
        var startedLooks: UInt64 = 0
        var finishedLooks: UInt64 = 0
        var report: DueReport?
        var isOver = false
        /// The machine's time.
        var notedNanoseconds: Int64 = .min
    }

    /// Between two looks at most, and between two notes of the clock's progress at least.
    private static let restNanosecondsMax: Int64 = 10_000_000_000
    /// After the store has refused something.
    private static let pauseNanoseconds: Int64 = 1_000_000_000

    private let queue: DueQueue
    private let clock: StoredLabClock
    private let realTime: any RealTime
    private let onProblem: @Sendable (DueProblem) -> Void
    private let state = Mutex(State())
    private let looks = Signal()

    /// - Parameter onProblem: told what went wrong with the store.
    package init(
        queue: DueQueue, clock: StoredLabClock, realTime: any RealTime,
        onProblem: @escaping @Sendable (DueProblem) -> Void = { _ in }
    ) {
        self.queue = queue
        self.clock = clock
        self.realTime = realTime
        self.onProblem = onProblem
    }

    /// Runs until the task is cancelled; a handler that is at work then is waited for.
    package func run() async {
        while !Task.isCancelled {
            let seen = [(clock.changes, clock.changes.count), (queue.wakes, queue.wakes.count)]
            do throws(StoreError) {
                try await look()
                try await noteProgress()
                let plan = try await queue.plan()
                await rest(plan, unless: seen)
            } catch {
                onProblem(.store(error))
                await realTime.sleep(nanoseconds: Self.pauseNanoseconds)
            }
        }
        state.withLock { $0.isOver = true }
        looks.raise()
    }

    /// Has everything handled that is due at the time of the call, and returns when it is, or when `run` is over.
    ///
    /// - Returns: what was left at the end; nil when the runner is over or the task was cancelled.
    package func settle() async -> DueReport? {
        // A look that is under way has begun too early to count.
        let wanted = state.withLock { $0.startedLooks + 1 }
        queue.wake()
        while !Task.isCancelled {
            let seen = looks.count
            let (isOver, report) = state.withLock { ($0.isOver, $0.finishedLooks >= wanted ? $0.report : nil) }
            if let report { return report }
            if isOver { return nil }
            await looks.wait(since: seen)
        }
        return nil
    }

    private func look() async throws(StoreError) {
        let number = state.withLock { state in
            state.startedLooks += 1
            return state.startedLooks
        }
        let report = try await queue.runDue(isWhole: false)
        // One that was broken off has not seen everything.
        if Task.isCancelled { return }
        state.withLock { state in
            state.finishedLooks = number
            state.report = report
        }
        looks.raise()
    }

    private func noteProgress() async throws(StoreError) {
        let now = realTime.nanosecondsSinceEpoch()
        let isDue = state.withLock { state in
            let isDue = now.subtractingReportingOverflow(state.notedNanoseconds)
            guard isDue.overflow || isDue.partialValue >= Self.restNanosecondsMax || isDue.partialValue < 0 else {
                return false
            }
            state.notedNanoseconds = now
            return true
        }
        if isDue { try await clock.noteProgress() }
    }

    private func rest(_ plan: DuePlan, unless signals: [(Signal, UInt64)]) async {
        var delay = min(Self.restNanosecondsMax, plan.delayNanoseconds ?? .max)
        if let next = plan.nextTime, let left = clock.realNanoseconds(until: next) { delay = min(delay, left) }
        await realTime.rest(nanoseconds: delay, unless: signals)
    }
}
