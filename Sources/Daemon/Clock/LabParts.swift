internal import LabClock
internal import LogStore
internal import Logging

/// The lab's time and what happens in it: the clock, the queue of what is due, and what runs it.
struct LabParts: Sendable {
    let clock: StoredLabClock
    /// Services register here what they do when it is due, before the runner starts.
    let due: DueQueue
    let runner: DueRunner

    /// A machine's clock that is behind lab time by more than this is worth a word.
    private static let behindMilliseconds: Int64 = 10_000

    /// - Throws: `StartError` with `.inputOutput` when the clock cannot be read from the store.
    static func open(store: LogStore, logger: Logger) async throws(StartError) -> LabParts {
        let clock: StoredLabClock
        do throws(StoreError) {
            clock = try await StoredLabClock.open(store: store, realTime: SystemTime())
        } catch {
            throw StartError(.inputOutput, "the lab clock cannot be read: \(StoreStart.describe(error))")
        }
        let behind = clock.peekStatus.now.millisecondsSinceEpoch - SystemClock.realMilliseconds()
        if clock.peekStatus.mode == .real, behind > Self.behindMilliseconds {
            logger.warning(
                """
                the machine's clock is \(behind / 1000) s behind lab time, which stands still until it is reached; \
                varve clock run lets it go on from where it is
                """)
        }
        let report: @Sendable (DueProblem) -> Void = { log($0, to: logger) }
        let due = DueQueue(store: store, clock: clock, realTime: SystemTime(), onProblem: report)
        let runner = DueRunner(queue: due, clock: clock, realTime: SystemTime(), onProblem: report)
        return LabParts(clock: clock, due: due, runner: runner)
    }

    /// What carries out what the admin API is asked about the clock.
    var service: ClockService { ClockService(clock: clock, due: due, runner: runner, realTime: SystemTime()) }

    var metrics: LabMetrics { LabMetrics(clock: clock, due: due) }

    /// The clock's state as a JSON object.
    var json: String { "{\(ClockService.fields(clock.peekStatus))}" }

    /// The store was restored: the state that came back has an older clock, and a queue of its own.
    ///
    /// - Throws: as `LogStore.commit`.
    func followRestore() async throws(StoreError) {
        try await clock.noteProgress()
        due.wake()
    }

    private static func log(_ problem: DueProblem, to logger: Logger) {
        switch problem {
        case .failed(let kind, let count, let error):
            let why = error.map { "\($0)" } ?? "it was left in the queue"
            logger.warning(
                "what is due could not be done and is tried again: \(why)",
                metadata: ["kind": "\(kind.rawValue)", "entries": "\(count)"])
        case .unknown(let kind):
            logger.warning(
                "something is due that this version cannot do; it stays in the queue",
                metadata: ["kind": "\(kind.rawValue)"])
        case .store(let error):
            logger.warning("the queue of what is due waits for the store: \(StoreStart.describe(error))")
        }
    }
}
