private import Synchronization

/// A machine's time that moves by hand: for tests and simulations.
package final class ManualTime: RealTime {
    private struct Sleeper {
        var id: UInt64
        var until: Int64
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var nanoseconds: Int64
        var nextID: UInt64 = 0
        var sleepers: [Sleeper] = []
    }

    private let state: Mutex<State>

    package init(millisecondsSinceEpoch: Int64) {
        state = Mutex(State(nanoseconds: millisecondsSinceEpoch * 1_000_000))
    }

    package func nanosecondsSinceEpoch() -> Int64 { state.withLock { $0.nanoseconds } }

    /// Whoever is asleep at present.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Moves on, or back as when the machine's clock is set, and wakes whose time has come.
    package func advance(milliseconds: Int64) {
        let awake = state.withLock { state in
            state.nanoseconds += milliseconds * 1_000_000
            let awake = state.sleepers.filter { $0.until <= state.nanoseconds }
            state.sleepers.removeAll { $0.until <= state.nanoseconds }
            return awake
        }
        for sleeper in awake { sleeper.continuation.resume() }
    }

    package func sleep(nanoseconds: Int64) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let (until, overflows) = state.nanoseconds.addingReportingOverflow(nanoseconds)
                    // Whoever cancels after this finds the sleeper.
                    if until <= state.nanoseconds && !overflows || Task.isCancelled { return true }
                    state.sleepers.append(
                        Sleeper(id: id, until: overflows ? .max : until, continuation: continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume()
        }
    }
}
