package import LogStore

/// In which way the lab's time passes. The raw value is in the store: never reuse or renumber one.
package enum ClockMode: UInt8, Sendable {
    /// It is the machine's.
    case real = 1
    /// It goes on by itself, from where it was set and at a speed of its own.
    case running = 2
    /// It stands still, and moves in steps.
    case frozen = 3
}

/// What a clock shows, and how it goes on.
package struct ClockStatus: Equatable, Sendable {
    package var now: LabTime
    package var mode: ClockMode
    /// Lab time for each unit of the machine's; 0 when frozen.
    package var speed: Double
}

/// Why a clock was not changed.
package enum ClockError: Error, Equatable, Sendable {
    /// Lab time does not go back: it is later already.
    case past(now: LabTime)
    /// Behind the last moment that there is, `LabTime.end`.
    case afterTheEnd
    /// Not within `StoredLabClock.speeds`.
    case speed(Double)
    /// The change could not be kept. Lab time goes on as before.
    case store(StoreError)
}
