import LogStore
import Testing

@testable import LabClock

/// The runner wakes for what there is to do, and ends when it is told to.
struct DueRunnerTests {
    /// Runs `body` beside a runner of the lab's queue.
    private func withRunner(
        _ lab: LabFixture, _ body: (DueRunner) async throws -> Void
    ) async throws {
        let problems = lab.problems
        let runner = DueRunner(queue: lab.due, clock: lab.clock, realTime: lab.time) { problems.add("\($0)") }
        let running = Task { await runner.run() }
        do {
            try await body(runner)
            running.cancel()
            await running.value
        } catch {
            running.cancel()
            await running.value
            throw error
        }
        #expect(lab.problems.lines == [])
    }

    /// Waits until the log has so many lines; moves no clock.
    private func expect(_ log: Log, _ lines: [String]) async {
        while log.lines.count < lines.count { await Task.yield() }
        #expect(log.lines == lines)
    }

    private func recorded(_ lab: LabFixture) -> Log {
        let log = Log()
        lab.due.register(.first, Recorder(store: lab.store, log: log))
        return log
    }

    @Test func itWakesWhenTimePassesAndWhenTheClockIsChanged() async throws {
        let lab = try await LabFixture()
        let log = recorded(lab)
        try await lab.add(
            lab.entry(at: 100, "a"), lab.entry(at: 86_400_000, "b"), lab.entry(at: 2 * 86_400_000, "c"),
            lab.entry(at: 3 * 86_400_000, "d"))
        try await withRunner(lab) { runner in
            _ = await runner.settle()
            #expect(log.lines == [])
            while lab.time.sleeperCount == 0 { await Task.yield() }
            lab.time.advance(milliseconds: 100)
            await expect(log, ["240:a"])
            try await lab.clock.set(to: LabFixture.at(86_400_000))
            await expect(log, ["240:a", "240:b"])
            try await lab.clock.freeze()
            try await lab.clock.advance(milliseconds: 86_400_000)
            await expect(log, ["240:a", "240:b", "240:c"])
            // Frozen, nothing comes; resumed at a million, the day takes 87 milliseconds.
            lab.time.advance(milliseconds: 1000)
            _ = await runner.settle()
            #expect(log.lines.count == 3)
            try await lab.clock.run(speed: 1_000_000)
            _ = await runner.settle()
            while lab.time.sleeperCount == 0 { await Task.yield() }
            lab.time.advance(milliseconds: 87)
            await expect(log, ["240:a", "240:b", "240:c", "240:d"])
        }
    }

    @Test func itWakesForAnEntryThatIsDueBeforeWhatItWaitsFor() async throws {
        let lab = try await LabFixture()
        let log = recorded(lab)
        try await withRunner(lab) { runner in
            _ = await runner.settle()
            try await lab.add(lab.entry(at: 0, "now"))
            // Added before its commit, so that the first look may find nothing: the next one is a moment later.
            while log.lines.isEmpty {
                lab.time.advance(milliseconds: 1)
                await Task.yield()
            }
            try await lab.add(lab.entry(at: 30_000, "later"))
            while log.lines.count < 2 {
                lab.time.advance(milliseconds: 10)
                await Task.yield()
            }
            #expect(lab.elapsed >= 30_000)
            #expect(log.lines == ["240:now", "240:later"])
        }
    }

    @Test func settlingWaitsForEverythingThatIsDue() async throws {
        let lab = try await LabFixture()
        let log = Log()
        lab.due.register(
            .first,
            Recorder(store: lab.store, log: log) { _, _ in for _ in 0..<20 { await Task.yield() } })
        try await withRunner(lab) { runner in
            for round in 1...20 {
                var batch = WriteBatch()
                for index in 0..<20 { lab.due.add(lab.entry(at: round * 1000, "\(index)"), to: &batch) }
                try await lab.store.commit(batch)
                try await lab.clock.set(to: LabFixture.at(Int64(round * 1000)))
                #expect(await runner.settle() != nil)
                #expect(log.lines.count == round * 20)
            }
        }
    }

    /// A job that never ends keeps nobody waiting, neither what is due nor who waits for that.
    @Test func settlingDoesNotWaitForJobs() async throws {
        struct Endless: DueHandler {
            let store: LogStore
            let due: DueQueue
            func run(_ entries: [DueEntry]) async throws {
                for entry in entries {
                    var batch = WriteBatch()
                    var next = entry
                    next.payload = [entry.payload[0] &+ 1]
                    due.add(next, to: &batch)
                    try await store.commit(batch)
                }
            }
        }
        let lab = try await LabFixture()
        let log = recorded(lab)
        lab.due.register(.second, Endless(store: lab.store, due: lab.due), isJob: true)
        try await lab.add(DueEntry(time: LabFixture.at(0), kind: .second, id: [], payload: [0]))
        try await withRunner(lab) { runner in
            for round in 1...5 {
                try await lab.add(lab.entry(at: round * 1000, "\(round)"))
                try await lab.clock.set(to: LabFixture.at(Int64(round * 1000)))
                #expect(await runner.settle() != nil)
                #expect(log.lines.count == round)
            }
        }
    }

    @Test func aFailureIsTriedAgainByItself() async throws {
        let lab = try await LabFixture()
        let log = Log()
        let tries = Log()
        lab.due.register(
            .first,
            Recorder(store: lab.store, log: log) { _, _ in
                tries.add("try")
                if tries.lines.count < 3 { throw Refusal() }
            })
        try await lab.add(lab.entry(at: 0, "a"))
        let runner = DueRunner(queue: lab.due, clock: lab.clock, realTime: lab.time)
        let running = Task { await runner.run() }
        let report = await runner.settle()
        #expect(report?.failingCount == 1)
        while log.lines.isEmpty {
            lab.time.advance(milliseconds: 10)
            await Task.yield()
        }
        #expect(lab.elapsed >= 3000)
        running.cancel()
        await running.value
        // Nobody is left to settle anything.
        #expect(await runner.settle() == nil)
    }

    @Test func itNotesHowLateItIs() async throws {
        let lab = try await LabFixture()
        try await withRunner(lab) { runner in
            _ = await runner.settle()
            for _ in 0..<3 {
                _ = lab.clock.now()
                lab.time.advance(milliseconds: 10_000)
                _ = await runner.settle()
            }
            while lab.time.sleeperCount == 0 { await Task.yield() }
        }
        let value = try #require(try await lab.store.get(.catalog, ClockRecord.key))
        #expect(try ClockRecord(value.head).floor >= LabFixture.at(20_000))
    }

    /// The same entries with the same moves of the clock are handled in the same order, seed for seed.
    @Test func manyClientsAndOneRunnerLoseNothing() async throws {
        let lab = try await LabFixture()
        let log = recorded(lab)
        try await withRunner(lab) { runner in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<4 {
                    group.addTask {
                        for index in 0..<100 {
                            try await lab.add(lab.entry(at: (client * 37 + index * 53) % 4000, "\(client)-\(index)"))
                        }
                    }
                }
                group.addTask { for _ in 0..<40 { try await lab.clock.advance(milliseconds: 100) } }
                try await group.waitForAll()
            }
            _ = await runner.settle()
        }
        #expect(log.lines.count == 400)
        #expect(Set(log.lines).count == 400)
        #expect(try await lab.queued() == 0)
    }
}
