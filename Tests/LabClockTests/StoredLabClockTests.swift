import Disk
import LogStore
import Synchronization
import Testing

@testable import LabClock

/// The clock's ways to pass time, and that none of them goes back.
struct StoredLabClockTests {
    @Test func aNewLabsTimeIsTheMachines() async throws {
        let lab = try await LabFixture()
        #expect(lab.now == LabFixture.start)
        lab.time.advance(milliseconds: 1234)
        #expect(lab.elapsed == 1234)
        #expect(lab.clock.status == ClockStatus(now: LabFixture.at(1234), mode: .real, speed: 1))
    }

    @Test func aFrozenClockStandsStillAndMovesInSteps() async throws {
        let lab = try await LabFixture()
        try await lab.clock.freeze()
        lab.time.advance(milliseconds: 5000)
        #expect(lab.elapsed == 0)
        let status = try await lab.clock.advance(milliseconds: 90)
        #expect(status == ClockStatus(now: LabFixture.at(90), mode: .frozen, speed: 0))
        try await lab.clock.set(to: LabFixture.at(1000))
        lab.time.advance(milliseconds: 5000)
        #expect(lab.elapsed == 1000)
        // Resumed, it goes on from where it stands.
        try await lab.clock.run()
        lab.time.advance(milliseconds: 7)
        #expect(lab.elapsed == 1007)
        #expect(lab.clock.status.mode == .running)
    }

    @Test(arguments: [0.001, 0.5, 1, 3600, 1_000_000])
    func aClockRunsAtItsSpeed(_ speed: Double) async throws {
        let lab = try await LabFixture()
        try await lab.clock.run(speed: speed)
        lab.time.advance(milliseconds: 60_000)
        #expect(lab.elapsed == Int64(60_000 * speed))
        // A new speed counts from now on.
        try await lab.clock.run(speed: 2)
        lab.time.advance(milliseconds: 10)
        #expect(lab.elapsed == Int64(60_000 * speed) + 20)
    }

    @Test func aStepKeepsThePace() async throws {
        let lab = try await LabFixture()
        try await lab.clock.advance(milliseconds: 1000)
        lab.time.advance(milliseconds: 5)
        #expect(lab.elapsed == 1005)
        try await lab.clock.run(speed: 10)
        try await lab.clock.advance(milliseconds: 1000)
        lab.time.advance(milliseconds: 5)
        #expect(lab.elapsed == 2055)
        #expect(lab.clock.status.speed == 10)
    }

    @Test func whatWouldGoBackIsRefused() async throws {
        let lab = try await LabFixture()
        try await lab.clock.advance(milliseconds: 1000)
        await #expect(throws: ClockError.past(now: LabFixture.at(1000))) {
            try await lab.clock.set(to: LabFixture.at(999))
        }
        await #expect(throws: ClockError.past(now: LabFixture.at(1000))) {
            try await lab.clock.advance(milliseconds: -1)
        }
        await #expect(throws: ClockError.past(now: LabFixture.at(1000))) { try await lab.clock.followRealTime() }
        await #expect(throws: ClockError.afterTheEnd) { try await lab.clock.advance(milliseconds: .max) }
        await #expect(throws: ClockError.afterTheEnd) {
            try await lab.clock.set(to: LabTime(millisecondsSinceEpoch: LabTime.end.millisecondsSinceEpoch + 1))
        }
        for speed in [0, -1, .nan, .infinity, 1_000_001] {
            await #expect(throws: ClockError.self) { try await lab.clock.run(speed: speed) }
        }
        // A refusal changes nothing, the pace included.
        lab.time.advance(milliseconds: 1)
        #expect(lab.elapsed == 1001)
    }

    @Test func theMachinesTimeIsFollowedAgainOnceItIsReached() async throws {
        let lab = try await LabFixture()
        try await lab.clock.freeze()
        lab.time.advance(milliseconds: 60_000)
        let status = try await lab.clock.followRealTime()
        #expect(status == ClockStatus(now: LabFixture.at(60_000), mode: .real, speed: 1))
    }

    @Test func theEndOfTimeIsNotPassed() async throws {
        let lab = try await LabFixture()
        try await lab.clock.set(to: LabTime(millisecondsSinceEpoch: LabTime.end.millisecondsSinceEpoch - 10))
        try await lab.clock.run(speed: 1000)
        lab.time.advance(milliseconds: 86_400_000)
        #expect(lab.clock.now() == .end)
    }

    // MARK: Never back

    @Test(arguments: [false, true])
    func everyAcknowledgedChangeSurvivesAKillAndAPowerCut(_ isPowerCut: Bool) async throws {
        var lab = try await LabFixture()
        func restart(after milliseconds: Int64) async throws {
            lab =
                isPowerCut
                ? try await lab.afterPowerCut(milliseconds: milliseconds)
                : try await lab.afterKill(milliseconds: milliseconds)
        }
        try await lab.clock.freeze()
        try await restart(after: 500)
        #expect(lab.elapsed == 0)
        try await lab.clock.advance(milliseconds: 1000)
        try await restart(after: 500)
        #expect(lab.clock.status == ClockStatus(now: LabFixture.at(1000), mode: .frozen, speed: 0))
        try await lab.clock.run(speed: 100)
        // Time goes on while nobody serves the store.
        try await restart(after: 500)
        #expect(lab.clock.status == ClockStatus(now: LabFixture.at(51_000), mode: .running, speed: 100))
        try await lab.clock.freeze()
        lab.time.advance(milliseconds: 51_000)
        try await lab.clock.followRealTime()
        try await restart(after: 500)
        #expect(lab.clock.status.mode == .real)
    }

    @Test func aMachineClockThatIsSetBackStopsTheLabsAndNoMore() async throws {
        var lab = try await LabFixture()
        lab.time.advance(milliseconds: 1000)
        #expect(lab.elapsed == 1000)
        lab.time.advance(milliseconds: -500)
        #expect(lab.elapsed == 1000)
        // Across a restart too: the progress was noted.
        try await lab.clock.noteProgress()
        lab = try await lab.afterKill()
        #expect(lab.elapsed == 1000)
        lab.time.advance(milliseconds: 501)
        #expect(lab.elapsed == 1001)
        // Whoever does not want to wait for it lets it run from where it is.
        lab.time.advance(milliseconds: -86_400_000)
        try await lab.clock.run()
        lab.time.advance(milliseconds: 5)
        #expect(lab.elapsed == 1006)
        #expect(lab.clock.status.mode == .running)
    }

    @Test func aClockThatFollowsTheMachinesAgainKeepsHowLateItWas() async throws {
        var lab = try await LabFixture()
        try await lab.clock.freeze()
        lab.time.advance(milliseconds: 60_000)
        try await lab.clock.followRealTime()
        lab = try await lab.afterKill(milliseconds: -40_000)
        #expect(lab.elapsed == 60_000)
    }

    @Test func timeThatNobodyWasToldCostsNoCommit() async throws {
        let lab = try await LabFixture()
        let before = lab.disk.writtenBytes
        try await lab.clock.noteProgress()
        #expect(lab.disk.writtenBytes == before)
        _ = lab.clock.now()
        try await lab.clock.noteProgress()
        let noted = lab.disk.writtenBytes
        #expect(noted > before)
        lab.time.advance(milliseconds: 1000)
        _ = lab.clock.peekStatus
        try await lab.clock.noteProgress()
        #expect(lab.disk.writtenBytes == noted)
    }

    @Test func aRestoreBringsBackNoOlderTime() async throws {
        var lab = try await LabFixture()
        _ = try await lab.store.saveCheckpoint(named: "old", createdMilliseconds: 0)
        try await lab.clock.freeze()
        try await lab.clock.advance(milliseconds: 90_000)
        _ = try await lab.store.restoreCheckpoint(named: "old", createdMilliseconds: 0)
        try await lab.clock.noteProgress()
        #expect(lab.elapsed == 90_000)
        lab = try await lab.afterKill()
        #expect(lab.clock.status == ClockStatus(now: LabFixture.at(90_000), mode: .frozen, speed: 0))
    }

    @Test func aChangeThatCannotBeKeptIsNotMade() async throws {
        let lab = try await LabFixture()
        lab.disk.inject(FaultRule(operation: .sync, error: .io(errno: 5), isSticky: true))
        await #expect(throws: ClockError.self) { try await lab.clock.advance(milliseconds: 90_000) }
        lab.time.advance(milliseconds: 5)
        #expect(lab.elapsed == 5)
        #expect(lab.clock.status.mode == .real)
    }

    /// Looks at the clock whenever a commit is about to be written.
    private final class WatchingDriver: StoreDriver {
        let inner = ImmediateDriver()
        let watch: @Sendable () -> Void

        init(watch: @escaping @Sendable () -> Void) { self.watch = watch }

        func commitsAreWaiting() {
            watch()
            inner.commitsAreWaiting()
        }

        func backgroundIsWaiting() { inner.backgroundIsWaiting() }

        func backgroundMayPause() { inner.backgroundMayPause() }

        func offload<Result: Sendable>(
            _ work: @escaping @Sendable () throws(StoreError) -> Result
        ) async throws(StoreError) -> Result { try await inner.offload(work) }
    }

    @Test func nobodyIsToldATimeBeforeItIsKept() async throws {
        let clocks = Mutex<StoredLabClock?>(nil)
        let time = ManualTime(millisecondsSinceEpoch: LabFixture.start)
        let told = Log()
        let driver = WatchingDriver {
            // What is being written is not kept yet; the machine's time goes on meanwhile.
            time.advance(milliseconds: 7)
            let now = clocks.withLock { $0 }?.now().millisecondsSinceEpoch ?? 0
            told.add("\(now - LabFixture.start)")
        }
        let store = try LogStore.open(
            disk: SimulatedDisk(seed: 1), options: StoreOptions(), driver: driver, randomSeed: 1)
        driver.inner.attach(store)
        let clock = try await StoredLabClock.open(store: store, realTime: time)
        clocks.withLock { $0 = clock }
        try await clock.freeze()
        try await clock.advance(milliseconds: 1000)
        try await clock.run(speed: 10)
        try await clock.set(to: LabFixture.at(5000))
        // Frozen at 0; from there to 1000; let run from there, and 7 ms pass at speed 10 before anybody may know.
        #expect(told.lines == ["0", "0", "1000", "1070"])
        #expect(clock.now() == LabFixture.at(5070))
    }

    /// Readers on several threads, while the clock is changed in every way: none sees time go back, each for itself and
    /// after what another had seen.
    @Test func noReaderSeesTimeGoBack() async throws {
        let lab = try await LabFixture()
        await withTaskGroup(of: Bool.self) { group in
            let stop = Flag()
            for _ in 0..<3 {
                group.addTask {
                    var last: Int64 = 0
                    var rounds = 0
                    while !stop.isSet {
                        let seen = lab.now
                        if seen < last { return false }
                        last = seen
                        rounds += 1
                        if rounds % 64 == 0 { await Task.yield() }
                    }
                    return true
                }
            }
            for round in 0..<300 {
                lab.time.advance(milliseconds: Int64(round % 7) - 2)
                switch round % 4 {
                case 0: _ = try? await lab.clock.freeze()
                case 1: _ = try? await lab.clock.run(speed: Double(round % 50 + 1))
                case 2: _ = try? await lab.clock.advance(milliseconds: Int64(round))
                default: _ = try? await lab.clock.run()
                }
                await Task.yield()
            }
            stop.set()
            for await isMonotonic in group { #expect(isMonotonic) }
        }
        // What anybody was told is not after what is kept.
        let told = lab.now
        try await lab.clock.noteProgress()
        #expect(try await lab.afterKill().now >= told)
    }

    // MARK: The record

    @Test func theRecordHasTheBytesOfTheSpecification() async throws {
        let lab = try await LabFixture()
        try await lab.clock.run(speed: 2)
        let value = try await lab.store.get(.catalog, [0x10])
        let expected: [UInt8] =
            [1, 2, 0, 0, 0, 0, 0, 0] + [0, 0, 0x01, 0x8B, 0xCF, 0xE5, 0x68, 0x00]
            + [0x17, 0x97, 0x9C, 0xFE, 0x36, 0x2A, 0x00, 0x00] + [0x40, 0, 0, 0, 0, 0, 0, 0]
            + [0, 0, 0x01, 0x8B, 0xCF, 0xE5, 0x68, 0x00]
        #expect(value?.head == expected)
    }

    @Test func recordsThatAreNoneAreRefused() async throws {
        let sound = ClockRecord(
            setting: .running(from: LabFixture.at(0), at: 5, speed: 2), floor: LabFixture.at(1))
        #expect(try ClockRecord(sound.bytes) == sound)
        var broken: [[UInt8]] = [[], Array(sound.bytes.dropLast()), sound.bytes + [0]]
        // The format, the mode, a zero byte, the lab's time, the speed, the floor.
        for (offset, byte) in [(0, 2), (1, 9), (1, 0), (3, 1), (8, 0x7F), (24, 0xFF), (32, 0x7F)] as [(Int, UInt8)] {
            var bytes = sound.bytes
            bytes[offset] = byte
            broken.append(bytes)
        }
        for bytes in broken {
            #expect(throws: StoreError.self) { try ClockRecord(bytes) }
        }
    }

    // MARK: Waiting

    @Test func aWaitEndsWhenTimeComesHoweverItComes() async throws {
        let lab = try await LabFixture()
        let moves: [@Sendable () async throws -> Void] = [
            { lab.time.advance(milliseconds: 1000) },
            { try await lab.clock.advance(milliseconds: 1000) },
            { try await lab.clock.set(to: lab.clock.now().adding(milliseconds: 1000)) },
            {
                try await lab.clock.freeze()
                lab.time.advance(milliseconds: 60_000)
                try await lab.clock.run(speed: 1000)
                lab.time.advance(milliseconds: 1)
            },
        ]
        for move in moves {
            let target = lab.clock.now().adding(milliseconds: 1000)
            let waiting = Task { await lab.clock.sleep(until: target) }
            while lab.time.sleeperCount == 0 { await Task.yield() }
            try await move()
            await waiting.value
            #expect(lab.clock.now() >= target)
            while lab.time.sleeperCount > 0 { await Task.yield() }
            try await lab.clock.run()
        }
    }

    @Test func aWaitOnAFrozenClockEndsWithItsTask() async throws {
        let lab = try await LabFixture()
        try await lab.clock.freeze()
        let waiting = Task { await lab.clock.sleep(until: LabFixture.at(1)) }
        waiting.cancel()
        await waiting.value
    }
}
