package import LabClock
private import LogStore
private import NIOHTTP1

/// Carries out what is asked about the lab clock.
package struct ClockService: Sendable {
    private let clock: StoredLabClock
    private let due: DueQueue
    private let runner: DueRunner
    private let realTime: any RealTime

    /// - Parameter realTime: what timeouts are measured by.
    package init(clock: StoredLabClock, due: DueQueue, runner: DueRunner, realTime: any RealTime) {
        self.clock = clock
        self.due = due
        self.runner = runner
        self.realTime = realTime
    }

    package func carryOut(_ request: ClockRequest) async -> AdminOutcome {
        do throws(ClockError) {
            switch request {
            case .show: return shown(clock.status)
            case .freeze: return shown(try await clock.freeze())
            case .run(let speed): return shown(try await clock.run(speed: speed))
            case .follow: return shown(try await clock.followRealTime())
            case .set(let time, let timeout):
                let doneBefore = due.counts.done
                try await clock.set(to: time)
                return await settled(withinMilliseconds: timeout, doneBefore: doneBefore)
            case .advance(let length, let timeout):
                let doneBefore = due.counts.done
                try await clock.advance(milliseconds: length)
                return await settled(withinMilliseconds: timeout, doneBefore: doneBefore)
            }
        } catch {
            return Self.refusal(error)
        }
    }

    private func shown(_ status: ClockStatus) -> AdminOutcome {
        AdminOutcome(status: .ok, json: "{\(Self.fields(status))}", text: Self.line(status))
    }

    /// The clock's state once what has become due is done; with no time to wait, at once. 202 when it is not done: the
    /// clock has moved all the same.
    private func settled(withinMilliseconds timeout: Int64, doneBefore: UInt64) async -> AdminOutcome {
        if timeout == 0 { return shown(clock.status) }
        let report = await settle(withinMilliseconds: timeout)
        let status = clock.status
        let done = due.counts.done - doneBefore
        let failing = report.map { $0.failingCount + $0.unknownCount } ?? due.counts.failing
        let isSettled = report != nil && failing == 0
        let json =
            "{\(Self.fields(status)),\"settled\":\(isSettled),\"done\":\(done),\"failing\":\(failing)}"
        var text = Self.line(status)
        if report == nil {
            text += "what became due is not done after \(timeout) ms; it goes on\n"
        } else if failing > 0 {
            text += "\(failing) of what is due could not be done, and is tried again\n"
        }
        return AdminOutcome(status: isSettled ? .ok : .accepted, json: json, text: text)
    }

    /// Nil when it took too long.
    private func settle(withinMilliseconds timeout: Int64) async -> DueReport? {
        await withTaskGroup(of: DueReport?.self) { group in
            group.addTask { [runner] in await runner.settle() }
            group.addTask { [realTime] in
                await realTime.sleep(nanoseconds: timeout * 1_000_000)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    static func fields(_ status: ClockStatus) -> String {
        "\"now\":\(JSONText.quoted(TimeText.describe(status.now))),\"mode\":\(JSONText.quoted("\(status.mode)")),"
            + "\"speed\":\(ClockText.speed(status.speed))"
    }

    private static func line(_ status: ClockStatus) -> String {
        let pace = status.mode == .running && status.speed != 1 ? " at speed \(ClockText.speed(status.speed))" : ""
        return "\(TimeText.describe(status.now))  \(status.mode)\(pace)\n"
    }

    private static func refusal(_ error: ClockError) -> AdminOutcome {
        switch error {
        case .past(let now):
            .refusal(.conflict, "lab time does not go back: it is \(TimeText.describe(now)) already")
        case .afterTheEnd:
            .refusal(.badRequest, "lab time ends at \(TimeText.describe(.end))")
        case .speed(let speed): .refusal(.badRequest, "a clock cannot run at speed \(speed)")
        case .store(.noSpace): .refusal(.insufficientStorage, "no space is left on the disk")
        case .store(.closed): .refusal(.serviceUnavailable, "the daemon is stopping")
        case .store(let error): .refusal(.internalServerError, StoreStart.describe(error))
        }
    }
}

/// Numbers of a clock, for people and programs.
enum ClockText {
    /// Without a fraction where there is none.
    static func speed(_ speed: Double) -> String {
        speed == speed.rounded() ? String(Int(speed)) : "\(speed)"
    }
}
