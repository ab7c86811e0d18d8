private import Synchronization

/// Lets a thread wait for something to happen once. For threads that may block; tasks never wait on it.
package final class OneShot: Sendable {
    private let gate = ThreadGate()
    private let isDone = Atomic<Bool>(false)

    package init() {}

    package func signal() {
        gate.locked {
            isDone.store(true, ordering: .releasing)
            gate.wakeAll()
        }
    }

    package func wait() {
        gate.locked {
            while !isDone.load(ordering: .acquiring) { gate.wait() }
        }
    }

    /// As `wait()`, for so long at most. Returns whether it happened.
    package func wait(milliseconds: Int) -> Bool {
        gate.locked {
            if !isDone.load(ordering: .acquiring) { gate.wait(milliseconds: milliseconds) }
            return isDone.load(ordering: .acquiring)
        }
    }
}
