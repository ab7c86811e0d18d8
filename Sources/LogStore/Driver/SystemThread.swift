private import Glibc

/// A named thread of the operating system that can be waited for. Used where blocking is the job: the engine's steps,
/// cold reads, log files.
package final class SystemThread: Sendable {
    private let handle: pthread_t

    /// Starts a thread.
    ///
    /// - Parameter name: what `ps -L` and debuggers show; the kernel keeps 15 bytes.
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var handle = pthread_t()
        let status = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                nameThisThread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        precondition(status == 0, "the system refused a thread (errno \(status))")
        self.handle = handle
    }

    /// Waits for the end of the thread's body. To be called exactly once.
    package func join() { pthread_join(handle, nil) }
}

/// Names the calling thread by way of its own file in `/proc`; without `/proc` it stays unnamed.
private func nameThisThread(_ name: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    let bytes = Array(name.utf8.prefix(15))
    _ = write(descriptor, bytes, bytes.count)
    close(descriptor)
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}
