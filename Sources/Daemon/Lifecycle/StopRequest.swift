private import Glibc
private import LogStore

/// What may ask the daemon to stop: a signal, the admin API. The first request stops it in order; a second signal ends
/// the process at once.
package final class StopRequest: Sendable {
    private let asked = OneShot()

    package init() {}

    /// Blocks SIGTERM and SIGINT for the calling thread and all threads made after, so that only the watcher takes
    /// them. To be called before any other thread exists. A write to a connection that has gone must not end the
    /// process either.
    package static func blockSignals() {
        var signals = watchedSignals()
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Starts the thread that takes signals.
    ///
    /// - Parameter onFirst: told of the first signal's name, for the log.
    package func watchSignals(onFirst: @escaping @Sendable (String) -> Void) {
        _ = SystemThread(name: "varve-signals") { [self] in
            var signals = Self.watchedSignals()
            var count = 0
            while true {
                var number: Int32 = 0
                guard sigwait(&signals, &number) == 0 else { continue }
                count += 1
                guard count == 1 else {
                    // The exit status that shells give to a process that a signal has ended.
                    _exit(128 + number)
                }
                onFirst(number == SIGTERM ? "SIGTERM" : "SIGINT")
                ask()
            }
        }
    }

    /// Asks for an orderly stop. From any thread, any number of times.
    package func ask() { asked.signal() }

    /// Blocks the calling thread until somebody asks.
    package func wait() { asked.wait() }

    private static func watchedSignals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        return signals
    }
}
