import Bytes
import Disk
import Glibc
import Synchronization

@testable import LogStore

/// One seed's run: some rounds of several clients at work on a store at once, on a disk that fails. Each round ends in
/// a power cut, a kill or in peace, and is followed by a recovery that may be cut short itself, again and again. After
/// each recovery the store must hold the commits of the rounds before in their order, up to some point that nobody was
/// promised more than.
///
/// One thread makes every step, so a run is a function of its seed.
struct SimulationRun {
    /// What may be fixed, instead of drawn from the seed.
    struct Plan: Sendable {
        var rounds = 3
        /// Operations of all clients in a round.
        var operations: Int?
        /// The changing call of the disk in the first round, the opening included, within which the power goes.
        var crashAtOperation: Int?
        /// The call of the disk in the first round, the opening included, that fails, and how.
        var failingCall: (number: Int, failure: FaultRule.Failure)?
        /// The changing calls of recoveries after the first round within which the power goes: of each in turn.
        var crashesInRecovery: [Int] = []
        /// Nothing goes wrong but what is said here.
        var isQuiet = false
        /// Bits to flip in the end, each in a copy of its own.
        var flips = 0
        var lie = LyingDisk.Lie()
        var bugs: PlantedBugs = []
    }

    /// How a round ends.
    private enum Ending {
        case powerCut(operation: Int)
        case kill
        case close(isEarly: Bool)
    }

    let seed: UInt64
    let plan: Plan
    let options: StoreOptions
    private(set) var disk: SimulatedDisk
    private(set) var seen = SimulationProbes()
    /// A hash of everything that clients were told; with the disk's trace, of all that happened.
    private(set) var digest: UInt64 = 0
    /// Calls of the disk in the first round.
    private(set) var firstRound = (operations: 0, calls: 0)
    private var random: SeededRandom
    private var opens: UInt64 = 0
    private var history: History?
    private var hadPowerCut = false
    private var mayFail = false
    private var nextID: UInt64 = 0
    private var usedSegments: [UInt64: UInt64] = [:]

    init(seed: UInt64, plan: Plan = Plan()) {
        self.seed = seed
        self.plan = plan
        disk = SimulatedDisk(seed: seed)
        random = SeededRandom(seed: seed &* 7919)
        var options = tinyOptions()
        options.commitBytesMax = 44 << 10
        options.extentFileBytes = 64 << 10
        options.manifestRollBytes = 48 << 10
        // Some flushes to a segment, or some segments to a flush.
        let hasSmallTables = random.oneIn(2)
        let hasSmallSegments = random.oneIn(2)
        options.segmentBytes = !plan.isQuiet && hasSmallSegments ? 104 << 10 : 160 << 10
        options.firstSegmentBytes = options.segmentBytes
        // In half of the stores whose segments carry it, commits are larger than groups as a rule.
        if options.segmentBytes > 104 << 10, seed.isMultiple(of: 2) { options.groupBytesMax = 4 << 10 }
        options.memtableBytes = plan.isQuiet || hasSmallTables ? 72 << 10 : 160 << 10
        options.plantedBugs = plan.bugs
        self.options = options
    }

    /// - Throws: `Violation`.
    mutating func run() async throws {
        if !plan.isQuiet, random.oneIn(6) {
            // Little more than the reserve.
            disk.capacityBytes = UInt64(Int.random(in: 10...14, using: &random)) << 20
        }
        for round in 0..<plan.rounds {
            if round == 0 {
                disk.crashAfterOperations = plan.crashAtOperation
                if let call = plan.failingCall { disk.failCall(call.number, call.failure) }
            }
            if let opened = try await open(isFirst: round == 0) { try work(on: opened, isFirst: round == 0) }
            if round == 0 { firstRound = (disk.operationCount, disk.callCount) }
            if disk.hasFailed { disk = disk.crash() }
        }
        disk.clearFaults()
        let store = try await recover()
        do { try store.close() } catch { throw violation("a quiet store does not close: \(error)") }
        disk = disk.crash()
        hadPowerCut = true
        let last = try await recover()
        guard plan.flips > 0 else { return }
        let expected = try await readAll(last)
        try last.close()
        for _ in 0..<plan.flips { try await flip(expected) }
    }

    // MARK: Damage

    /// Flips one bit of the closed store. It opens or says exactly why not, and every answer is right or an error.
    private mutating func flip(_ expected: Model) async throws {
        let damaged = disk.crash()
        let names = try damaged.list().filter { $0 != "LOCK" }
        let name = names[Int.random(in: 0..<names.count, using: &random)]
        let size = try damaged.open(name, direct: false).size()
        guard size > 0 else { return }
        // Mostly where something is written.
        let bound = random.oneIn(2) ? min(size, 24 << 10) : size
        let offset = UInt64.random(in: 0..<bound, using: &random)
        damaged.corrupt(name: name, offset: offset)
        opens += 1
        let store: LogStore
        do {
            store = try LogStore.open(
                disk: damaged, options: options, driver: SimulatedDriver(), randomSeed: seed &* 1_000 &+ opens)
        } catch {
            return try noteDamage(error, name, offset)
        }
        for (place, value) in expected.sorted(by: { $0.key < $1.key }) {
            do {
                if place.keyspace == .items {
                    guard case .counter(try await store.counter(place.keyspace, place.key)) = value else {
                        throw violation("\(name) damaged at \(offset): a wrong counter")
                    }
                    continue
                }
                let found = try await store.get(place.keyspace, place.key)
                guard case .value(let head, let content) = value, let found, found.head == head,
                    try store.bytes(found.content) == content
                else { throw violation("\(name) damaged at \(offset): \(place) is answered wrongly") }
            } catch { try noteDamage(error, name, offset) }
        }
        for keyspace in Keyspace.allCases {
            let cursor = store.cursor(keyspace)
            do {
                var found = 0
                while let entry = try await cursor.next() {
                    found += 1
                    if expected[Place(keyspace: keyspace, key: entry.key)] == nil {
                        throw violation("\(name) damaged at \(offset): \(keyspace) shows what was never there")
                    }
                }
                if found != expected.keys.count(where: { $0.keyspace == keyspace }) {
                    throw violation("\(name) damaged at \(offset): \(keyspace) has lost entries in silence")
                }
            } catch { try noteDamage(error, name, offset) }
        }
        _ = store.runBackgroundStep()
    }

    private mutating func noteDamage(_ error: any Error, _ name: String, _ offset: UInt64) throws {
        switch error as? StoreError {
        case .damaged, .unsupportedFormat: seen.damages += 1
        default:
            if error is Violation { throw error }
            throw violation("\(name) damaged at \(offset) is answered with \(error)")
        }
    }

    private func violation(_ text: String) -> Violation { Violation(description: "seed \(seed): \(text)") }

    private var isDown: Bool { disk.hasFailed }

    // MARK: Working

    private mutating func work(on store: LogStore, isFirst: Bool) throws {
        guard let history else { return }
        let ending = drawEnding(isFirst: isFirst)
        if case .powerCut(let operation) = ending, disk.crashAfterOperations == nil {
            disk.crashAfterOperations = disk.operationCount + operation
        }
        if !plan.isQuiet, random.oneIn(4) { injectFaults() }
        history.mayFail = history.mayFail || mayFail
        let executor = SeededExecutor()
        let clientCount = Int.random(in: 1...4, using: &random)
        // Now and then enough to use segments of the log again.
        let drawn = Int.random(in: 20...70, using: &random) * (random.oneIn(4) ? 4 : 1)
        let operations = plan.operations ?? drawn
        for _ in 0..<clientCount {
            let client = SimulatedClient(store: store, history: history, workload: drawWorkload())
            Task(executorPreference: executor) {
                var client = client
                await client.run(operations: operations / clientCount)
            }
        }
        let stepsMax: Int =
            switch ending {
            case .kill, .close(isEarly: true): Int.random(in: 0...600, using: &random)
            default: .max
            }
        try drive(store, executor, history, clientCount: clientCount, stepsMax: stepsMax)
        try end(ending, store, executor, history, clientCount: clientCount)
    }

    private mutating func drawEnding(isFirst: Bool) -> Ending {
        let draw = Int.random(in: 0..<10, using: &random)
        let operation = Int.random(in: 1...200, using: &random) * (random.oneIn(4) ? 4 : 1)
        if plan.isQuiet {
            return isFirst && plan.crashAtOperation != nil ? .powerCut(operation: 1) : .close(isEarly: false)
        }
        switch draw {
        case 0..<6: return .powerCut(operation: operation)
        case 6..<8: return .kill
        default: return .close(isEarly: draw == 9)
        }
    }

    private mutating func drawWorkload() -> Workload {
        var workload = Workload(seed: random.next())
        workload.keyCount = 12
        workload.drawsRangeDeletes = true
        workload.inlineBytesMax = 6_000
        workload.writerBytesMax = 30_000
        return workload
    }

    private mutating func injectFaults() {
        mayFail = true
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let operations = DiskOperation.allCases
            let suffixes = ["", ".log", ".man", ".tab", ".ext"]
            disk.inject(
                FaultRule(
                    operation: operations[Int.random(in: 0..<operations.count, using: &random)],
                    nameSuffix: suffixes[Int.random(in: 0..<suffixes.count, using: &random)],
                    afterCount: Int.random(in: 0...40, using: &random),
                    error: random.oneIn(3) ? .noSpace : .io(errno: EIO), isSticky: random.oneIn(3)))
        }
    }

    /// Lets clients, committer and background go on in an order of the seed's.
    private mutating func drive(
        _ store: LogStore, _ executor: SeededExecutor, _ history: History, clientCount: Int, stepsMax: Int
    ) throws {
        let isLazy = random.oneIn(4)
        var steps = 0
        var idle = 0
        while history.finishedClients < clientCount, steps < stepsMax, !isDown, history.violation == nil {
            steps += 1
            let didSomething =
                switch Int.random(in: 0..<16, using: &random) {
                case 0..<9: executor.runOne(&random)
                case 9..<13: store.runCommitStep()
                case 13..<(isLazy ? 13 : 16): store.runBackgroundStep()
                default: isLazy && random.oneIn(12) && store.runBackgroundStep()
                }
            // A quiet moment may be any.
            if random.oneIn(40) {
                store.notePause()
                if random.oneIn(2) { store.notePause() }
            }
            history.observe(store)
            look(at: store, history)
            if store.core.withLock({ $0.poison != nil }) { return }
            idle = didSomething ? 0 : idle + 1
            guard idle > 300 else { continue }
            // Chance may have passed somebody over.
            let canGoOn = executor.runOne(&random) || store.runCommitStep() || store.runBackgroundStep()
            history.observe(store)
            if !canGoOn {
                let count = clientCount - history.finishedClients
                throw violation("nobody can go on, and \(count) clients wait: \(standstill(of: store))")
            }
            idle = 0
        }
    }

    /// What may keep everybody from going on.
    private func standstill(of store: LogStore) -> String {
        store.core.withLock { core in
            """
            \(core.waiters.count) wait for room, \(core.logRoomBytes) bytes of the log with \(core.freeSegments.count) \
            segments laid out, memtables of \(core.version.memtables.map(\.allocatedBytes)) bytes, pressure \
            \(core.admission.pressure), \(store.reserve.spareBytes) bytes spare, short of space: \(core.isLowOnSpace)
            """
        }
    }

    private mutating func look(at store: LogStore, _ history: History) {
        let (current, waiters, sets) = store.core.withLock {
            ($0.currentSegment, $0.waiters.count, $0.version.memtables.count)
        }
        if waiters > 0 { seen.waits += 1 }
        if sets > 2 { seen.severalFrozenSets += 1 }
        if let number = usedSegments[current.fileNumber] {
            if number != current.number { seen.recycledSegments += 1 }
        } else if !usedSegments.isEmpty {
            seen.segmentRolls += 1
        }
        usedSegments[current.fileNumber] = current.number
    }

    private mutating func end(
        _ ending: Ending, _ store: LogStore, _ executor: SeededExecutor, _ history: History, clientCount: Int
    ) throws {
        noteStatistics(of: store)
        let poison = store.core.withLock { $0.poison }
        if let poison, !mayFail, !poison.contains("crashed") { throw violation("the store gave up: \(poison)") }
        if poison != nil, !isDown { seen.poisonings += 1 }
        hadPowerCut = false
        var next = disk
        switch ending {
        case .close where poison == nil && !isDown:
            do { try store.close() } catch {
                guard mayFail else { throw violation("a quiet store does not close: \(error)") }
            }
            seen.closes += 1
            // Everything is durable then: nothing is lost either way.
            next = random.oneIn(2) ? disk.crash() : disk.killProcess()
        case .kill where !isDown:
            seen.kills += 1
            next = disk.killProcess()
        default:
            seen.powerCuts += 1
            hadPowerCut = true
            next = disk.crash()
        }
        // Nobody may wait for what cannot come any more.
        store.poison("the simulated machine is down")
        while executor.runOne(&random) {}
        history.observe(store)
        if history.finishedClients < clientCount { throw violation("a client waits for ever") }
        disk = next
        if let found = history.violation { throw violation(found.description) }
        seen.add(history.seen)
        digest = digest &* 31 &+ history.digest
        nextID = history.upcomingID
    }

    private mutating func noteStatistics(of store: LogStore) {
        seen.flushes += store.counters.flushes.load(ordering: .relaxed)
        seen.compactions += store.counters.compactions.load(ordering: .relaxed)
        seen.cleanings += store.counters.cleanings.load(ordering: .relaxed)
        seen.unlinks += store.counters.unlinkedFiles.load(ordering: .relaxed)
        if store.manifest.number > 1 { seen.manifestRolls += 1 }
        let version = store.version
        for keyspace in Keyspace.allCases where version.runs(keyspace).contains(where: { $0.level >= 2 }) {
            seen.deepLevels += 1
        }
    }

    // MARK: Recovering

    /// Opens for a round: in the first one, the disk may fail already. Nil when it does.
    private mutating func open(isFirst: Bool) async throws -> LogStore? {
        guard isFirst, plan.crashAtOperation != nil || plan.failingCall != nil else { return try await recover() }
        mayFail = mayFail || plan.failingCall != nil
        do {
            let store = try openOnce()
            try await check(store)
            return store
        } catch {
            if error is Violation { throw error }
            guard isDown || mayFail else { throw violation("does not open: \(error)") }
            disk = isDown || random.oneIn(2) ? disk.crash() : disk.killProcess()
            hadPowerCut = true
            return nil
        }
    }

    private mutating func openOnce() throws -> LogStore {
        opens += 1
        let lying = LyingDisk(disk, plan.lie)
        let store = try LogStore.open(
            disk: lying, options: options, driver: SimulatedDriver(), randomSeed: seed &* 1_000 &+ opens)
        lying.openingEnded()
        return store
    }

    private mutating func recover() async throws -> LogStore {
        var crashes = plan.crashesInRecovery
        var interruptions = plan.isQuiet ? 0 : Int.random(in: 0...3, using: &random)
        var interruptedInARow = 0
        while true {
            disk.clearFaults()
            if !crashes.isEmpty {
                disk.crashAfterOperations = disk.operationCount + crashes.removeFirst()
            } else if interruptions > 0 {
                interruptions -= 1
                if random.oneIn(4) {
                    mayFail = true
                    disk.failCall(disk.callCount + Int.random(in: 1...60, using: &random), .io(errno: EIO))
                } else {
                    disk.crashAfterOperations = disk.operationCount + Int.random(in: 1...24, using: &random)
                }
            } else {
                disk.crashAfterOperations = nil
            }
            do {
                let store = try openOnce()
                disk.crashAfterOperations = nil
                disk.clearFaults()
                if store.counters.flushes.load(ordering: .relaxed) > 0 { seen.flushesInRecovery += 1 }
                try await check(store)
                mayFail = disk.capacityBytes < SimulatedDisk.defaultCapacityBytes
                return store
            } catch {
                if error is Violation { throw error }
                guard isDown || mayFail && (error as? StoreError)?.comesFromTheDisk == true else {
                    throw violation("does not open: \(error)")
                }
                seen.interruptedRecoveries += 1
                interruptedInARow += 1
                if interruptedInARow > 1 { seen.nestedInterruptions += 1 }
                if random.oneIn(3) {
                    disk = disk.killProcess()
                } else {
                    hadPowerCut = true
                    disk = disk.crash()
                }
            }
        }
    }

    /// What the store holds must be what the history allows; it becomes the next round's beginning.
    private mutating func check(_ store: LogStore) async throws {
        var (model, journal) = (Model(), [History.Entry]())
        do {
            for (place, value) in try await readAll(store) {
                if place.keyspace == .history {
                    journal.append(place.key.withUnsafeBytes { History.entry($0) })
                } else {
                    model[place] = value
                }
            }
        } catch {
            if mayFail, (error as? StoreError)?.comesFromTheDisk == true { throw error }
            throw violation("cannot be read: \(error)")
        }
        journal.sort { $0.sequence < $1.sequence }
        if let history {
            guard history.order.starts(with: journal) else {
                throw violation("holds commits that were not made in this order")
            }
            let least = history.survivorsMin(hadPowerCut: hadPowerCut)
            guard journal.count >= least else {
                throw violation("holds \(journal.count) commits, and \(least) were promised to last")
            }
            let expected = history.model(after: max(journal.count, history.inheritedCount))
            guard model == expected else {
                throw violation("is in no state that it was in: \(difference(model, expected))")
            }
            if journal.count > least { seen.unacknowledgedSurvivals += 1 }
            if journal.count < history.order.count { seen.losses += 1 }
        } else if !model.isEmpty || !journal.isEmpty {
            throw violation("a new store is not empty")
        }
        if let fault = store.treeFault { throw violation("has a tree out of shape: \(fault)") }
        try await checkLookups(store, model)
        let disk = disk
        history = History(
            model: model, order: journal, nextID: nextID, store: store,
            mayFail: self.mayFail || disk.capacityBytes < SimulatedDisk.defaultCapacityBytes,
            isDown: { disk.hasFailed })
        hadPowerCut = false
    }

    private func checkLookups(_ store: LogStore, _ model: Model) async throws {
        for keyspace in [Keyspace.catalog, .objects, .bodies] {
            for number in 0..<13 {
                let place = Place(keyspace: keyspace, key: Workload.key(number))
                var head: [UInt8]?
                if case .value(let expected, _)? = model[place] { head = expected }
                guard try await store.get(place.keyspace, place.key)?.head == head else {
                    throw violation("a lookup answers wrongly for \(place)")
                }
            }
        }
    }

    private func difference(_ found: Model, _ expected: Model) -> String {
        let places = Set(found.keys).union(expected.keys).sorted().filter { found[$0] != expected[$0] }
        return places.prefix(4).map { "\($0.keyspace)/\(String(decoding: $0.key, as: UTF8.self))" }.description
    }
}

extension StoreError {
    /// Whether a failing disk is the cause, and not the bytes on it.
    var comesFromTheDisk: Bool {
        switch self {
        case .disk(.io): true
        case .damaged(_, _, let what): what.contains("errno")
        default: false
        }
    }
}

extension SimulatedDisk {
    /// Whether the machine is down.
    var hasFailed: Bool {
        do {
            _ = try freeBytes()
            return false
        } catch {
            return true
        }
    }
}
