import Glibc
import LogStore
import Synchronization

/// The workloads, in db_bench's and YCSB's vocabulary.
extension Runner {
    func fill(_ workload: Workload, choose: @escaping @Sendable (UInt64, inout Random) -> UInt64) {
        let sync = workload.has("sync")
        let threads = workload.threads
        let writes = !workload.has("unsettled")
        measure(workload, workload.extent(otherwise: plan.keys), threads: threads, writes: writes) { [self] worker in
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

    /// Reads everything once, in order: fills the caches.
    func warm(_ workload: Workload) {
        measure(workload, .operations(1)) { [self] worker in scan(&worker, 0, count: .max) }
    }

    func deleteAll(_ workload: Workload) {
        measure(workload, .operations(plan.keys)) { worker in
            worker.session.remove(makeKey(worker.recorder.operations), sync: false)
        }
    }

    /// Keys behind all others, as many as a listing returns.
    func fillEnd(_ workload: Workload) {
        measure(workload, .operations(1000)) { [self] worker in
            put(&worker, plan.keys + worker.recorder.operations, sync: false)
        }
    }

    /// Lists the first 1,000 keys.
    func listFirst(_ workload: Workload) {
        measure(workload, workload.extent(otherwise: 100)) { [self] worker in scan(&worker, 0, count: 1000) }
    }
}
