private import Glibc
internal import LabClock

/// The machine's own time, for the lab clock to follow.
struct SystemTime: RealTime {
    func nanosecondsSinceEpoch() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    func sleep(nanoseconds: Int64) async {
        // It throws when the task is cancelled, which is a way to return early.
        try? await Task.sleep(for: .nanoseconds(nanoseconds), clock: .continuous)
    }
}
