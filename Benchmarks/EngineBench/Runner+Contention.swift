import Glibc
import LogStore
import Synchronization

/// Workloads in which many writers are in each other's way.
extension Runner {
    /// One thread commits 25 keys at a time, the others one key at a time; only the 25s are counted.
    func transactions(_ workload: Workload) {
        let sync = workload.has("sync")
        let stops = StopFlag()
        let singles = SharedNumber(0)
        let plan = plan
        let begun = nowNanoseconds()
        let writers = (0..<workload.threads).map { index in
            SystemThread(name: "bench-single") { [self] in
                let session = Session(store: store)
                var random = Random(seed: plan.seed * 7919 + UInt64(index))
                while !stops.isSet {
                    let number = random.below(plan.keys)
                    session.put(makeKey(number), values.make(number, &random), sync: sync)
                    _ = singles.takeNext()
                }
            }
        }
        let reads = workload.has("reads")
        measure(workload, workload.extent(otherwise: 1000)) { [self] worker in
            var numbers: [UInt64] = []
            while numbers.count < 25 { numbers.append(worker.random.below(plan.keys)) }
            let made = numbers.map { ($0, values.make($0, &worker.random)) }
            if reads { return readAndWrite(made, sync: sync) }
            var batch = WriteBatch()
            for (number, value) in made { batch.put(Session.keyspace, makeKey(number), StoredValue(head: value)) }
            worker.session.commit(batch, sync: sync)
        }
        printLine([
            ("workload", .text("singles")),
            ("operations_per_second", .number(Double(singles.value) * 1e9 / Double(nowNanoseconds() - begun))),
        ])
        stops.set()
        for writer in writers { writer.join() }
    }

    /// A serializable transaction that reads every key before it writes it.
    private func readAndWrite(_ made: [(UInt64, [UInt8])], sync: Bool) {
        blockingOnTask { [store] in
            do {
                try await store.transaction(mode: sync ? .synced : .ordered) { transaction, batch in
                    for (number, value) in made {
                        _ = try await transaction.get(Session.keyspace, makeKey(number))
                        batch.put(Session.keyspace, makeKey(number), StoredValue(head: value))
                    }
                }
            } catch {
                fail("transaction: \(error)")
            }
        }
    }

    /// Many writers on one key: each reads the newest value and writes the next. Checks that none was lost.
    func counter(_ workload: Workload) {
        let sync = workload.has("sync")
        let key = Array("counter".utf8)
        let before = counterValue(key)
        let added = SharedNumber(0)
        let mode: CommitMode = sync ? .synced : .ordered
        // A task a writer, as services have them.
        measureLoops(
            workload, workload.extent(otherwise: 10_000), threads: workload.threads
        ) { [store] worker in
            let recorder = worker.recorder
            blockingOnTask {
                do {
                    while recorder.goesOn {
                        try await store.update(Session.keyspace, key, mode: mode) { current, batch in
                            let next = (current.map { number(in: $0.head) } ?? 0) + 1
                            let head = withUnsafeBytes(of: next.littleEndian) { [UInt8]($0) }
                            batch.put(Session.keyspace, key, StoredValue(head: head))
                        }
                        recorder.note()
                        _ = added.takeNext()
                    }
                } catch {
                    fail("update: \(error)")
                }
            }
        }
        guard counterValue(key) == before + added.value else { fail("the counter has lost an update") }
    }

    private func counterValue(_ key: [UInt8]) -> UInt64 { Session(store: store).get(key).map(number(in:)) ?? 0 }
}

private func number(in head: [UInt8]) -> UInt64 {
    head.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
}

/// A number that threads count on.
final class SharedNumber: Sendable {
    private let number: Atomic<UInt64>

    init(_ number: UInt64) { self.number = Atomic(number) }

    var value: UInt64 { number.load(ordering: .relaxed) }

    func takeNext() -> UInt64 { number.wrappingAdd(1, ordering: .relaxed).oldValue }
}
