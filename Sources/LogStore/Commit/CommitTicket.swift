/// One commit's place in the order, and the way to its outcome.
struct CommitTicket: Sendable {
    let sequence: SequenceNumber
    private let group: GroupOutcome

    init(sequence: SequenceNumber, group: GroupOutcome) {
        self.sequence = sequence
        self.group = group
    }

    /// Waits for the outcome.
    func wait() async throws(StoreError) { try await group.wait() }

    /// Blocks the calling thread until the outcome is known.
    func waitBlocking() throws(StoreError) { try group.waitBlocking() }

    /// Whether the outcome is known.
    var isDone: Bool { group.error != nil }

    /// The outcome, if it is known: nil while pending.
    var outcome: Result<SequenceNumber, StoreError>? {
        guard let error = group.error else { return nil }
        return error.map { .failure($0) } ?? .success(sequence)
    }
}

/// What became of the commits that went to disk in one frame: one answer for all, delivered to all at once.
/// Thread-safe.
final class GroupOutcome: Sendable {
    private struct State {
        /// Nil while pending; then the error, if there was one.
        var error: StoreError??
        var waiters: [UnsafeContinuation<StoreError?, Never>] = []
    }

    private let state = Lock(State())
    private let gate = Gate()

    /// Nil while pending; then the error, if there was one.
    var error: StoreError?? { state.withLock { $0.error } }

    /// Called once, by the committer.
    func complete(_ error: StoreError?) {
        let waiters = state.withLock { state in
            state.error = .some(error)
            defer { state.waiters = [] }
            return state.waiters
        }
        gate.open()
        for waiter in waiters { waiter.resume(returning: error) }
    }

    func wait() async throws(StoreError) {
        let error = await withUnsafeContinuation { (continuation: UnsafeContinuation<StoreError?, Never>) in
            let known = state.withLock { state -> StoreError?? in
                if state.error == nil { state.waiters.append(continuation) }
                return state.error
            }
            if let known { continuation.resume(returning: known) }
        }
        if let error { throw error }
    }

    func waitBlocking() throws(StoreError) {
        gate.wait()
        if case .some(.some(let error)) = error { throw error }
    }
}

/// Commits that go to disk in one frame.
struct CommitGroup: Sendable {
    var buffer: GroupBuffer
    var firstSequence: UInt64 = 0
    var commitCount = 0
    let outcome = GroupOutcome()
    /// Whether some commit of the group waits for the disk.
    var needsSync = false
    /// Log space set aside for these commits, at worst one frame each.
    var reservedBytes: UInt64 = 0
    /// The memtable set whose last commits these are.
    var endsSet: MemtableSet?

    init(buffer: GroupBuffer) { self.buffer = buffer }

    var lastSequence: UInt64 { firstSequence + UInt64(commitCount) - 1 }
}

/// Somebody who waits for room: a task or a thread.
enum RoomWaiter: Sendable {
    case task(UnsafeContinuation<Void, Never>)
    case thread(Gate)

    func resume() {
        switch self {
        case .task(let continuation): continuation.resume()
        case .thread(let gate): gate.open()
        }
    }
}
