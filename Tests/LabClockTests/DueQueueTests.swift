import Disk
import LogStore
import Testing

@testable import LabClock

/// What is due is done, once at least, in its order, together with what made it due.
struct DueQueueTests {
    @Test func entriesRunInOrderOfTimeWhenTheClockHasPassedThem() async throws {
        let lab = try await LabFixture()
        let log = Log()
        lab.due.register(.first, Recorder(store: lab.store, log: log))
        lab.due.register(.second, Recorder(store: lab.store, log: log))
        try await lab.add(
            lab.entry(.second, at: 20, "d"), lab.entry(at: 30, "e"), lab.entry(at: 10, "b"), lab.entry(at: 10, "a"),
            lab.entry(.second, at: 10, "c"), lab.entry(at: 31, "f"))
        #expect(try await lab.due.runDue() == DueReport())
        lab.time.advance(milliseconds: 30)
        #expect(try await lab.due.runDue().doneCount == 5)
        #expect(log.lines == ["240:a", "240:b", "241:c", "241:d", "240:e"])
        #expect(try await lab.due.firstTime() == LabFixture.at(31))
        try await lab.clock.advance(milliseconds: 1)
        try await lab.due.runDue()
        #expect(log.lines.last == "240:f")
        #expect(try await lab.queued() == 0)
        #expect(lab.due.counts == (done: 6, failing: 0))
        #expect(lab.problems.lines == [])
    }

    @Test func manyEntriesComeInBatchesOfNeighbours() async throws {
        let lab = try await LabFixture()
        let log = Log()
        struct Counter: DueHandler {
            let store: LogStore
            let log: Log
            func run(_ entries: [DueEntry]) async throws {
                log.add("\(entries.count)")
                var batch = WriteBatch()
                for entry in entries { entry.remove(from: &batch) }
                try await store.commit(batch)
            }
        }
        lab.due.register(.first, Counter(store: lab.store, log: log))
        var batch = WriteBatch()
        for index in 0..<1000 { lab.due.add(lab.entry(at: -index, "\(index)"), to: &batch) }
        try await lab.store.commit(batch)
        #expect(try await lab.due.runDue().doneCount == 1000)
        #expect(log.lines == ["256", "256", "256", "232"])
    }

    @Test func whatAHandlerAddsRunsInItsTurn() async throws {
        let lab = try await LabFixture()
        let log = Log()
        let due = lab.due
        lab.due.register(
            .first,
            Recorder(store: lab.store, log: log) { entry, batch in
                guard entry.id == Array("chain".utf8), entry.time < LabFixture.at(40) else { return }
                var next = entry
                next.time = entry.time.adding(milliseconds: 10)
                due.add(next, to: &batch)
            })
        lab.due.register(.second, Recorder(store: lab.store, log: log))
        try await lab.add(lab.entry(at: 10, "chain"), lab.entry(.second, at: 25, "between"))
        try await lab.clock.advance(milliseconds: 1_000_000)
        #expect(try await lab.due.runDue().doneCount == 5)
        #expect(log.lines == ["240:chain", "240:chain", "241:between", "240:chain", "240:chain"])
    }

    @Test func whatIsDueBeforeTheEpochOrAtItsEndIsKeptInOrder() async throws {
        let lab = try await LabFixture()
        let log = Log()
        lab.due.register(.first, Recorder(store: lab.store, log: log))
        try await lab.add(
            DueEntry(time: LabTime(millisecondsSinceEpoch: .min), kind: .first, id: [0x61]),
            DueEntry(time: .end, kind: .first, id: [0x62]))
        try await lab.due.runDue()
        #expect(log.lines == ["240:a"])
        try await lab.clock.set(to: .end)
        try await lab.due.runDue()
        #expect(log.lines == ["240:a", "240:b"])
    }

    @Test func anEntryComesWithItsPayloadAndGoesWhenItIsRemoved() async throws {
        let lab = try await LabFixture()
        let entry = DueEntry(time: LabFixture.at(5), kind: .first, id: [0, 1, 255], payload: [9, 8])
        try await lab.add(entry)
        let value = try await lab.store.get(.due, entry.key)
        #expect(try DueEntry(key: entry.key, value: try #require(value)) == entry)
        var batch = WriteBatch()
        lab.due.remove(DueEntry(time: entry.time, kind: entry.kind, id: entry.id), from: &batch)
        try await lab.store.commit(batch)
        #expect(try await lab.queued() == 0)
    }

    @Test func theKeyHasTheBytesOfTheSpecification() {
        let entry = DueEntry(
            time: LabTime(millisecondsSinceEpoch: 1_700_000_000_000), kind: DueKind(rawValue: 0x10), id: [0xAB, 0xCD])
        #expect(entry.key == [0, 0, 0x01, 0x8B, 0xCF, 0xE5, 0x68, 0x00, 0x10, 0xAB, 0xCD])
    }

    // MARK: Where looks begin

    /// Every move of the machine's clock is followed by a look that need not be whole.
    @Test func aCommitThatComesLongAfterItsAnnouncementIsNotMissed() async throws {
        for delay in [0, 1, 9, 10, 11, 19] {
            let lab = try await LabFixture()
            let log = Log()
            lab.due.register(.first, Recorder(store: lab.store, log: log))
            try await lab.add(lab.entry(at: 1_000_000, "far"))
            try await lab.due.runDue()
            lab.time.advance(milliseconds: 500)
            var late = WriteBatch()
            lab.due.add(lab.entry(at: 100, "late"), to: &late)
            for _ in 0..<delay {
                try await lab.due.runDue(isWhole: false)
                lab.time.advance(milliseconds: 1000)
            }
            try await lab.due.runDue(isWhole: false)
            try await lab.store.commit(late)
            // At the next look as a rule, and at the next whole one in any case.
            for _ in 0..<(delay < 10 ? 1 : 11) {
                try await lab.due.runDue(isWhole: false)
                lab.time.advance(milliseconds: 1000)
            }
            #expect(log.lines == ["240:late"], "\(delay) seconds")
        }
    }

    @Test func anAnnouncementCountsInTheNextIntervalToo() {
        var search = DueSearch()
        let interval = DueSearch.wholeNanoseconds
        #expect(search.begin(isWhole: false, atNanoseconds: interval) == nil)
        search.finish(at: LabFixture.at(100))
        search.announce(LabFixture.at(50))
        for (looks, expected) in [(1, 50), (2, 100)] as [(Int64, Int64)] {
            #expect(search.begin(isWhole: false, atNanoseconds: interval * (1 + looks)) == nil)
            search.finish(at: LabFixture.at(100))
            #expect(search.begin(isWhole: false, atNanoseconds: interval * (1 + looks) + 1) == LabFixture.at(expected))
            search.finish(at: LabFixture.at(100))
        }
    }

    @Test func anEntryThatWasNotAnnouncedHereIsFoundAtTheNextWholeLook() async throws {
        let lab = try await LabFixture()
        let log = Log()
        lab.due.register(.first, Recorder(store: lab.store, log: log))
        lab.time.advance(milliseconds: 500)
        try await lab.add(lab.entry(at: 1_000_000, "far"))
        try await lab.due.runDue(isWhole: false)
        var batch = WriteBatch()
        batch.put(.due, lab.entry(at: 100, "strange").key, StoredValue(head: []))
        try await lab.store.commit(batch)
        try await lab.due.runDue(isWhole: false)
        #expect(log.lines == [])
        lab.time.advance(milliseconds: 10_000)
        try await lab.due.runDue(isWhole: false)
        #expect(log.lines == ["240:strange"])
    }

    @Test func whatFailsAndWhatNobodyHandlesIsCountedByEveryLook() async throws {
        struct Broken: DueHandler {
            func run(_ entries: [DueEntry]) async throws { throw Refusal() }
        }
        let lab = try await LabFixture()
        lab.due.register(.first, Broken())
        try await lab.add(lab.entry(.second, at: 1), lab.entry(.second, at: 20), lab.entry(at: 30))
        lab.time.advance(milliseconds: 10)
        #expect(try await lab.due.runDue(isWhole: false) == DueReport(unknownCount: 1))
        lab.time.advance(milliseconds: 30)
        #expect(try await lab.due.runDue(isWhole: false) == DueReport(failingCount: 1, unknownCount: 2))
        #expect(try await lab.due.runDue(isWhole: false) == DueReport(failingCount: 1, unknownCount: 2))
        #expect(try await lab.due.runDue() == DueReport(failingCount: 1, unknownCount: 2))
    }

    // MARK: Failures

    @Test func oneThatFailsIsTriedAgainLaterAndHoldsUpNoOther() async throws {
        let lab = try await LabFixture()
        let log = Log()
        let isMended = Flag()
        lab.due.register(
            .first,
            Recorder(store: lab.store, log: log) { entry, _ in
                if entry.id == Array("bad".utf8), !isMended.isSet { throw Refusal() }
            })
        try await lab.add(lab.entry(at: 1, "a"), lab.entry(at: 2, "bad"), lab.entry(at: 3, "b"))
        try await lab.clock.advance(milliseconds: 10)
        #expect(try await lab.due.runDue() == DueReport(doneCount: 2, failingCount: 1))
        #expect(log.lines == ["240:a", "240:b"])
        #expect(lab.problems.lines.count == 1)
        // Not before its delay, whatever the lab clock does.
        try await lab.clock.advance(milliseconds: 86_400_000)
        #expect(try await lab.due.runDue() == DueReport(failingCount: 1))
        #expect(lab.problems.lines.count == 1)
        // The delay doubles.
        lab.time.advance(milliseconds: 1000)
        #expect(try await lab.due.runDue() == DueReport(failingCount: 1))
        lab.time.advance(milliseconds: 1000)
        #expect(try await lab.due.runDue() == DueReport(failingCount: 1))
        #expect(lab.problems.lines.count == 2)
        isMended.set()
        lab.time.advance(milliseconds: 1000)
        #expect(try await lab.due.runDue() == DueReport(doneCount: 1))
        #expect(log.lines == ["240:a", "240:b", "240:bad"])
        #expect(lab.due.counts == (done: 3, failing: 0))
    }

    @Test func whatFailedAndWasRemovedByAnotherIsForgotten() async throws {
        struct Broken: DueHandler {
            func run(_ entries: [DueEntry]) async throws { throw Refusal() }
        }
        let lab = try await LabFixture()
        lab.due.register(.first, Broken())
        try await lab.add(lab.entry(at: 0, "a"), lab.entry(at: 0, "b"))
        try await lab.due.runDue()
        #expect(try await lab.due.plan().delayNanoseconds != nil)
        var batch = WriteBatch()
        lab.entry(at: 0, "a").remove(from: &batch)
        try await lab.store.commit(batch)
        #expect(try await lab.due.runDue() == DueReport(failingCount: 1))
        lab.entry(at: 0, "b").remove(from: &batch)
        try await lab.store.commit(batch)
        #expect(try await lab.due.runDue() == DueReport())
        // What was announced is still looked for; then nothing is waited for.
        for _ in 0..<3 { _ = try await lab.due.plan() }
        #expect(try await lab.due.plan().delayNanoseconds == nil)
        #expect(try await lab.due.plan().nextTime == nil)
    }

    @Test func whatAHandlerLeavesInTheQueueCountsAsFailed() async throws {
        struct Idle: DueHandler {
            func run(_ entries: [DueEntry]) async throws {}
        }
        let lab = try await LabFixture()
        lab.due.register(.first, Idle())
        try await lab.add(lab.entry(at: 0, "a"), lab.entry(at: 0, "b"))
        #expect(try await lab.due.runDue() == DueReport(failingCount: 2))
        #expect(try await lab.queued() == 2)
    }

    @Test func moreFailuresThanAreRememberedHoldUpNoOtherKind() async throws {
        struct Broken: DueHandler {
            func run(_ entries: [DueEntry]) async throws { throw Refusal() }
        }
        let lab = try await LabFixture()
        let log = Log()
        lab.due.register(.first, Broken())
        lab.due.register(.second, Recorder(store: lab.store, log: log))
        var batch = WriteBatch()
        for index in 0..<1500 { lab.due.add(lab.entry(at: 0, "\(index)"), to: &batch) }
        lab.due.add(lab.entry(.second, at: 1, "other"), to: &batch)
        try await lab.store.commit(batch)
        try await lab.clock.advance(milliseconds: 1)
        #expect(try await lab.due.runDue() == DueReport(doneCount: 1, failingCount: 1500))
        #expect(log.lines == ["241:other"])
    }

    @Test func whatNobodyHandlesStaysAndIsToldOfOnce() async throws {
        let lab = try await LabFixture()
        let log = Log()
        lab.due.register(.second, Recorder(store: lab.store, log: log))
        try await lab.add(lab.entry(at: 0, "a"), lab.entry(at: 0, "b"), lab.entry(.second, at: 0, "c"))
        #expect(try await lab.due.runDue() == DueReport(doneCount: 1, unknownCount: 2))
        #expect(try await lab.due.runDue() == DueReport(unknownCount: 2))
        #expect(lab.problems.lines.count == 1)
        #expect(try await lab.queued() == 2)
    }

    // MARK: Crashes

    /// Cuts the power after every number of writes and syncs: an entry is there exactly when the commit that made it
    /// due is, and its work is done exactly when it is gone.
    @Test func anEntryAndWhatMadeItDueShareTheirFateAtEveryCrash() async throws {
        let whole = try await transfer(crashAfter: nil)
        #expect(whole.operations >= 8)
        for crash in 0..<whole.operations {
            let (lab, _) = try await transfer(crashAfter: crash)
            let log = Log()
            let (source, done) = try await standing(lab)
            let queued = try await lab.queued()
            #expect(queued == (source ? 1 : 0) - (done ? 1 : 0), "crash after \(crash) operations")
            lab.due.register(.first, mover(lab, log))
            try await lab.clock.advance(milliseconds: 10)
            try await lab.due.runDue()
            #expect(try await standing(lab) == (source, source), "crash after \(crash) operations")
            #expect(try await lab.queued() == 0)
        }
    }

    /// Adds an entry with its source, has it handled, and returns what a crash leaves.
    private func transfer(crashAfter: Int?) async throws -> (lab: LabFixture, operations: Int) {
        let lab = try await LabFixture(disk: SimulatedDisk(seed: UInt64(crashAfter ?? 0)))
        let before = lab.disk.operationCount
        lab.disk.crashAfterOperations = crashAfter.map { before + $0 }
        do {
            var batch = WriteBatch()
            batch.put(.catalog, [0xFF, 1], StoredValue(head: []))
            lab.due.add(lab.entry(at: 5), to: &batch)
            try await lab.store.commit(batch, mode: .synced)
            try await lab.clock.advance(milliseconds: 10)
            lab.due.register(.first, mover(lab, Log()))
            try await lab.due.runDue()
            try await lab.store.barrier()
        } catch {
            // The machine has stopped.
        }
        let operations = lab.disk.operationCount - before
        return (try await lab.afterPowerCut(), operations)
    }

    private func mover(_ lab: LabFixture, _ log: Log) -> Recorder {
        Recorder(store: lab.store, log: log) { _, batch in batch.put(.catalog, [0xFF, 2], StoredValue(head: [])) }
    }

    private func standing(_ lab: LabFixture) async throws -> (source: Bool, done: Bool) {
        let source = try await lab.store.get(.catalog, [0xFF, 1]) != nil
        return (source, try await lab.store.get(.catalog, [0xFF, 2]) != nil)
    }

    @Test func whatBecameDueWhileNobodyServedRunsAfterTheStart() async throws {
        var lab = try await LabFixture()
        try await lab.add(lab.entry(at: 1000, "a"), lab.entry(at: 5000, "b"))
        try await lab.store.barrier()
        lab = try await lab.afterKill(milliseconds: 2000)
        let log = Log()
        lab.due.register(.first, Recorder(store: lab.store, log: log))
        try await lab.due.runDue()
        #expect(log.lines == ["240:a"])
    }

    @Test func aRestoreBringsBackWhatWasDueThen() async throws {
        let lab = try await LabFixture()
        let log = Log()
        lab.due.register(.first, Recorder(store: lab.store, log: log))
        try await lab.add(lab.entry(at: 10, "a"))
        _ = try await lab.store.saveCheckpoint(named: "old", createdMilliseconds: 0)
        try await lab.clock.advance(milliseconds: 10)
        try await lab.due.runDue()
        _ = try await lab.store.restoreCheckpoint(named: "old", createdMilliseconds: 0)
        try await lab.due.runDue()
        #expect(log.lines == ["240:a", "240:a"])
        #expect(try await lab.queued() == 0)
    }

    // MARK: Jobs

    /// Counts down in its payload, a turn for each number.
    private struct Countdown: DueHandler {
        let store: LogStore
        let due: DueQueue
        let log: Log

        func run(_ entries: [DueEntry]) async throws {
            for entry in entries {
                log.add("\(String(decoding: entry.id, as: UTF8.self))\(entry.payload[0])")
                var batch = WriteBatch()
                if entry.payload[0] > 0 {
                    var next = entry
                    next.payload[0] -= 1
                    due.add(next, to: &batch)
                } else {
                    entry.remove(from: &batch)
                }
                try await store.commit(batch)
            }
        }
    }

    private func addJobs(_ lab: LabFixture, _ log: Log) async throws {
        lab.due.register(.first, Countdown(store: lab.store, due: lab.due, log: log), isJob: true)
        for (id, count) in [(UInt8(ascii: "a"), 3), (UInt8(ascii: "b"), 1)] as [(UInt8, UInt8)] {
            try await lab.add(DueEntry(time: LabFixture.at(0), kind: .first, id: [id], payload: [count]))
        }
    }

    @Test func jobsTakeTurnsAndEverythingElseComesBetween() async throws {
        let lab = try await LabFixture()
        let log = Log()
        try await addJobs(lab, log)
        lab.due.register(
            .second,
            Recorder(store: lab.store, log: log) { [due = lab.due] entry, batch in
                guard entry.id.count < 3 else { return }
                due.add(DueEntry(time: entry.time, kind: .second, id: entry.id + [0x78]), to: &batch)
            })
        try await lab.add(lab.entry(.second, at: 0, "x"))
        #expect(try await lab.due.runDue(isWhole: false) == DueReport(doneCount: 5, hasJobs: true))
        #expect(log.lines == ["a3", "b1", "241:x", "241:xx", "241:xxx"])
        #expect(try await lab.due.plan().delayNanoseconds == 0)
        try await lab.add(lab.entry(.second, at: -5, "xxx"))
        try await lab.due.runDue(isWhole: false)
        #expect(log.lines.suffix(3) == ["241:xxx", "a2", "b0"])
        #expect(try await lab.due.runDue() == DueReport(doneCount: 2))
        #expect(log.lines.suffix(2) == ["a1", "a0"])
        #expect(try await lab.queued() == 0)
        #expect(lab.problems.lines == [])
    }

    @Test func jobsOfTwoKindsMayHaveOneName() async throws {
        let lab = try await LabFixture()
        let log = Log()
        for kind in [DueKind.first, .second] {
            lab.due.register(kind, Countdown(store: lab.store, due: lab.due, log: log), isJob: true)
            try await lab.add(DueEntry(time: LabFixture.at(0), kind: kind, id: [UInt8(ascii: "a")], payload: [1]))
        }
        #expect(try await lab.due.runDue(isWhole: false) == DueReport(doneCount: 2, hasJobs: true))
        #expect(log.lines == ["a1", "a1"])
    }

    @Test func aJobGoesOnWhereItWasAfterARestart() async throws {
        var lab = try await LabFixture()
        let log = Log()
        try await addJobs(lab, log)
        try await lab.due.runDue(isWhole: false)
        lab = try await lab.afterKill()
        lab.due.register(.first, Countdown(store: lab.store, due: lab.due, log: log), isJob: true)
        try await lab.due.runDue()
        #expect(log.lines == ["a3", "b1", "a2", "b0", "a1", "a0"])
    }
}
