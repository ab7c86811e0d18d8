private import Synchronization

/// Threads for work that may block, taken first in, first out.
///
/// The queue holds what waiting requests have handed in. A request waits for its work before it hands in more, so the
/// queue is as long as there are requests at most, and those the front limits.
package final class OffloadPool: Sendable {
    package typealias Work = @Sendable () -> Void

    private let gate = ThreadGate()
    private let queue = Lock(Queue())
    private let threads = Lock<[SystemThread]>([])
    private let finished = Atomic<Int>(0)

    package init(threadCount: Int) {
        precondition(threadCount > 0, "a pool needs a thread")
        threads.withLock { threads in
            threads = (0..<threadCount).map { index in
                SystemThread(name: "varve-io-\(index)") { [self] in run() }
            }
        }
    }

    /// Hands work in. From any thread.
    package func submit(_ work: @escaping Work) {
        let mustWake = queue.withLock { queue in
            precondition(!queue.isStopping, "work was handed to a stopped pool")
            queue.append(work)
            return queue.sleeperCount > 0
        }
        if mustWake { gate.locked { gate.wakeOne() } }
    }

    /// Work handed in and not begun.
    package var waitingCount: Int { queue.withLock { $0.count } }
    /// Work done since the start.
    package var finishedCount: Int { finished.load(ordering: .relaxed) }

    /// Does what waits, then ends the threads and waits for them.
    package func stop() {
        queue.withLock { $0.isStopping = true }
        gate.locked { gate.wakeAll() }
        threads.withLock { threads in
            for thread in threads { thread.join() }
            threads = []
        }
    }

    private func run() {
        while let work = next() {
            work()
            finished.add(1, ordering: .relaxed)
        }
    }

    /// The next work; nil when the pool has stopped.
    private func next() -> Work? {
        if let work = queue.withLock({ $0.popFirst() }) { return work }
        return gate.locked {
            while true {
                // Taken under the gate, so that a wake-up cannot come between the look and the sleep.
                let (work, isStopping) = queue.withLock { queue in
                    let work = queue.popFirst()
                    if work == nil, !queue.isStopping { queue.sleeperCount += 1 }
                    return (work, queue.isStopping)
                }
                if let work { return work }
                if isStopping { return nil }
                gate.wait()
                queue.withLock { $0.sleeperCount -= 1 }
            }
        }
    }

    /// A first-in, first-out queue in one array whose spent front is dropped now and then.
    private struct Queue {
        private var items: [Work?] = []
        private var head = 0
        var sleeperCount = 0
        var isStopping = false

        var count: Int { items.count - head }

        mutating func append(_ work: @escaping Work) { items.append(work) }

        mutating func popFirst() -> Work? {
            guard head < items.count else { return nil }
            let work = items[head]
            items[head] = nil
            head += 1
            if head == items.count {
                items.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 1024, head * 2 >= items.count {
                items.removeFirst(head)
                head = 0
            }
            return work
        }
    }
}

/// Runs tasks that would keep an event loop busy for too long.
extension OffloadPool: TaskExecutor {
    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        submit { [self] in unowned.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
