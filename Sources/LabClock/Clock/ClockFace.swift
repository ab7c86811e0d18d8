private import Synchronization

/// What a clock shows at the moment: read by every request and changed rarely, so that reading takes no lock.
///
/// The three numbers of the setting are read between two looks at a version, which is odd while they are written. A
/// reader that met a change takes the writers' lock, which is held for a few stores.
final class ClockFace: Sendable {
    private let realTime: any RealTime
    private let version = Atomic<UInt64>(0)
    private let labMilliseconds: Atomic<Int64>
    private let realNanoseconds: Atomic<Int64>
    private let speedBits: Atomic<UInt64>
    /// The latest time that anybody was told.
    private let latest: Atomic<Int64>
    private let writing: Mutex<ClockSetting>

    /// - Parameter floor: lab time has been this before.
    init(_ setting: ClockSetting, floor: LabTime, realTime: any RealTime) {
        self.realTime = realTime
        labMilliseconds = Atomic(setting.labMilliseconds)
        realNanoseconds = Atomic(setting.realNanoseconds)
        speedBits = Atomic(setting.speed.bitPattern)
        latest = Atomic(floor.millisecondsSinceEpoch)
        writing = Mutex(setting)
    }

    /// Costs a look at the machine's clock and five loads.
    func now() -> LabTime { LabTime(millisecondsSinceEpoch: raise(measured())) }

    /// The time without telling anybody: it need not be remembered.
    func peek() -> LabTime { LabTime(millisecondsSinceEpoch: max(latest.load(ordering: .relaxed), measured())) }

    /// The latest time that anybody was told.
    var told: LabTime { LabTime(millisecondsSinceEpoch: latest.load(ordering: .relaxed)) }

    var setting: ClockSetting { writing.withLock { $0 } }

    /// Goes on by another setting from now on.
    func show(_ setting: ClockSetting) {
        writing.withLock { current in
            beginWriting()
            write(setting)
            current = setting
        }
    }

    /// Stops, and returns where.
    func hold() -> LabTime {
        writing.withLock { current in
            beginWriting()
            // Read after the version is odd for everybody: no reader is told a later time by the old setting.
            let measured = current.labTime(atRealNanoseconds: realTime.nanosecondsSinceEpoch())
            let held = LabTime(millisecondsSinceEpoch: raise(measured))
            current = .frozen(at: held)
            write(current)
            return held
        }
    }

    private func raise(_ milliseconds: Int64) -> Int64 {
        let told = latest.load(ordering: .relaxed)
        // Once a millisecond at most, so that readers do not take the line from each other.
        if milliseconds <= told { return told }
        return latest.max(milliseconds, ordering: .relaxed).newValue
    }

    private func measured() -> Int64 {
        let before = version.load(ordering: .acquiring)
        if before & 1 == 0 {
            let setting = ClockSetting(
                mode: .running, labMilliseconds: labMilliseconds.load(ordering: .relaxed),
                realNanoseconds: realNanoseconds.load(ordering: .relaxed),
                speed: Double(bitPattern: speedBits.load(ordering: .relaxed)))
            let real = realTime.nanosecondsSinceEpoch()
            atomicMemoryFence(ordering: .acquiring)
            if version.load(ordering: .relaxed) == before { return setting.labTime(atRealNanoseconds: real) }
        }
        return writing.withLock { $0.labTime(atRealNanoseconds: realTime.nanosecondsSinceEpoch()) }
    }

    /// Under the lock.
    private func beginWriting() {
        version.wrappingAdd(1, ordering: .relaxed)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }

    /// Under the lock, after `beginWriting`.
    private func write(_ setting: ClockSetting) {
        labMilliseconds.store(setting.labMilliseconds, ordering: .relaxed)
        realNanoseconds.store(setting.realNanoseconds, ordering: .relaxed)
        speedBits.store(setting.speed.bitPattern, ordering: .relaxed)
        version.wrappingAdd(1, ordering: .releasing)
    }
}
