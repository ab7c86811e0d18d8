/// How lab time follows from the machine's: a line through one point, with a slope.
struct ClockSetting: Equatable, Sendable {
    let mode: ClockMode
    /// The lab's time at `realNanoseconds`.
    let labMilliseconds: Int64
    /// Since 1970.
    let realNanoseconds: Int64
    /// Lab time for each unit of the machine's; 0 when frozen.
    let speed: Double

    /// Lab time is the machine's.
    static let real = ClockSetting(mode: .real, labMilliseconds: 0, realNanoseconds: 0, speed: 1)

    /// Lab time stands still.
    static func frozen(at time: LabTime) -> ClockSetting {
        ClockSetting(
            mode: .frozen, labMilliseconds: time.millisecondsSinceEpoch, realNanoseconds: 0, speed: 0)
    }

    /// Lab time goes on from `time`, which it was at `realNanoseconds`.
    static func running(from time: LabTime, at realNanoseconds: Int64, speed: Double) -> ClockSetting {
        ClockSetting(
            mode: .running, labMilliseconds: time.millisecondsSinceEpoch, realNanoseconds: realNanoseconds,
            speed: speed)
    }

    /// The lab's time at a time of the machine. Before the point that the line goes through, that point: never earlier.
    func labTime(atRealNanoseconds real: Int64) -> Int64 {
        let elapsed = real.subtractingReportingOverflow(realNanoseconds)
        guard speed > 0, elapsed.partialValue > 0, !elapsed.overflow else { return labMilliseconds }
        let left = LabTime.end.millisecondsSinceEpoch - labMilliseconds
        // Exact where it can be: a lab at the machine's pace may not drift from it.
        if speed == 1 { return labMilliseconds + min(left, elapsed.partialValue / 1_000_000) }
        let moved = Double(elapsed.partialValue) * speed / 1_000_000
        return moved < Double(left) ? labMilliseconds + Int64(moved) : labMilliseconds + left
    }

    /// Nanoseconds of the machine's time until the lab's reaches `time`; nil when it never does.
    func realNanoseconds(until time: LabTime, atRealNanoseconds real: Int64) -> Int64? {
        let left = time.millisecondsSinceEpoch.subtractingReportingOverflow(labTime(atRealNanoseconds: real))
        guard !left.overflow, left.partialValue > 0 else { return 0 }
        guard speed > 0 else { return nil }
        // The line has not begun where the machine's clock was set back behind its point.
        let lead = Double(max(0, realNanoseconds - real))
        let nanoseconds = Double(left.partialValue) * 1_000_000 / speed + lead
        return nanoseconds < Double(Int64.max / 2) ? Int64(nanoseconds.rounded(.up)) : Int64.max / 2
    }
}
