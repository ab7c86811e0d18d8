import Bytes
import Disk
import Synchronization

@testable import LogStore

/// What a run found wrong.
struct Violation: Error, CustomStringConvertible {
    var description: String
}

/// One seed's run on the simulated disk: some rounds of work, each ended by a power cut, a kill, both, or in peace, and
/// each followed by a recovery that may be cut short itself. After each recovery the store must hold what was
/// acknowledged, then perhaps more, in order and each commit whole.
///
/// One thread makes every step, so a run is a function of its seed.
struct CrashRun {
    /// How a round ends.
    private enum Ending {
        case powerCut(operation: Int)
        case kill(commits: Int)
        case close
    }

    let seed: UInt64
    private let options: StoreOptions
    private let lie: LyingDisk.Lie
    private(set) var disk: SimulatedDisk
    private var random: SeededRandom
    private var workload: Workload
    private var opens: UInt64 = 0
    /// What the store held after its last recovery, and the commits since that have a place in the order.
    private var base: Model = [:]
    private var commits: [PlannedCommit] = []
    private var tickets: [(ticket: CommitTicket, isSynced: Bool)] = []
    /// Since the work ended: whether anything but the page cache may be lost.
    private var hadPowerCut = false
    /// Whether maintenance runs only when a commit waits for it.
    private var isBackgroundLazy = false
    /// What happened, for the probes that every rare path was taken.
    private(set) var seen = CrashProbes()

    init(seed: UInt64, lie: LyingDisk.Lie = LyingDisk.Lie(), bugs: PlantedBugs = []) {
        self.seed = seed
        self.lie = lie
        disk = SimulatedDisk(seed: seed)
        random = SeededRandom(seed: seed &* 7919)
        workload = Workload(seed: seed &* 104_729)
        workload.keyCount = 12
        workload.drawsRangeDeletes = true
        workload.inlineBytesMax = 9_000
        workload.writerBytesMax = 30_000
        var options = tinyOptions()
        options.commitBytesMax = 64 << 10
        options.firstSegmentBytes = 160 << 10
        options.segmentBytes = 160 << 10
        options.extentFileBytes = 64 << 10
        options.plantedBugs = bugs
        self.options = options
    }

    /// - Throws: `Violation`.
    mutating func run(rounds: Int = 3) async throws {
        for _ in 0..<rounds {
            try await work(on: try await recover())
        }
        let (store, _) = try await recover()
        do { try store.close() } catch { throw violation("a quiet store does not close: \(error)") }
        disk = disk.crash()
        hadPowerCut = true
        _ = try await recover()
    }

    private func violation(_ text: String) -> Violation { Violation(description: "seed \(seed): \(text)") }

    // MARK: Working

    private mutating func work(on opened: (store: LogStore, disk: LyingDisk)) async throws {
        let ending: Ending =
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<7: .powerCut(operation: Int.random(in: 1...160, using: &random))
            case 7..<9: .kill(commits: Int.random(in: 0...50, using: &random))
            default: .close
            }
        var commitsLeft = Int.random(in: 20...60, using: &random)
        switch ending {
        case .powerCut(let operation): disk.crashAfterOperations = disk.operationCount + operation
        case .kill(let count): commitsLeft = count
        case .close: break
        }
        let store = opened.store
        isBackgroundLazy = random.oneIn(4)
        while commitsLeft > 0 {
            let count = random.oneIn(2) ? 1 : Int.random(in: 2...4, using: &random)
            commitsLeft -= count
            guard try await commitGroup(of: count, on: store) else { break }
        }
        seen.cleanings += store.counters.cleanings.load(ordering: .relaxed)
        switch ending {
        case .close:
            do { try store.close() } catch { throw violation("a quiet store does not close: \(error)") }
            seen.closes += 1
            // Everything is durable then: nothing is lost either way.
            hadPowerCut = false
            disk = random.oneIn(2) ? disk.crash() : disk.killProcess()
        case .kill:
            seen.kills += 1
            hadPowerCut = false
            disk = disk.killProcess()
        case .powerCut:
            seen.powerCuts += 1
            hadPowerCut = true
            disk = disk.crash()
        }
        try noteOutcomes(of: store)
    }

    /// Puts some commits into one group. False when the disk has crashed.
    private mutating func commitGroup(of count: Int, on store: LogStore) async throws -> Bool {
        do {
            for _ in 0..<count {
                let commit = workload.nextCommit()
                let isSynced = !random.oneIn(4)
                let (batch, reserved) = try await commit.prepare(on: store)
                let ticket = try enqueue(batch, isSynced: isSynced, on: store)
                withExtendedLifetime(reserved) {}
                guard let ticket else { return false }
                commits.append(commit)
                tickets.append((ticket, isSynced))
                if !isBackgroundLazy, random.oneIn(6) { _ = store.runBackgroundStep() }
            }
        } catch let error as StoreError {
            switch error {
            case .disk(.crashed), .poisoned, .unknownOutcome:
                guard isDown else { throw violation("a commit failed: \(error)") }
                return false
            default: throw violation("a commit failed: \(error)")
            }
        }
        if !random.oneIn(5) { while store.runCommitStep() {} }
        if random.oneIn(3) {
            // A quiet moment, for the chores that wait for one.
            store.notePause()
            store.notePause()
        }
        var steps = isBackgroundLazy ? 0 : Int.random(in: 0...6, using: &random)
        while steps > 0, store.runBackgroundStep() { steps -= 1 }
        return !isDown
    }

    private var isDown: Bool {
        do {
            _ = try disk.freeBytes()
            return false
        } catch {
            return true
        }
    }

    /// Nil when the disk has crashed.
    private mutating func enqueue(
        _ batch: WriteBatch, isSynced: Bool, on store: LogStore
    ) throws -> CommitTicket? {
        var encoded = try EncodedBatch(batch, bytesMax: options.commitBytesMax)
        for _ in 0..<50 {
            switch try store.tryEnqueue(&encoded, mode: isSynced ? .synced : .ordered, reads: nil) {
            case .sequenced(let ticket): return ticket
            case .mustWait:
                seen.waits += 1
                while store.runCommitStep() {}
                for _ in 0..<200 where store.runBackgroundStep() {}
                if isDown { return nil }
            }
        }
        throw violation("there is never room for a commit")
    }

    /// What must have survived from now on: the commits acknowledged as durable, and after a mere kill all that were
    /// acknowledged.
    private func survivorsMin() -> Int {
        let last = tickets.lastIndex { ticket, isSynced in
            guard case .success? = ticket.outcome else { return false }
            return isSynced || !hadPowerCut
        }
        return last.map { $0 + 1 } ?? 0
    }

    private func noteOutcomes(of store: LogStore) throws {
        if let poison = store.core.withLock({ $0.poison }), !poison.contains("crashed") {
            throw violation("the store gave up: \(poison)")
        }
    }

    // MARK: Recovering

    private mutating func recover() async throws -> (store: LogStore, disk: LyingDisk) {
        var interruptions = Int.random(in: 0...3, using: &random)
        while true {
            if interruptions > 0 {
                interruptions -= 1
                disk.crashAfterOperations = disk.operationCount + Int.random(in: 1...24, using: &random)
            } else {
                disk.crashAfterOperations = nil
            }
            opens += 1
            let lying = LyingDisk(disk, lie)
            do {
                let store = try LogStore.open(
                    disk: lying, options: options, driver: ManualDriver(), randomSeed: seed &* 1_000 &+ opens)
                lying.openingEnded()
                disk.crashAfterOperations = nil
                try await check(store)
                return (store, lying)
            } catch {
                guard error as? StoreError == .disk(.crashed) else {
                    if error is Violation { throw error }
                    throw violation("does not open: \(error)")
                }
                seen.interruptedRecoveries += 1
                if random.oneIn(3) {
                    disk = disk.killProcess()
                } else {
                    hadPowerCut = true
                    disk = disk.crash()
                }
            }
        }
    }

    private mutating func check(_ store: LogStore) async throws {
        let found: Model
        do { found = try await readAll(store) } catch { throw violation("cannot be read: \(error)") }
        for (place, expected) in found {
            let value = try await store.get(place.keyspace, place.key)
            if case .value(let head, _) = expected, value?.head != head { throw violation("a lookup misses \(place)") }
        }
        let atLeast = survivorsMin()
        var candidate = base
        var fitting: Int?
        if atLeast == 0, candidate == found { fitting = 0 }
        for (index, commit) in commits.enumerated() where fitting == nil {
            commit.apply(to: &candidate)
            if index + 1 >= atLeast, candidate == found { fitting = index + 1 }
        }
        guard let fitting else {
            throw violation(
                "holds no state between commit \(atLeast) (the last acknowledged) and \(commits.count): "
                    + difference(found, candidate))
        }
        if fitting > atLeast { seen.unacknowledgedSurvivals += 1 }
        if fitting < commits.count { seen.losses += 1 }
        seen.flushes += store.version.allTables.count
        if let fault = store.treeFault { throw violation("has a tree out of shape: \(fault)") }
        base = found
        commits = []
        tickets = []
        hadPowerCut = false
    }

    private func difference(_ found: Model, _ expected: Model) -> String {
        let places = Set(found.keys).union(expected.keys).sorted().filter { found[$0] != expected[$0] }
        return places.prefix(4).map { "\($0.keyspace)/\(String(decoding: $0.key, as: UTF8.self))" }.description
    }
}

extension LogStore {
    var version: StoreVersion { core.withLock { $0.version } }
}

/// Which rare paths runs have taken.
struct CrashProbes {
    var powerCuts = 0
    var kills = 0
    var closes = 0
    var waits = 0
    var interruptedRecoveries = 0
    var unacknowledgedSurvivals = 0
    var losses = 0
    var flushes = 0
    /// Merges that emptied dying extent files.
    var cleanings = 0

    mutating func add(_ other: CrashProbes) {
        powerCuts += other.powerCuts
        kills += other.kills
        closes += other.closes
        waits += other.waits
        interruptedRecoveries += other.interruptedRecoveries
        unacknowledgedSurvivals += other.unacknowledgedSurvivals
        losses += other.losses
        flushes += other.flushes
        cleanings += other.cleanings
    }

    /// The rarest of them.
    var fewest: Int {
        [
            powerCuts, kills, closes, waits, interruptedRecoveries, unacknowledgedSurvivals, losses, flushes, cleanings,
        ].min() ?? 0
    }
}
