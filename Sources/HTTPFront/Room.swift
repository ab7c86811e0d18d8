import NIOCore
import Synchronization

/// Bytes of memory that all connections of a front share for what services hold whole. Taken all at once, in order.
///
/// Of all event loops; each call takes a lock for as long as a few comparisons.
final class Room: Sendable {
    /// Names one that waits.
    struct Ticket: Equatable {
        fileprivate let number: UInt64
    }

    private struct Waiter {
        let ticket: Ticket
        let bytes: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var nextTicket: UInt64 = 0
        var waiters = CircularBuffer<Waiter>()
        /// Since when somebody has been waiting.
        var contendedSince: NIODeadline?
    }

    /// All there is.
    let capacity: Int
    private let state: Mutex<State>

    init(capacity: Int) {
        self.capacity = capacity
        state = Mutex(State(free: capacity))
    }

    /// Bytes taken now.
    var taken: Int { state.withLock { capacity - $0.free } }

    /// How many wait now.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    /// Since when there has always been one that waits; nil when none does.
    var contendedSince: NIODeadline? { state.withLock { $0.contendedSince } }

    /// Takes bytes, `capacity` at most, if they are there and nobody waits for any.
    func tryTake(_ bytes: Int) -> Bool {
        state.withLock { state in
            guard state.waiters.isEmpty, bytes <= state.free else { return false }
            state.free -= bytes
            return true
        }
    }

    /// Takes bytes, `capacity` at most, as soon as they are there and those that came before have theirs. The
    /// continuation gets true then, and false when the ticket is given up before.
    func take(_ bytes: Int, _ continuation: CheckedContinuation<Bool, Never>) -> Ticket {
        precondition(bytes <= capacity, "more is asked for than there is at all")
        let ticket = state.withLock { state in
            let ticket = Ticket(number: state.nextTicket)
            state.nextTicket += 1
            state.waiters.append(Waiter(ticket: ticket, bytes: bytes, continuation: continuation))
            if state.contendedSince == nil { state.contendedSince = .now() }
            return ticket
        }
        letIn()
        return ticket
    }

    /// Gives bytes back.
    func give(_ bytes: Int) {
        state.withLock { $0.free += bytes }
        letIn()
    }

    /// Gives up waiting. Without effect for one that has got what it waited for.
    func giveUp(_ ticket: Ticket) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
        letIn()
    }

    /// Gives the first ones in the queue what they wait for, as long as there is enough.
    private func letIn() {
        while true {
            let waiter = state.withLock { state -> Waiter? in
                guard let first = state.waiters.first, first.bytes <= state.free else {
                    if state.waiters.isEmpty { state.contendedSince = nil }
                    return nil
                }
                state.free -= first.bytes
                return state.waiters.removeFirst()
            }
            guard let waiter else { return }
            waiter.continuation.resume(returning: true)
        }
    }
}
