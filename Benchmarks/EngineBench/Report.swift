import Glibc
import LogStore

/// A value of a line of JSON.
enum JSONField {
    case text(String)
    case number(Double)
    case count(UInt64)

    fileprivate var json: String {
        switch self {
        // Our texts hold nothing that must be escaped.
        case .text(let text): "\"\(text)\""
        case .number(let number): "\(number)"
        case .count(let count): "\(count)"
        }
    }
}

/// Writes one line of JSON to standard output, at once.
func printLine(_ fields: [(String, JSONField)]) {
    let line = "{" + fields.map { "\"\($0.0)\": \($0.1.json)" }.joined(separator: ", ") + "}\n"
    let bytes = Array(line.utf8)
    guard write(1, bytes, bytes.count) == bytes.count else { fail("standard output is closed") }
}

/// The engine's own account: bytes written, by what they were written for, and files taken away.
struct EngineAccount {
    var log = 0
    var flushed = 0
    var compacted = 0
    var unlinkedFiles = 0

    init(_ statistics: StoreStatistics) {
        log = statistics.logBytes
        flushed = statistics.flushedBytes
        compacted = statistics.compactedBytes
        unlinkedFiles = statistics.unlinkedFiles
    }

    static func - (a: EngineAccount, b: EngineAccount) -> EngineAccount {
        var difference = a
        difference.log -= b.log
        difference.flushed -= b.flushed
        difference.compacted -= b.compacted
        difference.unlinkedFiles -= b.unlinkedFiles
        return difference
    }
}

/// What one workload came to.
struct Report {
    var workload: Workload
    var start: UInt64
    var acknowledged: UInt64
    var settled: UInt64
    /// Whether the time until background work has settled belongs to the result.
    var writes: Bool
    var writtenBytes: UInt64
    /// Syncs of files until the last operation was acknowledged.
    var syncs: UInt64
    var cpuMicroseconds: UInt64
    /// The engine's own account of the same time.
    var engine: EngineAccount
    var bytesPerOperation: UInt64
    /// Of the threads that count, and of the one beside them.
    var recorders: [Recorder]
    var background: Recorder?

    func print() {
        var histogram = Histogram()
        var windows: [UInt64] = []
        for recorder in recorders {
            histogram.merge(recorder.histogram)
            if windows.count < recorder.windows.count {
                windows += [UInt64](repeating: 0, count: recorder.windows.count - windows.count)
            }
            for (index, count) in recorder.windows.enumerated() { windows[index] += UInt64(count) }
        }
        func sum(_ value: (Recorder) -> UInt64) -> UInt64 { recorders.reduce(0) { $0 &+ value($1) } }
        let operations = sum(\.operations)
        let busy = Double(acknowledged - start) / 1e9
        let whole = Double(settled - start) / 1e9
        // The last window is cut short by the end.
        let full = Int((acknowledged - start) / Recorder.windowNanoseconds)
        let idle = (0..<full).count { $0 >= windows.count || windows[$0] == 0 }
        printLine([
            ("workload", .text(workload.label)), ("operations", .count(operations)), ("seconds", .number(busy)),
            ("settled_seconds", .number(whole)),
            ("operations_per_second", .number(Double(operations) / (writes ? whole : busy))),
            ("acknowledged_per_second", .number(Double(operations) / busy)),
            ("p50_us", .number(histogram.percentile(0.5))), ("p99_us", .number(histogram.percentile(0.99))),
            ("p999_us", .number(histogram.percentile(0.999))), ("max_us", .number(histogram.percentile(1 - 1e-9))),
            ("windows", .count(UInt64(full))), ("idle_windows", .count(UInt64(idle))),
            ("written_bytes", .count(writtenBytes)),
            ("user_bytes", .count(writes ? operations * bytesPerOperation : 0)),
            ("peak_resident_bytes", .count(ProcessNumbers.peakResidentBytes)),
            ("found", .count(sum(\.found))), ("verified", .count(sum(\.verified))), ("key_sum", .count(sum(\.keySum))),
            ("background_per_second", .number(Double(background?.operations ?? 0) / busy)),
            ("cpu_us", .number(Double(cpuMicroseconds) / Double(max(1, operations)))),
            ("syncs", .count(syncs)), ("log_bytes", .count(UInt64(engine.log))),
            ("flushed_bytes", .count(UInt64(engine.flushed))),
            ("compacted_bytes", .count(UInt64(engine.compacted))),
            ("unlinked_files", .count(UInt64(engine.unlinkedFiles))),
        ])
    }
}
