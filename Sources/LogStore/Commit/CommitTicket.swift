private import Synchronization

/// One commit's place in the order, and its outcome once that is known. Thread-safe.
final class CommitTicket: Sendable {
    private enum State {
        case pending
        case awaited(UnsafeContinuation<StoreError?, Never>)
        case done(StoreError?)
    }

    let sequence: SequenceNumber
    private let state = Mutex(State.pending)

    init(sequence: SequenceNumber) { self.sequence = sequence }

    /// Called once, by the committer.
    func complete(_ error: StoreError?) {
        let waiter = state.withLock { state -> UnsafeContinuation<StoreError?, Never>? in
            defer { state = .done(error) }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume(returning: error)
    }

    /// Waits for the outcome. At most one waiter.
    func wait() async throws(StoreError) {
        let error = await withUnsafeContinuation { (continuation: UnsafeContinuation<StoreError?, Never>) in
            let known = state.withLock { state -> StoreError?? in
                if case .done(let error) = state { return .some(error) }
                state = .awaited(continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
        if let error { throw error }
    }

    /// The outcome, if it is known: nil while pending.
    var outcome: Result<SequenceNumber, StoreError>? {
        state.withLock { state in
            guard case .done(let error) = state else { return nil }
            return error.map { .failure($0) } ?? .success(sequence)
        }
    }
}

/// Commits that go to disk in one frame.
struct CommitGroup: Sendable {
    var buffer: GroupBuffer
    var firstSequence: UInt64 = 0
    var commitCount = 0
    var tickets: [CommitTicket] = []
    /// Whether some commit of the group waits for the disk.
    var needsSync = false
    /// Log space set aside for these commits, at worst one frame each.
    var reservedBytes: UInt64 = 0
    /// The memtable set whose last commits these are.
    var endsSet: MemtableSet?

    init(buffer: GroupBuffer) { self.buffer = buffer }

    var lastSequence: UInt64 { firstSequence + UInt64(commitCount) - 1 }
}
