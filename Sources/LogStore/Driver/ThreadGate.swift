private import CPlatform
private import Glibc

/// A lock with a condition: what a thread sleeps on. Kept apart so that the rest of the module handles no raw pthread
/// memory.
///
/// `@unchecked Sendable`: the two pthread objects live at a fixed address from init to deinit, and every access to them
/// is a pthread call, which are thread-safe by contract.
package final class ThreadGate: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    package init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Waits are measured on the clock that nobody sets back.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` holding the lock.
    package func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Sleeps until woken; returns holding the lock, as it was called. May return for no reason: check the state in a
    /// loop.
    package func wait() { pthread_cond_wait(condition, mutex) }

    /// Sleeps until woken or until the time is over. As `wait()` otherwise.
    package func wait(milliseconds: Int) {
        let nanoseconds = cp_ns_monotonic() + UInt64(milliseconds) * 1_000_000
        var deadline = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        pthread_cond_timedwait(condition, mutex, &deadline)
    }

    /// Wakes one sleeper.
    package func wakeOne() { pthread_cond_signal(condition) }

    /// Wakes every sleeper.
    package func wakeAll() { pthread_cond_broadcast(condition) }
}
