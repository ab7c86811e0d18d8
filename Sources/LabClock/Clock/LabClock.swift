/// The lab's time: what Last-Modified, expiry and everything that ages is measured by.
///
/// Services take a `LabClock`; nothing below the daemon asks the system for the time. HTTP `Date`, signatures and TLS
/// use real time and never this clock. `StoredLabClock` is the one that a lab runs on.
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

    /// The last moment that there is: a millisecond before the year 10000, behind which RFC 3339 has no way to write
    /// one.
    package static let end = LabTime(millisecondsSinceEpoch: 253_402_300_799_999)

    /// So much later, or the end of time.
    package func adding(milliseconds: Int64) -> LabTime {
        let (sum, overflows) = millisecondsSinceEpoch.addingReportingOverflow(milliseconds)
        if overflows { return milliseconds > 0 ? .end : LabTime(millisecondsSinceEpoch: .min) }
        return min(LabTime(millisecondsSinceEpoch: sum), .end)
    }
}
