/// The machine's time, passed in by whoever composes the lab.
package protocol RealTime: Sendable {
    /// Nanoseconds since 1970-01-01T00:00:00Z. May jump when the machine's clock is set.
    func nanosecondsSinceEpoch() -> Int64

    /// Returns after so much time, or as soon as the task is cancelled.
    func sleep(nanoseconds: Int64) async
}
