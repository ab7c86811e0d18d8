/// Something about checkpoints that is asked of the background, and how it went. Thread-safe.
final class CheckpointOrder: Sendable {
    enum Kind: Sendable {
        /// A flush of what is in memory, and no more.
        case flush
        case save(name: String, milliseconds: UInt64)
        /// Keeps what there is under a name that is made up, and puts a checkpoint in its place.
        case restore(Restoration, milliseconds: UInt64)
        case drop(name: String)
    }

    /// A checkpoint with its tables open.
    struct Restoration: Sendable {
        var name: String
        var tables: [(record: ManifestEdit.TableRecord, table: Table)]
    }

    /// The name of the checkpoint that was made or removed.
    typealias Outcome = Result<String, CheckpointError>

    let kind: Kind

    private struct State {
        var outcome: Outcome?
        var waiters: [UnsafeContinuation<Outcome, Never>] = []
    }

    private let state = Lock(State())

    init(_ kind: Kind) { self.kind = kind }

    /// Nil while pending.
    var outcome: Outcome? { state.withLock { $0.outcome } }

    /// The first outcome counts.
    func complete(_ outcome: Outcome) {
        let waiters = state.withLock { state in
            if state.outcome == nil { state.outcome = outcome }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }

    func wait() async throws(CheckpointError) -> String {
        let outcome = await withUnsafeContinuation { (continuation: UnsafeContinuation<Outcome, Never>) in
            let known = state.withLock { state -> Outcome? in
                if state.outcome == nil { state.waiters.append(continuation) }
                return state.outcome
            }
            if let known { continuation.resume(returning: known) }
        }
        return try outcome.get()
    }
}
