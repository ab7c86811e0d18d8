import Bytes

@testable import LogStore

/// One of several users of a store at once: draws operations, and tells the history what it did and saw.
struct SimulatedClient {
    let store: LogStore
    let history: History
    var workload: Workload

    /// Works until it has done so many operations, or the store takes no more.
    mutating func run(operations: Int) async {
        for _ in 0..<operations {
            do { try await step() } catch {
                guard history.accepts(error), error as? StoreError == .noSpace else { break }
            }
        }
        history.finishedClients += 1
    }

    private mutating func step() async throws {
        switch Int.random(in: 0..<20, using: &workload.random) {
        case 0..<9: try await commit()
        case 9..<12: try await update()
        case 12..<15: try await transact()
        case 15: try await readInTransaction()
        case 16..<19: try await readAtSnapshot()
        default: try await store.barrier()
        }
    }

    private mutating func mode() -> CommitMode { workload.random.oneIn(4) ? .ordered : .synced }

    // MARK: Writing

    private mutating func commit() async throws {
        let planned = workload.nextCommit()
        let mode = mode()
        let id = history.begin(planned, isSynced: mode == .synced)
        var (batch, reserved) = try await planned.prepare(on: store)
        history.journal(id, in: &batch)
        let ticket = try await store.enqueue(batch, mode: mode)
        withExtendedLifetime(reserved) {}
        try await ticket.wait()
        history.acknowledge(id, sequence: ticket.sequence.rawValue)
    }

    private mutating func update() async throws {
        let place = workload.nextPlace()
        let mark = UInt8.random(in: 0...255, using: &workload.random)
        let mode = mode()
        let id = history.begin(PlannedCommit(), isSynced: mode == .synced)
        try await store.update(place.keyspace, place.key, mode: mode) { [history] current, batch in
            history.restart(id)
            history.note(id, place, current.map { .head($0.head) } ?? .absent)
            let head = (current?.head ?? []).suffix(20) + [mark]
            history.plan(id, PlannedCommit(changes: [(place, .put(head: head, content: [], throughWriter: false))]))
            batch.put(place.keyspace, place.key, StoredValue(head: head))
            history.journal(id, in: &batch)
        }
        history.acknowledge(id)
    }

    /// Reads some keys and perhaps a range, and writes what depends on them.
    private mutating func transact() async throws {
        let places = (0..<Int.random(in: 1...3, using: &workload.random)).map { _ in workload.nextPlace() }
        let target = workload.nextPlace()
        let range: Place? = workload.random.oneIn(2) ? workload.nextPlace() : nil
        let deletesFirst = workload.random.oneIn(3)
        let deletesRange = workload.random.oneIn(3)
        let mode = mode()
        let id = history.begin(PlannedCommit(), isSynced: mode == .synced)
        let lingers = workload.random.oneIn(2)
        let counted = Counter()
        try await store.transaction(mode: mode) { [history, store] transaction, batch in
            counted.count += 1
            history.restart(id)
            var head: [UInt8] = []
            for place in places {
                let value = try await transaction.get(place.keyspace, place.key)
                history.note(id, place, try Self.observed(value, place, store))
                head += (value?.head ?? [0]).suffix(6)
                if lingers { await Task.yield() }
            }
            if let range {
                let limit = 3
                let found = try await transaction.scan(range.keyspace, lower: range.key, upper: nil, limit: limit)
                history.note(id, try Self.observedRange(range, limit: limit, found, store))
                head.append(UInt8(found.count))
            }
            var planned = PlannedCommit()
            if deletesRange, let range {
                planned.changes.append((range, .deleteRange(upper: range.key + [UInt8(ascii: "9")])))
            }
            planned.changes.append((target, .put(head: head, content: [], throughWriter: false)))
            if deletesFirst, places[0] != target { planned.changes.append((places[0], .delete)) }
            history.plan(id, planned)
            for (place, change) in planned.changes {
                switch change {
                case .delete: batch.delete(place.keyspace, place.key)
                case .deleteRange(let upper):
                    batch.deleteRange(place.keyspace, from: place.key, to: upper)
                default: batch.put(place.keyspace, place.key, StoredValue(head: head))
                }
            }
            history.journal(id, in: &batch)
        }
        if counted.count > 1 { history.see(\.retriedTransactions) }
        if counted.count > 2 { history.see(\.fencedTransactions) }
        history.acknowledge(id)
    }

    // MARK: Reading

    private mutating func readInTransaction() async throws {
        let places = (0..<4).map { _ in workload.nextPlace() }
        let id = history.begin(PlannedCommit(), isSynced: false)
        let first = history.versions.count - 1
        try await store.transaction { [history, store] transaction, batch in
            history.restart(id)
            for place in places {
                let value = try await transaction.get(place.keyspace, place.key)
                history.note(id, place, try Self.observed(value, place, store))
            }
        }
        history.checkReadOnly(id, since: first)
    }

    private mutating func readAtSnapshot() async throws {
        let snapshot = store.snapshot()
        history.checkFreshness(snapshot)
        var reads: [(place: Place, observed: History.Observed)] = []
        for _ in 0..<Int.random(in: 1...4, using: &workload.random) {
            let place = workload.nextPlace()
            let value = try await store.get(place.keyspace, place.key, at: snapshot)
            reads.append((place, try Self.observed(value, place, store)))
            if workload.random.oneIn(3) { await Task.yield() }
        }
        let start = workload.nextPlace()
        let isReverse = workload.random.oneIn(3)
        let cursor = store.cursor(start.keyspace, lower: start.key, at: snapshot)
        if isReverse { cursor.seekToLast() }
        var found: [(key: [UInt8], value: StoredValue)] = []
        while let entry = try await isReverse ? cursor.previous() : cursor.next() {
            found.append(entry)
            if workload.random.oneIn(6) { await Task.yield() }
        }
        var range = try Self.observedRange(start, limit: .max, found, store)
        range.isReverse = isReverse
        if store.version !== snapshot.pin.version { history.see(\.snapshotsOutlived) }
        history.check(reads, [range], at: snapshot)
    }

    private static func observed(
        _ value: StoredValue?, _ place: Place, _ store: LogStore
    ) throws -> History.Observed {
        guard let value else { return .absent }
        return .whole(.value(head: value.head, content: try store.bytes(value.content)))
    }

    private static func observedRange(
        _ start: Place, limit: Int, _ found: [(key: [UInt8], value: StoredValue)], _ store: LogStore
    ) throws -> History.ObservedRange {
        var entries: [Place: Expected] = [:]
        for (key, value) in found {
            entries[Place(keyspace: start.keyspace, key: key)] = .value(
                head: value.head, content: try store.bytes(value.content))
        }
        return History.ObservedRange(
            keyspace: start.keyspace, lower: start.key, upper: nil, limit: limit, found: entries)
    }
}

/// Unchecked: a simulation has one thread.
private final class Counter: @unchecked Sendable {
    var count = 0
}
