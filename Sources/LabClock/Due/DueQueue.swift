package import LogStore
private import Synchronization

/// What is due on the lab clock, in the store's keyspace `due`.
///
/// An entry is put into the batch of the commit that makes it due, so one is never there without the other. When lab
/// time has reached it, the handler of its kind does the work and removes it in the same commit. Entries run in order
/// of time among those that are there; what a handler adds runs in its turn. `docs/lab-clock.md`.
package final class DueQueue: Sendable {
    /// Entries that a handler gets at once, at most: enough to share commits, few enough to give way soon.
    package static let batchMax = 256

    private struct State {
        var handlers: [DueKind: any DueHandler] = [:]
        var jobKinds: Set<DueKind> = []
        var unknownKinds: Set<DueKind> = []
        var retries = DueRetries()
        /// Of which restore what is remembered of the queue is.
        var restoreCount = 0
        var failingCount = 0
        var unknownCount = 0
        var hasJobs = false
        var doneCount: UInt64 = 0
        var hurry = DueHurry()
        var search = DueSearch()

        mutating func standing(
            of entry: DueEntry, _ key: [UInt8], _ progress: DueProgress, atNanoseconds now: Int64
        ) -> Standing {
            if handlers[entry.kind] == nil { return .unknown(isNew: unknownKinds.insert(entry.kind).inserted) }
            if retries.isWaiting(key, entry.kind, atNanoseconds: now) { return .waiting }
            guard jobKinds.contains(entry.kind) else { return .ready(isJob: false) }
            return progress.jobs.contains(DueJob(entry)) ? .hadItsTurn : .ready(isJob: true)
        }
    }

    private enum Standing {
        case ready(isJob: Bool)
        /// A job that comes again at the next look.
        case hadItsTurn
        case waiting
        case unknown(isNew: Bool)
    }

    private let store: LogStore
    private let clock: any LabClock
    private let realTime: any RealTime
    private let turns = Turns()
    private let state = Mutex(State())
    private let onProblem: @Sendable (DueProblem) -> Void
    /// Raised when the queue should be looked at earlier than was planned.
    let wakes = Signal()

    /// - Parameters:
    ///   - realTime: what delays before a retry are measured by.
    ///   - onProblem: told what went wrong, on the task that looks at the queue; must be quick.
    package init(
        store: LogStore, clock: any LabClock, realTime: any RealTime,
        onProblem: @escaping @Sendable (DueProblem) -> Void = { _ in }
    ) {
        self.store = store
        self.clock = clock
        self.realTime = realTime
        self.onProblem = onProblem
    }

    // MARK: Setting up

    /// Says who handles a kind. Before the queue is first looked at, and once for each kind.
    ///
    /// - Parameter isJob: whether its entries are work that goes on in many turns, each of which ends with a commit
    ///   that puts the entry back with another payload or a later time. Between two turns of a job everything else that
    ///   is due is done, and nobody who waits for what is due (`DueRunner.settle`) waits for jobs.
    package func register(_ kind: DueKind, _ handler: any DueHandler, isJob: Bool = false) {
        let earlier = state.withLock { state in
            if isJob { state.jobKinds.insert(kind) }
            return state.handlers.updateValue(handler, forKey: kind)
        }
        precondition(earlier == nil, "two handlers of what is due of kind \(kind.rawValue)")
    }

    /// Lets go of all handlers, which may hold services that hold the queue. It handles nothing any more.
    package func close() { state.withLock { $0.handlers = [:] } }

    // MARK: What is due

    /// Puts an entry into the queue, with the rest of the batch or not at all. May be called by bodies that run again.
    /// An entry of the same time, kind and id is replaced.
    package func add(_ entry: DueEntry, to batch: inout WriteBatch) {
        batch.put(.due, entry.key, StoredValue(head: entry.payload))
        let isEarlier = state.withLock { state in
            state.search.announce(entry.time)
            return state.hurry.expect(entry.time)
        }
        if isEarlier { wakes.raise() }
    }

    /// Takes an entry out of the queue: see `DueEntry.remove(from:)`.
    package func remove(_ entry: DueEntry, from batch: inout WriteBatch) { entry.remove(from: &batch) }

    /// Has the queue looked at now, for who cannot wait until it would be: what was added is seen from its commit on.
    package func wake() {
        state.withLock { state in
            state.hurry.hurry()
            state.search.wantWhole()
        }
        wakes.raise()
    }

    /// Entries handled since the start, and those that are due and fail, as of the last look.
    package var counts: (done: UInt64, failing: Int) { state.withLock { ($0.doneCount, $0.failingCount) } }

    /// When the first entry is due, or was; nil when there is none.
    ///
    /// - Throws: as `Cursor.next`.
    package func firstTime() async throws(StoreError) -> LabTime? { try await firstTime(from: []) }

    private func firstTime(from lower: [UInt8]) async throws(StoreError) -> LabTime? {
        guard let (key, value) = try await store.cursor(.due, lower: lower).next() else { return nil }
        return try DueEntry(key: key, value: value).time
    }

    // MARK: Doing it

    /// Handles everything that is due, in order, until nothing is left that can be: jobs to their end. One caller at a
    /// time: others wait.
    ///
    /// - Throws: as `Cursor.next` and `LogStore.commit`; what was handled before is.
    @discardableResult
    package func runDue() async throws(StoreError) -> DueReport {
        var report = try await runDue(isWhole: true)
        while report.hasJobs, !Task.isCancelled {
            let doneCount = report.doneCount
            report = try await runDue(isWhole: true)
            report.doneCount += doneCount
        }
        return report
    }

    /// Handles everything that is due, and gives each job one turn. Unless the look has to be whole, it begins where
    /// the last one ended: see `DueSearch`.
    @discardableResult
    func runDue(isWhole: Bool) async throws(StoreError) -> DueReport {
        await turns.take()
        defer { turns.release() }
        forgetAfterRestore()
        let now = realTime.nanosecondsSinceEpoch()
        let lower = state.withLock { state in
            // What stays in the queue is met by whole looks only.
            let hasLeft = !state.retries.isEmpty || state.unknownCount > 0 || state.hasJobs
            return state.search.begin(isWhole: isWhole || hasLeft, atNanoseconds: now)
        }
        let start = lower.map { DueEntry.bound($0) } ?? []
        var report = DueReport()
        // Behind what this look has handled, so that it does not pass the same removed entries over and over.
        var position = start
        var progress = DueProgress()
        while !Task.isCancelled {
            if position == start { state.withLock { $0.retries.beginLook() } }
            let look: DueLook
            do throws(StoreError) {
                look = try await self.look(from: position, progress)
            } catch {
                // The state that was looked at is no more.
                guard error == .restored || error == .tooOld else { throw error }
                position = start
                continue
            }
            if position == start { report.count(look) }
            progress.time = look.time ?? progress.time
            if let last = look.entries.last {
                report.doneCount += try await run(look.entries)
                position = last.key + [0]
                progress.note(look)
            } else if progress.hasRun {
                // Once more: something may have come to lie before what was handled.
                (position, progress.hasRun) = (start, false)
            } else {
                break
            }
        }
        if Task.isCancelled { return report }
        return state.withLock { state in
            state.search.finish(at: progress.time)
            if lower == nil { state.retries.endLook() }
            state.hasJobs = report.hasJobs
            (state.failingCount, state.unknownCount) = (report.failingCount, report.unknownCount)
            return report
        }
    }

    /// What is due first at or behind a key: neighbours of one kind that are not waiting for a retry or a turn.
    private func look(from position: [UInt8], _ progress: DueProgress) async throws(StoreError) -> DueLook {
        var look = DueLook()
        // An empty queue asks nobody for the time.
        let cursor = store.cursor(.due, lower: position)
        guard var next = try await cursor.next() else { return look }
        let present = clock.now()
        let end = DueEntry.bound(after: present)
        look.time = present
        let now = realTime.nanosecondsSinceEpoch()
        while next.key.lexicographicallyPrecedes(end) {
            let entry = try DueEntry(key: next.key, value: next.value)
            if let first = look.entries.first, entry.kind != first.kind { break }
            switch state.withLock({ $0.standing(of: entry, next.key, progress, atNanoseconds: now) }) {
            case .ready(let isJob):
                look.entries.append(entry)
                look.isJob = isJob
            case .waiting: look.waitingCount += 1
            case .hadItsTurn: look.hasJobs = true
            case .unknown(let isNew):
                look.unknownCount += 1
                if isNew { onProblem(.unknown(kind: entry.kind)) }
            }
            guard look.entries.count < Self.batchMax, let following = try await cursor.next() else { break }
            next = following
        }
        return look
    }

    /// Has entries of one kind handled. Those that stay are tried one by one, so that one that fails holds up no other.
    ///
    /// - Returns: how many are done.
    private func run(_ entries: [DueEntry]) async throws(StoreError) -> Int {
        guard let kind = entries.first?.kind, let handler = state.withLock({ $0.handlers[kind] }) else {
            preconditionFailure("entries were taken from the queue that nobody handles")
        }
        var error = await Self.failure(of: handler, entries)
        var left = try await remaining(entries)
        if !left.isEmpty, entries.count > 1, !Task.isCancelled {
            var failed: [DueEntry] = []
            for entry in left {
                let failure = await Self.failure(of: handler, [entry])
                if let failure { error = failure }
                failed += try await remaining([entry])
            }
            left = failed
        }
        note(entries, left: Set(left))
        // A stop is no failure: what is left comes again after the start.
        if !left.isEmpty, !Task.isCancelled {
            onProblem(.failed(kind: kind, entryCount: left.count, error: error))
        }
        return entries.count - left.count
    }

    private static func failure(of handler: any DueHandler, _ entries: [DueEntry]) async -> (any Error)? {
        do {
            try await handler.run(entries)
            return nil
        } catch {
            return error
        }
    }

    /// Those that are still in the queue as they were.
    private func remaining(_ entries: [DueEntry]) async throws(StoreError) -> [DueEntry] {
        var left: [DueEntry] = []
        for entry in entries where try await store.get(.due, entry.key)?.head == entry.payload { left.append(entry) }
        return left
    }

    private func note(_ entries: [DueEntry], left: Set<DueEntry>) {
        let now = realTime.nanosecondsSinceEpoch()
        state.withLock { state in
            for entry in entries {
                if left.contains(entry) {
                    state.retries.add(entry.key, entry.kind, atNanoseconds: now)
                } else {
                    state.retries.remove(entry.key, entry.kind)
                }
            }
            state.doneCount += UInt64(entries.count - left.count)
        }
    }

    private func forgetAfterRestore() {
        let restoreCount = store.restoreCount
        state.withLock { state in
            guard state.restoreCount != restoreCount else { return }
            state.retries.removeAll()
            state.search.forget()
            state.hasJobs = false
            state.restoreCount = restoreCount
        }
    }

    // MARK: For the runner

    /// Says what there is to wait for, as of now.
    ///
    /// - Throws: as `Cursor.next`.
    func plan() async throws(StoreError) -> DuePlan {
        let lookAgain = state.withLock { $0.hurry.beginPlan() }
        // What was due at the last look fails, if it is still there: its retry counts.
        let lower = state.withLock { $0.search.lower }
        let next = try await firstTime(from: lower.map { DueEntry.bound(after: $0) } ?? [])
        let retry = state.withLock { state in
            state.hurry.plan(next)
            return state.retries.nextNanoseconds
        }
        let now = realTime.nanosecondsSinceEpoch()
        let jobDelay: Int64? = state.withLock { $0.hasJobs } ? 0 : nil
        let delays = [retry.map { max(0, $0 - now) }, lookAgain, jobDelay].compactMap { $0 }
        return DuePlan(nextTime: next, delayNanoseconds: delays.min())
    }
}

/// What was found due.
private struct DueLook {
    var entries: [DueEntry] = []
    /// Whether they are of a job.
    var isJob = false
    /// Jobs were met that have had their turn.
    var hasJobs = false
    /// Of lab time; nil when the queue has nothing that would be due at any time.
    var time: LabTime?
    /// Met on the way and waiting for a retry.
    var waitingCount = 0
    /// Met on the way and handled by nobody.
    var unknownCount = 0
}

/// A job, whatever the time and the payload of its entry.
private struct DueJob: Hashable {
    let kind: DueKind
    let id: [UInt8]

    init(_ entry: DueEntry) {
        kind = entry.kind
        id = entry.id
    }
}

/// How far one call of `runDue` has come.
private struct DueProgress {
    /// Whether anything was handled since the last look from the start.
    var hasRun = false
    /// Of the last look.
    var time: LabTime?
    /// The jobs that have had their turn.
    var jobs: Set<DueJob> = []

    mutating func note(_ look: DueLook) {
        hasRun = true
        if look.isJob { for entry in look.entries { jobs.insert(DueJob(entry)) } }
    }
}

extension DueReport {
    /// What a look from the start has met.
    fileprivate mutating func count(_ look: DueLook) {
        (failingCount, unknownCount, hasJobs) = (look.waitingCount, look.unknownCount, look.hasJobs)
    }
}

/// Until when nothing needs to be done.
struct DuePlan {
    /// Of lab time; nil: never.
    var nextTime: LabTime?
    /// Of the machine's time; nil: none.
    var delayNanoseconds: Int64?
}
