import Glibc

/// Monotonic nanoseconds.
func nowNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

/// Latencies in buckets of at most 1/32 of their value.
struct Histogram {
    private var counts = [UInt64](repeating: 0, count: 60 * 32)

    mutating func add(_ nanoseconds: UInt64) { counts[Self.bucket(nanoseconds)] += 1 }

    mutating func merge(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// Microseconds below which `part` of all operations stayed.
    func percentile(_ part: Double) -> Double {
        let wanted = UInt64(part * Double(counts.reduce(0, +)))
        var seen: UInt64 = 0
        for (index, count) in counts.enumerated() {
            seen += count
            if seen > wanted { return Self.middle(index) / 1000 }
        }
        return 0
    }

    /// Powers of two, each in 32 parts; below 32 ns every nanosecond.
    private static func bucket(_ value: UInt64) -> Int {
        if value < 32 { return Int(value) }
        let power = 63 - value.leadingZeroBitCount
        return (power - 4) * 32 + Int((value >> (power - 5)) & 31)
    }

    private static func middle(_ bucket: Int) -> Double {
        if bucket < 32 { return Double(bucket) }
        return (Double(32 + bucket % 32) + 0.5) * Double(UInt64(1) << (bucket / 32 + 4 - 5))
    }
}

/// When to stop: after a number of operations in all, or after a time.
enum Extent: Sendable {
    case operations(UInt64)
    case seconds(Double)
}

/// One thread's clock: asks whether to go on, notes each operation's end.
///
/// Unchecked: used by one thread, and read after it has ended.
final class Recorder: @unchecked Sendable {
    static let windowNanoseconds: UInt64 = 100_000_000

    private(set) var histogram = Histogram()
    private(set) var windows: [UInt32] = []
    private(set) var operations: UInt64 = 0
    /// Reads that found their key, and reads whose bytes were compared with what was written.
    var found: UInt64 = 0
    var verified: UInt64 = 0
    /// Sum of the numbers of the keys used: equal for equal work.
    var keySum: UInt64 = 0

    private let start: UInt64
    private var last: UInt64
    private let operationsMax: UInt64
    private let deadline: UInt64

    /// - Parameter share: this thread's part of the operations, when they are counted.
    init(start: UInt64, extent: Extent, share: UInt64) {
        self.start = start
        last = start
        switch extent {
        case .operations:
            operationsMax = share
            deadline = .max
        case .seconds(let seconds):
            operationsMax = .max
            deadline = start + UInt64(seconds * 1e9)
        }
    }

    var goesOn: Bool { operations < operationsMax && last < deadline }

    /// An operation has ended; the next one begins.
    func note() {
        let now = nowNanoseconds()
        histogram.add(now - last)
        last = now
        operations += 1
        let window = Int((now - start) / Self.windowNanoseconds)
        if window >= windows.count { windows += [UInt32](repeating: 0, count: window - windows.count + 64) }
        windows[window] += 1
    }

    /// What came before does not belong to the next operation.
    func skipToNow() { last = nowNanoseconds() }
}
