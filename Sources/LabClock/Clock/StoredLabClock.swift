package import LogStore
private import Synchronization

/// The clock that a lab runs on: real, frozen, at a speed of its own, and moved in steps. Its setting is in the store,
/// and its time never goes back in one.
///
/// A change is durable before anybody is told a time that follows from it. Time passes while nobody serves the store:
/// it follows from the setting and the machine's clock alone. Where the machine's clock is set back, lab time stands
/// still until it is reached again. `docs/lab-clock.md`.
package final class StoredLabClock: LabClock {
    /// Lab time for each unit of the machine's. Slower is as good as frozen; faster, a second is eleven days.
    package static let speeds: ClosedRange<Double> = 0.001...1_000_000

    private struct Written {
        var record: ClockRecord?
        var restoreCount: Int
    }

    private let store: LogStore
    private let realTime: any RealTime
    private let face: ClockFace
    private let turns = Turns()
    private let written: Mutex<Written>
    /// Raised after every change.
    let changes = Signal()

    private init(store: LogStore, realTime: any RealTime, record: ClockRecord?, restoreCount: Int) {
        self.store = store
        self.realTime = realTime
        let setting = record?.setting ?? .real
        let floor = max(record?.floor.millisecondsSinceEpoch ?? 0, setting.labMilliseconds)
        face = ClockFace(setting, floor: LabTime(millisecondsSinceEpoch: floor), realTime: realTime)
        written = Mutex(Written(record: record, restoreCount: restoreCount))
    }

    /// The clock of a store; of a new one, real.
    ///
    /// - Throws: as `LogStore.get`; `.damaged` also when the clock's record is none.
    package static func open(store: LogStore, realTime: any RealTime) async throws(StoreError) -> StoredLabClock {
        let restoreCount = store.restoreCount
        var record: ClockRecord?
        if let value = try await store.get(.catalog, ClockRecord.key) { record = try ClockRecord(value.head) }
        return StoredLabClock(store: store, realTime: realTime, record: record, restoreCount: restoreCount)
    }

    // MARK: Reading

    /// Costs a look at the machine's clock and a few loads; takes no lock.
    package func now() -> LabTime { face.now() }

    package var status: ClockStatus {
        let setting = face.setting
        return ClockStatus(now: face.now(), mode: setting.mode, speed: setting.speed)
    }

    /// The state without telling the time to anybody, for looks that leave no trace: see `noteProgress`.
    package var peekStatus: ClockStatus {
        let setting = face.setting
        return ClockStatus(now: face.peek(), mode: setting.mode, speed: setting.speed)
    }

    /// Nanoseconds of the machine's time until the lab's reaches `time` if nothing changes; nil: never.
    package func realNanoseconds(until time: LabTime) -> Int64? {
        if face.peek() >= time { return 0 }
        return face.setting.realNanoseconds(until: time, atRealNanoseconds: realTime.nanosecondsSinceEpoch())
    }

    /// Slept at most at a time: the machine's clock may be set meanwhile.
    private static let sleepNanosecondsMax: Int64 = 10_000_000_000

    /// Returns when lab time has reached `time`, in whatever way it came there, or when the task is cancelled.
    package func sleep(until time: LabTime) async {
        while !Task.isCancelled {
            let seen = changes.count
            let left = realNanoseconds(until: time)
            if left == 0 { return }
            await realTime.rest(
                nanoseconds: left.map { min($0, Self.sleepNanosecondsMax) }, unless: [(changes, seen)])
        }
    }

    // MARK: Changing

    /// Stops lab time where it is.
    ///
    /// - Throws: `.store`.
    @discardableResult
    package func freeze() async throws(ClockError) -> ClockStatus {
        try await change { now, _, _ throws(ClockError) in .frozen(at: now) }
    }

    /// Lets lab time go on from where it is.
    ///
    /// - Parameter speed: within `speeds`; 1 is the machine's pace.
    /// - Throws: `.speed`, `.store`.
    @discardableResult
    package func run(speed: Double = 1) async throws(ClockError) -> ClockStatus {
        guard Self.speeds.contains(speed) else { throw .speed(speed) }
        return try await change { now, real, setting throws(ClockError) in
            // A clock that is the machine's stays so, unless it waits for the machine's to come to where it is.
            if setting.mode == .real, speed == 1, now.millisecondsSinceEpoch <= real / 1_000_000 { return setting }
            return .running(from: now, at: real, speed: speed)
        }
    }

    /// Makes lab time the machine's again.
    ///
    /// - Throws: `.past` while lab time is ahead of the machine's; `.store`.
    @discardableResult
    package func followRealTime() async throws(ClockError) -> ClockStatus {
        try await change { now, real, setting throws(ClockError) in
            guard setting.mode == .real || now.millisecondsSinceEpoch <= real / 1_000_000 else {
                throw .past(now: now)
            }
            return .real
        }
    }

    /// Moves lab time on to a moment; then it goes on, or stands still, as before.
    ///
    /// - Throws: `.past`, `.afterTheEnd`, `.store`.
    @discardableResult
    package func set(to time: LabTime) async throws(ClockError) -> ClockStatus {
        guard time <= .end else { throw .afterTheEnd }
        return try await change { now, real, setting throws(ClockError) in
            guard time >= now else { throw .past(now: now) }
            return time == now ? setting : setting.moved(to: time, at: real)
        }
    }

    /// Moves lab time on by so much; then it goes on, or stands still, as before.
    ///
    /// - Throws: `.past` for less than nothing; `.afterTheEnd`, `.store`.
    @discardableResult
    package func advance(milliseconds: Int64) async throws(ClockError) -> ClockStatus {
        try await change { now, real, setting throws(ClockError) in
            guard milliseconds >= 0 else { throw .past(now: now) }
            let left = LabTime.end.millisecondsSinceEpoch - now.millisecondsSinceEpoch
            guard milliseconds <= left else { throw .afterTheEnd }
            return milliseconds == 0 ? setting : setting.moved(to: now.adding(milliseconds: milliseconds), at: real)
        }
    }

    private typealias Decision =
        @Sendable (_ now: LabTime, _ realNanoseconds: Int64, _ setting: ClockSetting) throws(ClockError) -> ClockSetting

    /// Lab time stands still while the change is made durable: nobody may be told a time that a crash would take back.
    private func change(_ decide: Decision) async throws(ClockError) -> ClockStatus {
        await turns.take()
        defer { turns.release() }
        let before = face.setting
        let now = face.hold()
        do throws(ClockError) {
            let setting = try decide(now, realTime.nanosecondsSinceEpoch(), before)
            if setting != before { try await keep(setting) }
            face.show(setting)
            changes.raise()
            return ClockStatus(now: face.now(), mode: setting.mode, speed: setting.speed)
        } catch {
            face.show(before)
            throw error
        }
    }

    private func keep(_ setting: ClockSetting) async throws(ClockError) {
        // Where it goes on: of a clock that follows the machine's again, later than where it stood.
        let begin = setting.labTime(atRealNanoseconds: realTime.nanosecondsSinceEpoch())
        let floor = max(face.told, LabTime(millisecondsSinceEpoch: begin))
        do throws(StoreError) { try await write(ClockRecord(setting: setting, floor: floor)) } catch {
            throw .store(error)
        }
    }

    private func write(_ record: ClockRecord) async throws(StoreError) {
        let restoreCount = store.restoreCount
        var batch = WriteBatch()
        batch.put(.catalog, ClockRecord.key, StoredValue(head: record.bytes))
        try await store.commit(batch, mode: .synced)
        written.withLock { $0 = Written(record: record, restoreCount: restoreCount) }
    }

    /// Makes durable how late it is. For crashes after which the machine's clock is found set back, and after a
    /// restore, which brought an older clock with it. Costs nothing when nobody has been told the time since.
    ///
    /// - Throws: as `LogStore.commit`.
    package func noteProgress() async throws(StoreError) {
        await turns.take()
        defer { turns.release() }
        let record = ClockRecord(setting: face.setting, floor: face.told)
        let isKept = written.withLock { written in
            // A new store in which nobody has asked for the time needs no record.
            (written.record == record || written.record == nil && record == .new)
                && written.restoreCount == store.restoreCount
        }
        if !isKept { try await write(record) }
    }
}

extension ClockSetting {
    /// The same pace from another moment on.
    fileprivate func moved(to time: LabTime, at realNanoseconds: Int64) -> ClockSetting {
        mode == .frozen ? .frozen(at: time) : .running(from: time, at: realNanoseconds, speed: speed)
    }
}
