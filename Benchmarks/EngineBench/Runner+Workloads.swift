import Glibc
import LogStore
import Synchronization

/// The workloads, in db_bench's and YCSB's vocabulary.
extension Runner {
    func fill(_ workload: Workload, choose: @escaping @Sendable (UInt64, inout Random) -> UInt64) {
        let sync = workload.has("sync")
        let threads = workload.threads
        measure(workload, workload.extent(otherwise: plan.keys), threads: threads, writes: true) { [self] worker in
            // Threads interleave, so that together they go through the whole order.
            let index = worker.recorder.operations * UInt64(threads) + UInt64(worker.index)
            let number = choose(index % plan.keys, &worker.random)
            put(&worker, number, sync: sync)
        }
    }

    func read(_ workload: Workload, isMissing: Bool) {
        measure(workload, workload.extent(otherwise: plan.keys), threads: workload.threads) { [self] worker in
            let number = worker.random.below(plan.keys)
            get(&worker, number, isMissing: isMissing)
        }
    }

    func seek(_ workload: Workload) {
        measure(workload, workload.extent(otherwise: plan.keys), threads: workload.threads) { [self] worker in
            // The key itself and ten more.
            let number = worker.random.below(plan.keys)
            scan(&worker, number, count: 11)
        }
    }

    /// Readers as fast as they can, and one writer at a fixed rate.
    func readWhileWriting(_ workload: Workload) {
        let rate = workload.number("rate", otherwise: 10_000)
        let start = nowNanoseconds()
        measure(
            workload, workload.extent(otherwise: plan.keys), threads: workload.threads,
            background: { [self] worker in
                let due = start + (worker.recorder.operations + 1) * 1_000_000_000 / rate
                let now = nowNanoseconds()
                if now < due { usleep(UInt32((due - now) / 1000 + 1)) }
                let number = worker.random.below(plan.keys)
                put(&worker, number, sync: false)
                worker.recorder.note()
            },
            { [self] worker in
                let number = worker.random.below(plan.keys)
                get(&worker, number)
            })
    }

    func ycsb(_ workload: Workload) {
        let letter = workload.name.last ?? "a"
        let zipfian = Zipfian(count: plan.keys)
        let end = SharedNumber(plan.keys)
        let sync = workload.has("sync")
        let reads =
            switch letter {
            case "a", "f": 0.5
            case "c": 1.0
            default: 0.95
            }
        measure(workload, workload.extent(otherwise: plan.keys), threads: workload.threads) { [self] worker in
            let isRead = worker.random.fraction() < reads
            switch letter {
            case "d" where isRead:
                // The favourite is the newest. Insertions may be ahead of what can be read.
                let age = zipfian.rank(&worker.random)
                get(&worker, end.value - 1 - age)
            case "e" where isRead:
                let number = zipfian.scrambled(&worker.random)
                let count = 1 + Int(worker.random.below(100))
                scan(&worker, number, count: count)
            case "d", "e":
                put(&worker, end.takeNext(), sync: sync)
            default:
                let number = zipfian.scrambled(&worker.random)
                if isRead || letter == "f" { get(&worker, number) }
                if !isRead { put(&worker, number, sync: sync) }
            }
        }
    }

    /// One thread commits 25 keys at a time, the others one key at a time; only the 25s are counted.
    func transactions(_ workload: Workload) {
        let sync = workload.has("sync")
        let stops = StopFlag()
        let plan = plan
        let writers = (0..<workload.threads).map { index in
            SystemThread(name: "bench-single") { [self] in
                let session = Session(store: store)
                var random = Random(seed: plan.seed * 7919 + UInt64(index))
                while !stops.isSet {
                    let number = random.below(plan.keys)
                    session.put(makeKey(number), values.make(number, &random), sync: sync)
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
        stops.set()
        for writer in writers { writer.join() }
    }

    /// A serializable transaction that reads every key before it writes it.
    private func readAndWrite(_ made: [(UInt64, [UInt8])], sync: Bool) {
        blockingOnTask { [store] in
            do {
                try await store.transaction(mode: sync ? .synced : .ordered) { transaction in
                    for (number, value) in made {
                        _ = try await transaction.get(Session.keyspace, makeKey(number))
                        transaction.batch.put(Session.keyspace, makeKey(number), StoredValue(head: value))
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
        measure(workload, workload.extent(otherwise: 10_000), threads: workload.threads) { [store] _ in
            blockingOnTask {
                do {
                    try await store.update(Session.keyspace, key, mode: sync ? .synced : .ordered) { current, batch in
                        let next = (current.map { number(in: $0.head) } ?? 0) + 1
                        let head = withUnsafeBytes(of: next.littleEndian) { [UInt8]($0) }
                        batch.put(Session.keyspace, key, StoredValue(head: head))
                    }
                } catch {
                    fail("update: \(error)")
                }
            }
            _ = added.takeNext()
        }
        guard counterValue(key) == before + added.value else { fail("the counter has lost an update") }
    }

    private func counterValue(_ key: [UInt8]) -> UInt64 { Session(store: store).get(key).map(number(in:)) ?? 0 }

    /// Reads everything once, in order: fills the caches.
    func warm(_ workload: Workload) {
        measure(workload, .operations(1)) { [self] worker in scan(&worker, 0, count: .max) }
    }

    func deleteAll(_ workload: Workload) {
        measure(workload, .operations(plan.keys), writes: true) { worker in
            worker.session.remove(makeKey(worker.recorder.operations), sync: false)
        }
    }

    /// Lists the first 1,000 keys.
    func listFirst(_ workload: Workload) {
        measure(workload, workload.extent(otherwise: 100)) { [self] worker in scan(&worker, 0, count: 1000) }
    }
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
