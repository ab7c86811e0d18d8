import Bytes
import Disk

@testable import LogStore

/// What the clients of a store did and saw, and the one order in which it must all have happened.
///
/// Every commit also writes an entry of a journal (keyspace `history`), whose key the pipeline stamps with the commit's
/// sequence. So the order of commits is known while they are made, and can be read back after a crash.
///
/// Unchecked: a simulation has one thread.
final class History: @unchecked Sendable {
    /// What a client saw of a key.
    enum Observed: Equatable {
        case absent
        case head([UInt8])
        case whole(Expected)

        func matches(_ expected: Expected?) -> Bool {
            switch (self, expected) {
            case (.absent, nil): true
            case (.whole(let found), let expected?): found == expected
            case (.head(let found), .value(let head, _)?): found == head
            default: false
            }
        }
    }

    /// What a client saw of a range: all of it, or its first entries up to a limit.
    struct ObservedRange {
        var keyspace: Keyspace
        var lower: [UInt8]
        var upper: [UInt8]?
        var limit: Int
        var found: [Place: Expected]
        var isReverse = false
    }

    /// One commit from its beginning to its outcome.
    struct Attempt {
        var planned: PlannedCommit
        var isSynced: Bool
        var reads: [(place: Place, observed: Observed)] = []
        var ranges: [ObservedRange] = []
        var sequence: UInt64?
        var isAcknowledged = false
    }

    struct Entry: Equatable {
        var sequence: UInt64
        var id: UInt64
    }

    /// All commits that the store holds, in order, those of earlier rounds included.
    private(set) var order: [Entry]
    /// How many of them were there when the round began.
    let inheritedCount: Int
    /// The states that the commits of this round lead through, the one before them first.
    private(set) var versions: [(sequence: UInt64, model: Model)]
    private(set) var attempts: [UInt64: Attempt] = [:]
    private(set) var violation: Violation?
    private(set) var seen = SimulationProbes()
    /// A hash of everything that clients were told.
    private(set) var digest: UInt64 = 0
    var finishedClients = 0
    /// Whether errors of the disk and a full disk are to be expected.
    var mayFail: Bool
    private let isDown: () -> Bool
    private var observedUpTo: UInt64
    private var nextID: UInt64
    private var acknowledgedUpTo: UInt64 = 0
    private var shownUpTo: UInt64 = 0

    init(model: Model, order: [Entry], nextID: UInt64, store: LogStore, mayFail: Bool, isDown: @escaping () -> Bool) {
        self.order = order
        self.nextID = nextID
        self.mayFail = mayFail
        self.isDown = isDown
        inheritedCount = order.count
        observedUpTo = store.core.withLock { $0.nextSequence - 1 }
        versions = [(observedUpTo, model)]
    }

    func violate(_ text: String) {
        if violation == nil { violation = Violation(description: text) }
    }

    func see(_ path: WritableKeyPath<SimulationProbes, Int>) { seen[keyPath: path] += 1 }

    // MARK: Commits

    var upcomingID: UInt64 { nextID }

    func begin(_ planned: PlannedCommit, isSynced: Bool) -> UInt64 {
        nextID += 1
        attempts[nextID] = Attempt(planned: planned, isSynced: isSynced)
        return nextID
    }

    /// The body of a transaction runs, for the first time or again.
    func restart(_ id: UInt64) {
        attempts[id]?.reads = []
        attempts[id]?.ranges = []
    }

    func plan(_ id: UInt64, _ planned: PlannedCommit) { attempts[id]?.planned = planned }

    func note(_ id: UInt64, _ place: Place, _ observed: Observed) { attempts[id]?.reads.append((place, observed)) }

    func note(_ id: UInt64, _ range: ObservedRange) { attempts[id]?.ranges.append(range) }

    /// Adds the commit's entry of the journal to its batch.
    func journal(_ id: UInt64, in batch: inout WriteBatch) {
        var key = [UInt8](repeating: 0, count: 8)
        key.appendBigEndian(id)
        batch.put(
            .history, key, StoredValue(head: [UInt8](repeating: 0, count: 8)), keyStampOffset: 0, headStampOffset: 0)
    }

    func acknowledge(_ id: UInt64, sequence: UInt64? = nil) {
        mix(id)
        guard let known = attempts[id]?.sequence else { return violate("commit \(id) is not in the journal") }
        if let sequence, sequence != known { violate("commit \(id) has sequence \(known), and was told \(sequence)") }
        attempts[id]?.isAcknowledged = true
        acknowledgedUpTo = max(acknowledgedUpTo, known)
    }

    /// Whether a client may be answered so; if not, that is a violation.
    func accepts(_ error: any Error) -> Bool {
        mix(CRC64NVME.hash([UInt8]("\(error)".utf8)))
        guard let error = error as? StoreError else {
            violate("\(error) is no error of the store")
            return false
        }
        switch error {
        case .noSpace where mayFail: see(\.refusals)
        case .unknownOutcome: see(\.unknownOutcomes)
        default: break
        }
        let isExpected =
            switch error {
            case .closed: true
            // What says nothing about its space is taken for full.
            case .noSpace: mayFail || isDown()
            case .poisoned, .unknownOutcome: mayFail || isDown()
            case .disk(.crashed): isDown()
            case .disk(.noSpace): mayFail
            // Snapshots do not hold files on a full disk.
            case .tooOld: mayFail || isDown()
            case .disk(.io), .damaged: mayFail && error.comesFromTheDisk
            default: false
            }
        if !isExpected { violate("a client is told \(error)") }
        return isExpected
    }

    private func mix(_ value: UInt64) {
        digest = (digest ^ value) &* 0x9E37_79B9_7F4A_7C15
        digest ^= digest >> 29
    }

    // MARK: The order

    /// Finds the commits that were sequenced since the last call, and checks that what each had read is what stood just
    /// before it: the order of commits is a serial one.
    func observe(_ store: LogStore) {
        let (last, sets) = store.core.withLock { ($0.nextSequence - 1, $0.version.memtables) }
        guard last > observedUpTo else { return }
        for set in sets.reversed() {
            var start: [UInt8] = []
            start.appendBigEndian(observedUpTo + 1)
            let memtable = set.memtable(.history)
            var entry = start.withUnsafeBytes {
                memtable.firstEntry(from: MemtablePosition(key: $0, sequence: .max >> 8))
            }
            while let found = entry {
                append(Self.entry(found.key))
                entry = memtable.firstEntry(from: MemtablePosition(key: found.key, sequence: 0))
            }
        }
        observedUpTo = last
    }

    static func entry(_ key: UnsafeRawBufferPointer) -> Entry {
        func word(_ offset: Int) -> UInt64 {
            UInt64(bigEndian: key.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        return Entry(sequence: word(0), id: word(8))
    }

    private func append(_ entry: Entry) {
        guard let attempt = attempts[entry.id], attempt.sequence == nil else {
            return violate("commit \(entry.id) is sequenced that was never tried, or twice")
        }
        attempts[entry.id]?.sequence = entry.sequence
        mix(entry.sequence ^ entry.id << 32)
        var model = versions[versions.count - 1].model
        if let problem = Self.mismatch(attempt.reads, attempt.ranges, model) {
            violate("commit \(entry.id) is not serializable: \(problem)")
        }
        attempt.planned.apply(to: &model)
        order.append(entry)
        versions.append((entry.sequence, model))
    }

    private static func mismatch(
        _ reads: [(place: Place, observed: Observed)], _ ranges: [ObservedRange], _ model: Model
    ) -> String? {
        for (place, observed) in reads where !observed.matches(model[place]) { return "it read \(place) before" }
        for range in ranges where !matches(range, model) { return "it scanned \(range.keyspace) before" }
        return nil
    }

    private static func matches(_ range: ObservedRange, _ model: Model) -> Bool {
        var places = model.keys.filter { place in
            place.keyspace == range.keyspace && !precedes(place.key, range.lower)
                && (range.upper.map { precedes(place.key, $0) } ?? true)
        }.sorted()
        if range.isReverse { places.reverse() }
        let expected = places.prefix(range.limit)
        return expected.count == range.found.count && expected.allSatisfy { range.found[$0] == model[$0] }
    }

    // MARK: Reads

    /// A snapshot shows everything that was acknowledged before it was taken.
    func checkFreshness(_ snapshot: Snapshot) {
        let sequence = snapshot.sequence.rawValue
        if sequence < acknowledgedUpTo { violate("a snapshot at \(sequence) misses commit \(acknowledgedUpTo)") }
        shownUpTo = max(shownUpTo, sequence)
    }

    func check(_ reads: [(place: Place, observed: Observed)], _ ranges: [ObservedRange], at snapshot: Snapshot) {
        let sequence = snapshot.sequence.rawValue
        guard let version = versions.last(where: { $0.sequence <= sequence }) else {
            return violate("a snapshot lies before the round")
        }
        if let problem = Self.mismatch(reads, ranges, version.model) {
            violate("a snapshot at \(sequence) is not the state of then: \(problem)")
        }
    }

    /// What a transaction without writes saw was the state at one moment since its beginning.
    func checkReadOnly(_ id: UInt64, since first: Int) {
        guard let attempt = attempts[id] else { return }
        let isFound = versions[first...].contains {
            Self.mismatch(attempt.reads, attempt.ranges, $0.model) == nil
        }
        if !isFound { violate("a transaction that only reads saw a state that never was") }
    }

    // MARK: After a crash

    /// How many of the commits must be there: all up to the last that was acknowledged, or shown to a reader, as
    /// durable.
    func survivorsMin(hadPowerCut: Bool) -> Int {
        let last = order.indices.last { index in
            guard index >= inheritedCount, let attempt = attempts[order[index].id] else {
                return index < inheritedCount
            }
            let isPromised = attempt.isAcknowledged || order[index].sequence <= shownUpTo
            return isPromised && (attempt.isSynced || !hadPowerCut)
        }
        return last.map { $0 + 1 } ?? 0
    }

    /// The state after the first so many commits.
    func model(after count: Int) -> Model { versions[count - inheritedCount].model }
}
