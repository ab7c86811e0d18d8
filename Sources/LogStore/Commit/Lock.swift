internal import CPlatform

/// A value that one thread at a time may touch.
///
/// In place of `Synchronization.Mutex`, whose priority inheritance hands a contended lock to the longest waiter: with
/// more threads than cores every section then costs a change of threads. Here whoever runs takes the lock, and sleepers
/// try again (`docs/adr/0010-blocking-callers.md` has the figures). No section waits or does I/O, so nobody starves.
///
/// Unchecked: the value is reached through `withLock` only.
struct Lock<Value: Sendable>: ~Copyable, @unchecked Sendable {
    private let word: UnsafeMutablePointer<UInt32>
    private let value: UnsafeMutablePointer<Value>

    init(_ value: Value) {
        word = .allocate(capacity: 1)
        word.initialize(to: 0)
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        word.deallocate()
    }

    /// Runs `body` while nobody else is inside. Must not be entered again from within.
    @inline(__always)
    func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        cp_lock(word)
        defer { cp_unlock(word) }
        return try body(&value.pointee)
    }
}
