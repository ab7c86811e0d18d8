import Disk
import Glibc
import LogStore

/// Runs workloads one after the other on one store and prints a line of JSON for each: our side of
/// `scripts/bench engine`. The peers' programs in `Benchmarks/engine/peers` take the same arguments.
///
///     enginebench DIRECTORY [--keys N] [--value-bytes N] [--memtable-bytes N] [--cache-bytes N] [--direct] [--synced]
///                 [--seed N] [--budget-bytes N] WORKLOAD...
///     enginebench DIRECTORY --log-bytes
///
/// With a budget the store divides its memory itself. `--log-bytes` says how much log the next opening has to read.
@main
enum EngineBench {
    static func main() {
        ProcessHeap.limitHoles()
        var plan = Plan()
        var options = StoreOptions()
        options.blockCacheBytes = 256 << 20
        options.memtableBytes = 64 << 20
        var directory: String?
        var budget: Int?
        var measuresLog = false
        var workloads: [Workload] = []
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            func number() -> UInt64 {
                guard let text = arguments.popFirst(), let number = UInt64(text) else {
                    fail("\(argument) needs a number")
                }
                return number
            }
            switch argument {
            case "--keys": plan.keys = number()
            case "--value-bytes": plan.valueBytes = Int(number())
            case "--memtable-bytes": options.memtableBytes = Int(number())
            case "--cache-bytes": options.blockCacheBytes = Int(number())
            case "--seed": plan.seed = number()
            case "--budget-bytes": budget = Int(number())
            case "--log-bytes": measuresLog = true
            case "--direct": options.directReads = true
            // Durability is chosen for each commit.
            case "--synced": break
            case _ where argument.hasPrefix("--"): fail("unknown option \(argument)")
            case _ where directory == nil: directory = argument
            default: workloads.append(Workload(argument))
            }
        }
        guard let directory, measuresLog == workloads.isEmpty else {
            fail("usage: enginebench DIRECTORY [OPTIONS] WORKLOAD...")
        }
        if measuresLog { return printLogBytes(directory) }
        if let budget {
            // What a store does with one number.
            options.memoryBudgetBytes = budget
            options.blockCacheBytes = nil
            options.memtableBytes = nil
        } else {
            options.memoryBudgetBytes = (options.blockCacheBytes ?? 0) + (options.memtableBytes ?? 0) * 3
        }
        do {
            try run(plan, options, directory, workloads)
        } catch {
            fail("\(error)")
        }
    }

    private static func run(
        _ plan: Plan, _ options: StoreOptions, _ directory: String, _ workloads: [Workload]
    ) throws {
        let begun = nowNanoseconds()
        let driver = ThreadedDriver(offloadThreadCount: 4, syncIntervalMilliseconds: nil)
        let disk = CountingDisk(try POSIXDisk(path: directory))
        let store = try LogStore.open(disk: disk, options: options, driver: driver, randomSeed: begun)
        driver.start(driving: store)
        let seconds = Double(nowNanoseconds() - begun) / 1e9
        printLine([
            ("workload", .text("open")), ("seconds", .number(seconds)), ("about", .text("Varve, \(build), LZ4")),
            ("peak_resident_bytes", .count(ProcessNumbers.peakResidentBytes)),
        ])
        let runner = Runner(store: store, driver: driver, disk: disk, directory: directory, plan: plan)
        for workload in workloads { runner.run(workload) }
        driver.stop()
        try store.close()
    }

    private static func printLogBytes(_ directory: String) {
        do {
            let segments = try StoreInspector(try POSIXDisk(path: directory)).log()
            let bytes = segments.reduce(0) { $0 + $1.endPosition - $1.startPosition }
            printLine([("workload", .text("log")), ("bytes", .count(bytes))])
        } catch {
            fail("\(error)")
        }
    }

    private static var build: String {
        #if DEBUG
        "debug build"
        #else
        "release build"
        #endif
    }
}

/// Says why and ends the program, without waiting for threads that may be inside the store.
func fail(_ why: String) -> Never {
    let line = Array("\(why)\n".utf8)
    _ = write(2, line, line.count)
    _exit(1)
}
