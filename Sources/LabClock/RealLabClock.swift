private import Glibc
private import Synchronization

/// Lab time that is the machine's own, except that it never goes back when the machine's clock is set back.
package final class RealLabClock: LabClock {
    private let latestMilliseconds = Atomic<Int64>(0)

    package init() {}

    package func now() -> LabTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let measured = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        let latest = latestMilliseconds.max(measured, ordering: .relaxed).newValue
        return LabTime(millisecondsSinceEpoch: latest)
    }
}
