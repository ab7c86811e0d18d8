private import LogStore
private import Synchronization

/// Lets a thread that may block wait for asynchronous work: the main thread, which has nothing else to do.
package enum BlockingCall {
    /// Runs `body` as a task and blocks until it has ended.
    package static func run<Output: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () async throws(Failure) -> Output
    ) throws(Failure) -> Output {
        let done = OneShot()
        let box = ResultBox<Output, Failure>()
        Task {
            do throws(Failure) {
                box.set(.success(try await body()))
            } catch {
                box.set(.failure(error))
            }
            done.signal()
        }
        done.wait()
        return try box.take()
    }
}

private final class ResultBox<Output: Sendable, Failure: Error>: Sendable {
    private let result = Mutex<Result<Output, Failure>?>(nil)

    func set(_ value: Result<Output, Failure>) { result.withLock { $0 = value } }

    func take() throws(Failure) -> Output {
        guard let value = result.withLock({ $0 }) else { preconditionFailure("the task has not ended") }
        return try value.get()
    }
}
