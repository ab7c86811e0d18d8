import Synchronization

/// A bucket that is known to exist, and the gate between its deletion and the commits of its objects.
///
/// Objects are committed under their own latch, which knows nothing of the bucket's record. So each commit passes
/// through the gate: a
/// deletion closes it, waits for those inside, and only then looks whether the bucket is empty.
final class BucketHandle: Sendable {
    let name: String
    let record: BucketRecord
    /// `LogStore.restoreCount` before the record was read: after a restore the bucket may never have been.
    let restoreCount: Int

    private struct Gate {
        var commitsInside = 0
        var isClosed = false
        var drained: CheckedContinuation<Void, Never>?
    }

    private let gate = Mutex(Gate())

    init(name: String, record: BucketRecord, restoreCount: Int) {
        self.name = name
        self.record = record
        self.restoreCount = restoreCount
    }

    /// Must be balanced by `leave`.
    ///
    /// - Throws: `operationAborted` while the bucket is being deleted and after.
    func enter() throws(S3Error) {
        let isOpen = gate.withLock { gate in
            if gate.isClosed { return false }
            gate.commitsInside += 1
            return true
        }
        if !isOpen { throw .operationAborted(name) }
    }

    func leave() {
        let waiter = gate.withLock { gate -> CheckedContinuation<Void, Never>? in
            gate.commitsInside -= 1
            guard gate.commitsInside == 0 else { return nil }
            defer { gate.drained = nil }
            return gate.drained
        }
        waiter?.resume()
    }

    /// Closes the gate and waits for the commits inside. `reopen` when the deletion fails.
    ///
    /// - Throws: `operationAborted` when it is closed already.
    func close() async throws(S3Error) {
        let isMine = gate.withLock { gate in
            defer { gate.isClosed = true }
            return !gate.isClosed
        }
        if !isMine { throw .operationAborted(name) }
        await withCheckedContinuation { continuation in
            let isEmpty = gate.withLock { gate in
                if gate.commitsInside > 0 { gate.drained = continuation }
                return gate.commitsInside == 0
            }
            if isEmpty { continuation.resume() }
        }
    }

    func reopen() { gate.withLock { $0.isClosed = false } }
}

/// The buckets looked up so far. Names that do not exist are not kept; accounts have at most
/// `S3Limits.bucketsPerAccountMax`.
final class BucketDirectory: Sendable {
    private struct State {
        var handles: [String: BucketHandle] = [:]
        /// Counts removals, so that a record read before one is not kept after it.
        var removals = 0
    }

    private let state = Mutex(State())

    /// - Parameter restoreCount: that of the store now.
    func handle(_ name: String, restoreCount: Int) -> BucketHandle? {
        state.withLock { state in
            guard let handle = state.handles[name], handle.restoreCount == restoreCount else { return nil }
            return handle
        }
    }

    /// To be read before the record is, and passed to `insert`.
    var removals: Int { state.withLock { $0.removals } }

    /// The one handle of a bucket: the present one when there is one. Nil when a bucket was removed since the record
    /// was read.
    func insert(_ handle: BucketHandle, removals: Int) -> BucketHandle? {
        state.withLock { state in
            if let present = state.handles[handle.name], present.restoreCount >= handle.restoreCount { return present }
            guard state.removals == removals else { return nil }
            state.handles[handle.name] = handle
            return handle
        }
    }

    func remove(_ handle: BucketHandle) {
        state.withLock { state in
            state.removals += 1
            if state.handles[handle.name] === handle { state.handles[handle.name] = nil }
        }
    }
}
