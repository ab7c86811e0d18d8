private import Synchronization

/// Counts events, and wakes the tasks that wait for the next one. What happens between a look at the count and the wait
/// is not missed.
final class Signal: Sendable {
    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var count: UInt64 = 0
        var nextID: UInt64 = 0
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    /// Events so far.
    var count: UInt64 { state.withLock { $0.count } }

    /// One more event: everybody who waits goes on.
    func raise() {
        let waiters = state.withLock { state in
            state.count += 1
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume() }
    }

    /// Returns when the count is no longer `seen`, or the task is cancelled.
    func wait(since seen: UInt64) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // Whoever cancels after this finds the waiter.
                    if state.count != seen || Task.isCancelled { return true }
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume()
        }
    }
}

extension RealTime {
    /// Returns after so much time (nil: never by itself), when one of the signals is no longer at the count that was
    /// seen, or when the task is cancelled.
    func rest(nanoseconds: Int64?, unless signals: [(Signal, UInt64)]) async {
        await withTaskGroup(of: Void.self) { group in
            if let nanoseconds { group.addTask { await self.sleep(nanoseconds: nanoseconds) } }
            for (signal, seen) in signals { group.addTask { await signal.wait(since: seen) } }
            await group.next()
            group.cancelAll()
        }
    }
}
