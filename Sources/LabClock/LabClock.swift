/// The lab's time: what Last-Modified, expiry and everything that ages is measured by.
///
/// Services take a `LabClock`; nothing below the daemon asks the system for the time. HTTP `Date`, signatures and TLS
/// use real time and never this clock. The real clock is here; frozen, scaled and stepped clocks implement the same
/// protocol.
package protocol LabClock: Sendable {
    /// The lab's present, never earlier than an answer it has given before.
    func now() -> LabTime
}

/// A moment in lab time.
package struct LabTime: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var millisecondsSinceEpoch: Int64

    package init(millisecondsSinceEpoch: Int64) { self.millisecondsSinceEpoch = millisecondsSinceEpoch }

    package static func < (a: LabTime, b: LabTime) -> Bool { a.millisecondsSinceEpoch < b.millisecondsSinceEpoch }
}
