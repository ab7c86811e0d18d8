import Disk
import LogStore
import Synchronization

@testable import LabClock

/// A store on a simulated disk with its clock and its queue, on a machine whose time moves by hand.
final class LabFixture: Sendable {
    /// Where the machine's clock begins.
    static let start: Int64 = 1_700_000_000_000

    let disk: SimulatedDisk
    let time: ManualTime
    let store: LogStore
    let clock: StoredLabClock
    let due: DueQueue
    let problems = Log()

    init(disk: SimulatedDisk = SimulatedDisk(seed: 1), time: ManualTime? = nil) async throws {
        let time = time ?? ManualTime(millisecondsSinceEpoch: Self.start)
        var options = StoreOptions()
        options.memoryBudgetBytes = 32 << 20
        // Small: histories open many of them.
        options.memtableBytes = 128 << 10
        options.commitBytesMax = 96 << 10
        options.firstSegmentBytes = 256 << 10
        options.segmentBytes = 384 << 10
        let driver = ImmediateDriver()
        store = try LogStore.open(disk: disk, options: options, driver: driver, randomSeed: 7)
        driver.attach(store)
        clock = try await StoredLabClock.open(store: store, realTime: time)
        let problems = problems
        due = DueQueue(store: store, clock: clock, realTime: time) { problems.add("\($0)") }
        self.disk = disk
        self.time = time
    }

    /// The lab after the process was killed, `milliseconds` later.
    func afterKill(milliseconds: Int64 = 0) async throws -> LabFixture {
        time.advance(milliseconds: milliseconds)
        return try await LabFixture(disk: disk.killProcess(), time: time)
    }

    /// The lab after power was cut, `milliseconds` later.
    func afterPowerCut(milliseconds: Int64 = 0) async throws -> LabFixture {
        time.advance(milliseconds: milliseconds)
        return try await LabFixture(disk: disk.crash(), time: time)
    }

    var now: Int64 { clock.now().millisecondsSinceEpoch }

    /// Lab time since the machine's clock began.
    var elapsed: Int64 { now - Self.start }

    /// A moment so many milliseconds after the machine's clock began.
    static func at(_ milliseconds: Int64) -> LabTime { LabTime(millisecondsSinceEpoch: start + milliseconds) }

    /// Adds entries in a commit of their own.
    func add(_ entries: DueEntry...) async throws {
        var batch = WriteBatch()
        for entry in entries { due.add(entry, to: &batch) }
        try await store.commit(batch)
    }

    func entry(_ kind: DueKind = .first, at milliseconds: Int, _ id: String = "") -> DueEntry {
        DueEntry(time: Self.at(Int64(milliseconds)), kind: kind, id: Array(id.utf8))
    }

    /// How many entries the queue holds.
    func queued() async throws -> Int {
        let cursor = store.cursor(.due)
        var count = 0
        while try await cursor.next() != nil { count += 1 }
        return count
    }
}

extension DueKind {
    static let first = DueKind(rawValue: 0xF0)
    static let second = DueKind(rawValue: 0xF1)
}

/// Lines that tests compare.
final class Log: Sendable {
    private let entries = Mutex<[String]>([])

    var lines: [String] { entries.withLock { $0 } }

    func add(_ line: String) { entries.withLock { $0.append(line) } }

    func clear() { entries.withLock { $0 = [] } }
}

/// Writes down what it is given and does it: a line for each entry, and the entry's removal.
struct Recorder: DueHandler {
    let store: LogStore
    let log: Log
    /// Called before each entry is done.
    var before: @Sendable (DueEntry, inout WriteBatch) async throws -> Void = { _, _ in }

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries {
            var batch = WriteBatch()
            try await before(entry, &batch)
            entry.remove(from: &batch)
            try await store.commit(batch)
            log.add("\(entry.kind.rawValue):\(String(decoding: entry.id, as: UTF8.self))")
        }
    }
}

struct Refusal: Error {}

/// Set once.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}
