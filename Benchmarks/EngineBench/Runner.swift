import Glibc
import LogStore
import Synchronization

/// What one thread works with.
struct Worker: ~Copyable {
    let index: Int
    let session: Session
    let recorder: Recorder
    var random: Random
}

/// Runs workloads on an open store.
final class Runner: Sendable {
    typealias Step = @Sendable (inout Worker) -> Void

    let store: LogStore
    let plan: Plan
    let values: Values
    let driver: ThreadedDriver
    let disk: CountingDisk
    let directory: String

    init(store: LogStore, driver: ThreadedDriver, disk: CountingDisk, directory: String, plan: Plan) {
        self.store = store
        self.driver = driver
        self.disk = disk
        self.directory = directory
        self.plan = plan
        values = Values(valueBytes: plan.valueBytes)
    }

    func run(_ workload: Workload) {
        let plan = plan
        switch workload.name {
        case "fillseq": fill(workload) { index, _ in index }
        case "load":
            let shuffle = Shuffle(count: plan.keys)
            fill(workload) { index, _ in shuffle[index] }
        case "fillrandom", "overwrite", "fillsync": fill(workload) { _, random in random.below(plan.keys) }
        case "readrandom": read(workload, isMissing: false)
        case "readmissing": read(workload, isMissing: true)
        case "seekrandom": seek(workload)
        case "readwhilewriting": readWhileWriting(workload)
        case "ycsb-a", "ycsb-b", "ycsb-c", "ycsb-d", "ycsb-e", "ycsb-f": ycsb(workload)
        case "transactions": transactions(workload)
        case "counter": counter(workload)
        case "warm": warm(workload)
        case "large": large(workload)
        case "largefill": largeFill(workload)
        case "fillsyncdeleting": fillSyncDeleting(workload)
        case "fillend": fillEnd(workload)
        case "deleteall": deleteAll(workload)
        case "listfirst": listFirst(workload)
        case "settle": measure(workload, .operations(1), writes: true) { _ in }
        case "kill": raise(SIGKILL)
        default: fail("unknown workload \(workload.name)")
        }
    }

    /// Runs `step` on threads until the extent is used up, and prints what was measured.
    ///
    /// - Parameters: as `measureLoops`.
    func measure(
        _ workload: Workload, _ extent: Extent, threads: Int = 1, writes: Bool = false, background: Step? = nil,
        _ step: @escaping Step
    ) {
        measureLoops(workload, extent, threads: threads, writes: writes, background: background) { worker in
            while worker.recorder.goesOn {
                step(&worker)
                worker.recorder.note()
            }
        }
    }

    /// As `measure`; `loop` itself asks the worker's recorder whether to go on, and notes each operation.
    ///
    /// - Parameters:
    ///   - writes: whether the time until background work has settled belongs to the result.
    ///   - background: repeated by one more thread meanwhile; not counted.
    func measureLoops(
        _ workload: Workload, _ extent: Extent, threads: Int = 1, writes: Bool = false, background: Step? = nil,
        _ loop: @escaping Step
    ) {
        ProcessNumbers.resetPeakResident()
        let writtenBefore = ProcessNumbers.writtenBytes
        let cpuBefore = ProcessNumbers.cpuMicroseconds
        let syncsBefore = disk.counts.syncCount
        let engineBefore = EngineAccount(store.statistics())
        let start = nowNanoseconds()
        let recorders = (0..<threads).map { index -> Recorder in
            var share: UInt64 = 0
            if case .operations(let all) = extent {
                share = all / UInt64(threads) + (UInt64(index) < all % UInt64(threads) ? 1 : 0)
            }
            return Recorder(start: start, extent: extent, share: share)
        }
        let beside = background.map { _ in Recorder(start: start, extent: .operations(.max), share: .max) }
        let stops = StopFlag()
        let running = recorders.enumerated().map { index, recorder in
            SystemThread(name: "bench-\(index)") { [self] in
                var worker = worker(index, recorder)
                loop(&worker)
            }
        }
        let besideThread = background.flatMap { background in
            beside.map { beside in
                SystemThread(name: "bench-beside") { [self] in
                    var worker = worker(threads, beside)
                    while !stops.isSet { background(&worker) }
                }
            }
        }
        for thread in running { thread.join() }
        let syncs = disk.counts.syncCount - syncsBefore
        stops.set()
        let acknowledged = nowNanoseconds()
        besideThread?.join()
        if writes { settle() }
        Report(
            workload: workload, start: start, acknowledged: acknowledged, settled: nowNanoseconds(), writes: writes,
            writtenBytes: ProcessNumbers.writtenBytes - writtenBefore, syncs: syncs,
            cpuMicroseconds: ProcessNumbers.cpuMicroseconds - cpuBefore,
            engine: EngineAccount(store.statistics()) - engineBefore,
            bytesPerOperation: UInt64(16 + plan.valueBytes), recorders: recorders, background: beside
        ).print()
    }

    private func worker(_ index: Int, _ recorder: Recorder) -> Worker {
        recorder.skipToNow()
        return Worker(
            index: index, session: Session(store: store), recorder: recorder,
            random: Random(seed: plan.seed * 1_000_003 + UInt64(index)))
    }

    /// Returns when flushes and compactions have nothing left to do.
    private func settle() {
        // The thread may be about to look again: asleep several times in a row is settled.
        var quiet = 0
        while quiet < 5 {
            usleep(2000)
            quiet = driver.isBackgroundIdle ? quiet + 1 : 0
        }
    }

    // MARK: Steps

    func put(_ worker: inout Worker, _ number: UInt64, sync: Bool) {
        let value = values.make(number, &worker.random)
        worker.session.put(makeKey(number), value, sync: sync)
        worker.recorder.keySum &+= number
    }

    /// Reads a key and checks the value: all of it one time in 64.
    func get(_ worker: inout Worker, _ number: UInt64, isMissing: Bool = false) {
        worker.recorder.keySum &+= number
        guard let value = worker.session.get(makeKey(number, isMissing: isMissing)) else { return }
        let whole = worker.recorder.operations.isMultiple(of: 64)
        let fits = value.withUnsafeBytes { values.fits($0, number, whole: whole) }
        guard !isMissing, fits else { fail("a wrong value was read") }
        worker.recorder.found += 1
        if whole { worker.recorder.verified += 1 }
    }

    func scan(_ worker: inout Worker, _ number: UInt64, count: Int) {
        let recorder = worker.recorder
        recorder.keySum &+= number
        let whole = recorder.operations.isMultiple(of: 64)
        let values = values
        var least = number
        worker.session.scan(from: makeKey(number), count: count) { key, value in
            let found = keyNumber(key)
            guard found >= least, values.fits(value, found, whole: whole) else {
                fail("a scan returned what it should not")
            }
            least = found + 1
            recorder.found += 1
            if whole { recorder.verified += 1 }
        }
    }
}

/// Told once, seen by all.
final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
