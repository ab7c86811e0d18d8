import LogStore
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Daemon

/// Runs a test's tasks on one event loop, as a connection's requests run.
private final class LoopExecutor: TaskExecutor {
    let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        loop.execute { unowned.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// A number that threads share.
private final class SharedCount: Sendable {
    private let count: Atomic<Int>

    init(_ value: Int = 0) { count = Atomic(value) }

    var value: Int { count.load(ordering: .acquiring) }

    func add(_ number: Int) { count.add(number, ordering: .acquiringAndReleasing) }
    func take() -> Int { count.exchange(0, ordering: .acquiringAndReleasing) }
}

/// Numbers in the order in which threads came by.
private final class SharedOrder: Sendable {
    private let numbers = Mutex<[Int]>([])

    var value: [Int] { numbers.withLock { $0 } }

    func append(_ number: Int) { numbers.withLock { $0.append(number) } }
}

@Suite struct DriverTests {
    private func withDriver<Output>(
        threads: Int = 2, interval: Int? = nil, _ body: (ThreadedDriver) async throws -> Output
    ) async rethrows -> Output {
        let driver = ThreadedDriver(offloadThreadCount: threads, syncIntervalMilliseconds: interval)
        defer { driver.stop() }
        return try await body(driver)
    }

    @Test func offloadReturnsOnTheCallersEventLoop() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        try await withDriver { (driver) async throws in
            let executor = LoopExecutor(loop)
            let task = Task(executorPreference: executor) {
                var places: [Bool] = [loop.inEventLoop]
                let wasOnLoop = try await driver.offload { () throws(StoreError) in loop.inEventLoop }
                places.append(wasOnLoop)
                places.append(loop.inEventLoop)
                return places
            }
            #expect(try await task.value == [true, false, true])
        }
        try await group.shutdownGracefully()
    }

    @Test func offloadPassesErrorsOn() async {
        await withDriver { driver in
            _ = await #expect(throws: StoreError.noSpace) {
                try await driver.offload { () throws(StoreError) -> Int in throw .noSpace }
            }
        }
    }

    @Test func oneThreadDoesOffloadedWorkInTheOrderItCame() async throws {
        let order = SharedOrder()
        await withDriver(threads: 1) { driver in
            let block = OneShot()
            let first = Task { try await driver.offload { () throws(StoreError) in block.wait() } }
            // The rest queues behind the first, each handed in once the one before is seen waiting or running.
            var rest: [Task<Void, any Error>] = []
            for number in 1...20 {
                rest.append(
                    Task { try await driver.offload { () throws(StoreError) in order.append(number) } })
                while driver.offloadCounts.waiting < number { await Task.yield() }
            }
            block.signal()
            _ = try? await first.value
            for task in rest { _ = try? await task.value }
        }
        #expect(order.value == Array(1...20))
    }

    @Test func manyOffloadsAllComeBack() async throws {
        try await withDriver(threads: 4) { driver in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...2000 {
                    group.addTask { try await driver.offload { () throws(StoreError) in number } }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 2000 * 2001 / 2)
            #expect(driver.offloadCounts.finished >= 1999)
            #expect(driver.offloadCounts.waiting == 0)
        }
    }

    /// Whatever the moment at which the thread falls asleep, no telling is lost.
    @Test func everyToldStepIsRun() {
        let thread = StepThread(name: "test-steps")
        let waiting = SharedCount()
        let done = SharedCount()
        thread.start {
            let taken = waiting.take()
            done.add(taken)
            return taken > 0
        }
        let rounds = 20_000
        for round in 1...rounds {
            waiting.add(1)
            thread.tell()
            // Waits now and then, so that the thread is met asleep, awake and in between.
            if round.isMultiple(of: 7) {
                while done.value < round {}
            }
        }
        thread.stop()
        #expect(done.value == rounds)
    }

    @Test func stoppingRunsTheStepsThatWait() {
        let thread = StepThread(name: "test-stop")
        let left = SharedCount(1000)
        thread.start {
            guard left.value > 0 else { return false }
            left.add(-1)
            return true
        }
        thread.tell()
        thread.stop()
        #expect(left.value == 0)
    }

    @Test func aCommitIsFollowedByABarrierAndSilenceByNone() async {
        let barriers = SharedCount()
        let driver = ThreadedDriver(offloadThreadCount: 1, syncIntervalMilliseconds: 1)
        driver.start(
            commitStep: { false }, backgroundStep: { false },
            barrier: { barriers.add(1) })
        #expect(barriers.value == 0)
        driver.commitsAreWaiting()
        while barriers.value == 0 { await Task.yield() }
        driver.stop()
        #expect(barriers.value == 1)
    }
}
