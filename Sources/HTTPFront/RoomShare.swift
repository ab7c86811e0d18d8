import NIOCore

/// What an exchange has of a room, and how it gets on with it.
struct RoomShare {
    /// 0 for none.
    var bytes = 0
    /// While it waits for some.
    var ticket: Room.Ticket?
    private var since = NIODeadline.uptimeNanoseconds(0)
    private var moved = 0
    private var movedAt = NIODeadline.uptimeNanoseconds(0)

    /// Notes that bytes have been taken.
    mutating func add(_ count: Int, now: NIODeadline) {
        if bytes == 0 { since = now }
        bytes += count
        movedAt = now
    }

    /// Whether the client is too slow for others to wait for it. Called about once a second.
    ///
    /// - Parameters:
    ///   - count: bytes that have come, or gone.
    ///   - contendedSince: since when others have been waiting; nil when none are.
    mutating func isTooSlow(
        moved count: Int, contendedSince: NIODeadline?, now: NIODeadline, limits: FrontLimits
    ) -> Bool {
        if count != moved {
            moved = count
            movedAt = now
        }
        guard let contendedSince else { return false }
        let idle = TimeAmount.nanoseconds(Int64(limits.contendedIdleSeconds * 1e9))
        let whole = TimeAmount.nanoseconds(Int64(Double(bytes) / Double(limits.contendedBytesPerSecond) * 1e9))
        let start = max(since, contendedSince)
        return now >= max(movedAt, contendedSince) + idle || now >= start + idle + whole
    }
}
