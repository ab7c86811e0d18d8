import Disk
import LabClock
import LogStore
import NIOHTTP1
import Testing

@testable import Daemon

@Suite struct ClockTests {
    private static let moment = LabTime(millisecondsSinceEpoch: 1_700_000_000_123)

    @Test(arguments: [
        ClockRequest.show, .freeze, .follow, .run(speed: 1), .run(speed: 0.001), .run(speed: 1_000_000),
        .run(speed: 3.7), .set(moment, timeoutMilliseconds: 5), .set(.end, timeoutMilliseconds: 0),
        .advance(milliseconds: 0, timeoutMilliseconds: 60_000),
        .advance(milliseconds: .max, timeoutMilliseconds: 3_600_000),
    ])
    func aRequestIsUnderstoodAsItWasMade(request: ClockRequest) throws {
        let (method, target) = request.target
        guard case .admin(let path) = OwnPath(target: target) else {
            Issue.record("\(target) is no path of the admin API")
            return
        }
        #expect(path.hasPrefix("clock"))
        let query = target.drop { $0 != "?" }.dropFirst()
        #expect(try ClockRequest(method, path: path.dropFirst("clock".count), query: query) == request)
    }

    @Test func whatIsNotSaidHasADefault() throws {
        #expect(try ClockRequest(.POST, path: "/run", query: "") == .run(speed: 1))
        #expect(
            try ClockRequest(.POST, path: "/set", query: "to=2023-11-14T23:13:20.123%2B01:00")
                == .set(Self.moment, timeoutMilliseconds: ClockRequest.timeoutMilliseconds))
        #expect(
            try ClockRequest(.POST, path: "/advance", query: "by=1d&timeout=2m")
                == .advance(milliseconds: 86_400_000, timeoutMilliseconds: 120_000))
    }

    @Test(arguments: [
        (HTTPMethod.POST, "", "", AdminRefusal.wrongMethod), (.GET, "/freeze", "", .wrongMethod),
        (.DELETE, "/set", "to=x", .wrongMethod), (.POST, "/", "", .unknownPath), (.POST, "/fly", "", .unknownPath),
        (.GET, "x", "", .unknownPath), (.POST, "/set", "", .malformed("to is missing")),
        (.POST, "/set", "to=2027-01-01", .malformed("to must be a time, as in 2027-01-01T00:00:00Z")),
        (.POST, "/set", "to=2027-02-30T00:00:00Z", .malformed("to must be a time, as in 2027-01-01T00:00:00Z")),
        (.POST, "/advance", "", .malformed("by is missing")),
        (.POST, "/advance", "by=7", .malformed("by must be a length of time, as in 90s, 15m, 24h or 7d")),
        (.POST, "/advance", "by=1d&timeout=61m", .malformed("timeout must be an hour at most")),
        (.POST, "/advance", "by=1d&by=2d", .malformed("there is no parameter by here, or it came twice")),
        (.POST, "/advance", "by=%zz", .malformed("by=%zz is no parameter")),
        (.POST, "/run", "speed=0", .malformed("speed must be a number from 0.001 to 1000000")),
        (.POST, "/run", "speed=nan", .malformed("speed must be a number from 0.001 to 1000000")),
        (.POST, "/freeze", "now", .malformed("now is no parameter")),
        (.GET, "", "x=1", .malformed("there is no parameter x here, or it came twice")),
    ])
    func whatIsNoRequestIsRefused(method: HTTPMethod, path: String, query: String, refusal: AdminRefusal) {
        #expect(throws: refusal) { try ClockRequest(method, path: path[...], query: query[...]) }
    }

    @Test(
        arguments: [
            ("0s", 0), ("250ms", 250), ("90s", 90_000), ("15m", 900_000), ("24h", 86_400_000), ("7d", 604_800_000),
            ("1h30m", 5_400_000), ("9223372036854775807ms", .max), ("9223372036854775808ms", nil),
            ("106751991168d", nil), ("9223372036854775807ms1s", nil), ("", nil), ("s", nil), ("7", nil), ("7 d", nil),
            ("-7d", nil), ("7w", nil), ("7D", nil), ("1.5h", nil), ("٧d", nil),
        ] as [(String, Int64?)])
    func lengthsOfTimeAreReadAsPeopleWriteThem(text: String, milliseconds: Int64?) {
        #expect((try? DurationText.parse(text)) == milliseconds)
    }

    // MARK: Outcomes

    private struct Lab {
        let time = ManualTime(millisecondsSinceEpoch: 1_700_000_000_000)
        let store: LogStore
        let clock: StoredLabClock
        let due: DueQueue
        let runner: DueRunner
        let service: ClockService

        init() async throws {
            let driver = ImmediateDriver()
            store = try LogStore.open(
                disk: SimulatedDisk(seed: 1), options: StoreOptions(), driver: driver, randomSeed: 1)
            driver.attach(store)
            clock = try await StoredLabClock.open(store: store, realTime: time)
            due = DueQueue(store: store, clock: clock, realTime: time)
            runner = DueRunner(queue: due, clock: clock, realTime: time)
            service = ClockService(clock: clock, due: due, runner: runner, realTime: time)
        }

        /// Runs what is due beside `body`.
        func running(_ body: () async throws -> Void) async throws {
            let task = Task { [runner] in await runner.run() }
            do { try await body() } catch {
                task.cancel()
                throw error
            }
            task.cancel()
            await task.value
        }
    }

    private static let kind = DueKind(rawValue: 0xF0)

    @Test func outcomesHaveTheirStatus() async throws {
        let lab = try await Lab()
        try await lab.running {
            let service = lab.service
            #expect(await service.carryOut(.show).text == "2023-11-14T22:13:20.000Z  real\n")
            let frozen = await service.carryOut(.freeze)
            #expect(frozen.status == .ok)
            #expect(frozen.json == "{\"now\":\"2023-11-14T22:13:20.000Z\",\"mode\":\"frozen\",\"speed\":0}")
            let moved = await service.carryOut(.set(Self.moment, timeoutMilliseconds: 1000))
            #expect(moved.status == .ok)
            #expect(
                moved.json == "{\"now\":\"2023-11-14T22:13:20.123Z\",\"mode\":\"frozen\",\"speed\":0,"
                    + "\"settled\":true,\"done\":0,\"failing\":0}")
            let back = await service.carryOut(
                .set(LabTime(millisecondsSinceEpoch: 1_700_000_000_122), timeoutMilliseconds: 1000))
            #expect(back.status == .conflict)
            #expect(back.text == "lab time does not go back: it is 2023-11-14T22:13:20.123Z already\n")
            #expect(await service.carryOut(.follow).status == .conflict)
            let far = await service.carryOut(.advance(milliseconds: .max, timeoutMilliseconds: 0))
            #expect(far.status == .badRequest)
            #expect(await service.carryOut(.run(speed: 2.5)).text == "2023-11-14T22:13:20.123Z  running at speed 2.5\n")
            #expect(await service.carryOut(.run(speed: 1)).text == "2023-11-14T22:13:20.123Z  running\n")
            lab.time.advance(milliseconds: -1_000_000)
            #expect(await service.carryOut(.freeze).status == .ok)
            lab.time.advance(milliseconds: 2_000_000)
            #expect(await service.carryOut(.follow).text == "2023-11-14T22:30:00.000Z  real\n")
        }
        try lab.store.close()
        #expect(await lab.service.carryOut(.freeze).status == .serviceUnavailable)
    }

    @Test func aStepWaitsForWhatItMakesDue() async throws {
        struct Worker: DueHandler {
            let store: LogStore
            func run(_ entries: [DueEntry]) async throws {
                for _ in 0..<50 { await Task.yield() }
                var batch = WriteBatch()
                for entry in entries { entry.remove(from: &batch) }
                try await store.commit(batch)
            }
        }
        let lab = try await Lab()
        lab.due.register(Self.kind, Worker(store: lab.store))
        var batch = WriteBatch()
        for day in 1...600 {
            let time = lab.clock.now().adding(milliseconds: Int64(day) * 86_400_000)
            lab.due.add(DueEntry(time: time, kind: Self.kind, id: []), to: &batch)
        }
        try await lab.store.commit(batch)
        try await lab.running {
            let step = await lab.service.carryOut(
                .advance(milliseconds: 500 * 86_400_000, timeoutMilliseconds: 1000))
            #expect(step.status == .ok)
            #expect(step.json.hasSuffix("\"settled\":true,\"done\":500,\"failing\":0}"))
        }
    }

    @Test func aStepSaysWhatFails() async throws {
        struct Broken: DueHandler {
            struct Refusal: Error {}
            func run(_ entries: [DueEntry]) async throws { throw Refusal() }
        }
        let lab = try await Lab()
        lab.due.register(Self.kind, Broken())
        var batch = WriteBatch()
        lab.due.add(
            DueEntry(time: lab.clock.now().adding(milliseconds: 1), kind: Self.kind, id: []), to: &batch)
        try await lab.store.commit(batch)
        try await lab.running {
            let step = await lab.service.carryOut(.advance(milliseconds: 1, timeoutMilliseconds: 1000))
            #expect(step.status == .accepted)
            #expect(step.json.hasSuffix("\"settled\":false,\"done\":0,\"failing\":1}"))
            #expect(step.text.hasSuffix("running\n1 of what is due could not be done, and is tried again\n"))
        }
    }

    @Test func aStepWaitsNoLongerThanItShould() async throws {
        // Nothing is ever done here: nobody runs it.
        let lab = try await Lab()
        let step = Task { await lab.service.carryOut(.advance(milliseconds: 1, timeoutMilliseconds: 1000)) }
        while lab.time.sleeperCount == 0 { await Task.yield() }
        lab.time.advance(milliseconds: 1000)
        let outcome = await step.value
        #expect(outcome.status == .accepted)
        #expect(outcome.text.hasSuffix("what became due is not done after 1000 ms; it goes on\n"))
        #expect(await lab.service.carryOut(.advance(milliseconds: 1, timeoutMilliseconds: 0)).status == .ok)
    }
}
