private import Synchronization

/// A thread that runs one kind of engine step until there is none left, then sleeps until told of more.
///
/// Telling costs one atomic exchange while the thread is awake, and a wake-up when it sleeps.
package final class StepThread: Sendable {
    /// What the thread is doing, as others see it.
    private enum State {
        /// Working, and not told of more since it last looked.
        static let working = 0
        /// Told of more: it will look again before it sleeps.
        static let told = 1
        static let sleeping = 2
    }

    private let name: String
    private let state = Atomic<Int>(State.working)
    private let isStopping = Atomic<Bool>(false)
    private let wantsPause = Atomic<Bool>(false)
    /// What the sleeping thread has left to do waits only for the end of its pause.
    private let isPausing = Atomic<Bool>(false)
    private let gate = ThreadGate()
    private let thread = Lock<SystemThread?>(nil)

    /// How long a pause is: many syncs, and nothing to whoever waits for space.
    private static let pauseMilliseconds = 20

    package init(name: String) { self.name = name }

    /// Starts the thread. `step` returns false when nothing was left to do; `pause` is called after a pause that was
    /// asked for, and steps follow.
    package func start(_ step: @escaping @Sendable () -> Bool, pause: @escaping @Sendable () -> Void = {}) {
        thread.withLock { thread in
            precondition(thread == nil, "a step thread starts once")
            thread = SystemThread(name: name) { [self] in run(step, pause) }
        }
    }

    /// There is work. From any thread, also from within the engine's locks.
    package func tell() {
        guard state.exchange(State.told, ordering: .acquiringAndReleasing) == State.sleeping else { return }
        gate.locked { gate.wakeOne() }
    }

    /// Let the thread sleep for 20 ms before its next steps, unless it is told of more. From a step only.
    package func askForPause() { wantsPause.store(true, ordering: .relaxed) }

    /// Whether the thread found nothing more to do and sleeps.
    package var isIdle: Bool {
        state.load(ordering: .acquiring) == State.sleeping && !isPausing.load(ordering: .acquiring)
    }

    /// Finishes the steps that wait, ends the thread and waits for it.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        tell()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func run(_ step: () -> Bool, _ pause: () -> Void) {
        while true {
            while step() {}
            if isStopping.load(ordering: .acquiring) {
                // What came after the last look and before the stop.
                while step() {}
                return
            }
            if sleep() { pause() }
        }
    }

    /// Returns whether a pause that was asked for is over; false when told of more.
    private func sleep() -> Bool {
        let isPause = wantsPause.exchange(false, ordering: .relaxed)
        isPausing.store(isPause, ordering: .releasing)
        return gate.locked {
            let (slept, _) = state.compareExchange(
                expected: State.working, desired: State.sleeping, ordering: .acquiringAndReleasing)
            if slept {
                // The teller changes the state first and takes the lock second, so that no wake-up falls between.
                if isPause, state.load(ordering: .acquiring) == State.sleeping {
                    gate.wait(milliseconds: Self.pauseMilliseconds)
                } else {
                    while state.load(ordering: .acquiring) == State.sleeping { gate.wait() }
                }
            }
            return state.exchange(State.working, ordering: .acquiringAndReleasing) == State.sleeping
        }
    }
}
