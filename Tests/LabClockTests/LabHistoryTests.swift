import Bytes
import Disk
import LogStore
import Testing

@testable import LabClock

/// Random histories of a lab: entries, steps of the clock, failures, kills and power cuts.
struct LabHistoryTests {
    /// What outlives the lab's restarts.
    private struct World {
        var random: SeededRandom
        var added: Set<String> = []
        var nextID = 0
        var latest: LabTime

        mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    }

    /// Counts each entry in the commit that removes it, and now and then fails before or after that.
    private struct Counting: DueHandler {
        let lab: LabFixture
        let early: Log
        let failures: Log

        func run(_ entries: [DueEntry]) async throws {
            for entry in entries {
                if entry.time > lab.clock.now() { early.add("\(entry)") }
                // A third fails once before its work, a third once after it.
                let turn = entry.id.reduce(0) { $0 + Int($1) } % 3
                let mark = "\(entry.id)"
                let isFirst = !failures.lines.contains(mark)
                if turn == 0, isFirst {
                    failures.add(mark)
                    throw Refusal()
                }
                var batch = WriteBatch()
                batch.add(.catalog, [0xFF] + entry.id, 1)
                entry.remove(from: &batch)
                try await lab.store.commit(batch)
                if turn == 1, isFirst {
                    failures.add(mark)
                    throw Refusal()
                }
            }
        }
    }

    @Test(arguments: UInt64(1)...16)
    func whatIsDueIsDoneOnceAndNoneTooEarlyWhateverHappens(seed: UInt64) async throws {
        var lab = try await LabFixture(disk: SimulatedDisk(seed: seed))
        let (early, failures) = (Log(), Log())
        var world = World(random: SeededRandom(seed: seed), latest: lab.clock.now())
        func register() {
            let handler = Counting(lab: lab, early: early, failures: failures)
            lab.due.register(.first, handler)
            lab.due.register(.second, handler)
        }
        register()
        for _ in 0..<120 {
            switch world.below(12) {
            case 0...3: try await add(lab, &world)
            case 4: try await lab.clock.advance(milliseconds: Int64(world.below(20_000)))
            case 5: try await lab.clock.freeze()
            case 6: try await lab.clock.run(speed: Double(1 + world.below(9)))
            case 7: lab.time.advance(milliseconds: Int64(world.below(3000)))
            case 8: try await lab.due.runDue()
            case 9: try await lab.due.runDue(isWhole: false)
            case 10:
                lab = try await lab.afterKill(milliseconds: Int64(world.below(2000)))
                register()
            default:
                lab = try await lab.afterPowerCut(milliseconds: Int64(world.below(2000)))
                register()
            }
            let now = lab.clock.now()
            #expect(now >= world.latest)
            world.latest = now
        }
        // Long enough for every retry.
        try await lab.clock.advance(milliseconds: 3_600_000)
        for _ in 0..<3 {
            try await lab.due.runDue()
            lab.time.advance(milliseconds: 10_000)
        }
        #expect(try await lab.queued() == 0)
        #expect(early.lines == [])
        for id in world.added.sorted() {
            #expect(try await lab.store.counter(.catalog, [0xFF] + Array(id.utf8)) == 1, "\(id)")
        }
        #expect(world.added.count > 20)
    }

    private func add(_ lab: LabFixture, _ world: inout World) async throws {
        var batch = WriteBatch()
        for _ in 0...world.below(3) {
            let id = String(world.nextID)
            world.nextID += 1
            let time = lab.clock.now().adding(milliseconds: Int64(world.below(30_000)) - 2000)
            let kind = world.below(2) == 0 ? DueKind.first : .second
            lab.due.add(DueEntry(time: time, kind: kind, id: Array(id.utf8)), to: &batch)
            world.added.insert(id)
        }
        try await lab.store.commit(batch)
    }
}
