private import Disk
private import HTTPFront
private import LabClock
private import LogStore
private import Logging
private import Synchronization

/// A running Varve: the store, its driver, the services and the listener, put together and taken apart in order.
package final class VarveDaemon: Sendable {
    /// Where clients find it: `http://127.0.0.1:4566`, with the port that was really taken.
    package let endpoint: String
    private let configuration: Configuration
    private let store: LogStore
    private let driver: ThreadedDriver
    private let front: FrontServer
    private let logs: DaemonLogs
    private let clock: StoredLabClock
    private let due: DueQueue
    /// Runs what is due until it is cancelled.
    private let dueTask: Task<Void, Never>

    /// What must be so before any other thread exists: all leave the signals to the one that watches, and share few
    /// heaps.
    package static func prepareProcess() {
        StopRequest.blockSignals()
        ProcessHeap.limitHoles()
    }

    /// Opens the data directory and begins to serve. Returns when connections are accepted.
    ///
    /// - Parameters:
    ///   - settings: what the admin API shows as the configuration.
    ///   - stop: what the admin API's `shutdown` asks.
    package static func start(
        _ configuration: Configuration, settings: ResolvedSettings, stop: StopRequest
    ) async throws(StartError) -> VarveDaemon {
        let startMilliseconds = SystemClock.realMilliseconds()
        let disk = try DataDirectory.open(configuration.dataDirectory)
        let logs = try DaemonLogs(configuration)
        let driver = ThreadedDriver(
            offloadThreadCount: configuration.inputOutputThreadCount,
            syncIntervalMilliseconds: configuration.durability.syncIntervalMilliseconds)
        let store: LogStore
        do throws(StartError) {
            store = try StoreStart.open(configuration, disk: disk, driver: driver)
        } catch {
            driver.stop()
            logs.stop()
            throw error
        }
        driver.start(driving: store)
        do throws(StartError) {
            let lab = try await LabParts.open(store: store, logger: logs.logger)
            let parts = DaemonParts(
                configuration: configuration, settings: settings, store: store, driver: driver, logs: logs, stop: stop,
                startMilliseconds: startMilliseconds, lab: lab)
            let front = try await parts.startFront()
            return VarveDaemon(parts: parts, front: front)
        } catch {
            close(store, driver, logs)
            throw error
        }
    }

    /// Closes the store when the start fails after it was opened. That it was opened is no reason to hide why the start
    /// failed.
    private static func close(_ store: LogStore, _ driver: ThreadedDriver, _ logs: DaemonLogs) {
        do throws(StoreError) {
            try store.close()
        } catch {
            logs.logger.error("the store was not closed cleanly: \(StoreStart.describe(error))")
        }
        driver.stop()
        logs.stop()
    }

    private init(parts: DaemonParts, front: FrontServer) {
        configuration = parts.configuration
        store = parts.store
        driver = parts.driver
        logs = parts.logs
        clock = parts.lab.clock
        due = parts.lab.due
        dueTask = Task { [runner = parts.lab.runner] in await runner.run() }
        self.front = front
        endpoint = parts.endpoint(of: front)
        parts.state.withLock { $0.front = front }
        parts.state.withLock { $0.endpoint = endpoint }
    }

    /// The line that programs wait for on standard output.
    package var readyLine: String {
        let durability = DurabilityText(configuration.durability)
        return "varve ready endpoint=\(endpoint) data-dir=\(configuration.dataDirectory) durability=\(durability) "
            + "pid=\(ProcessIdentity.processID)"
    }

    /// Logs an event of the process's life.
    package func log(_ message: String) { logs.logger.notice("\(message)") }

    /// Lets requests in progress finish, closes the store and writes the last log lines. Nothing works afterwards.
    ///
    /// - Throws: `StartError` with `.inputOutput` when the store could not be closed cleanly: the next start recovers
    ///   it.
    package func stop() async throws(StartError) {
        let wasOrderly = await front.shutdown(graceWithin: Double(configuration.drainSeconds))
        if !wasOrderly { logs.logger.warning("some requests did not end in time and were broken off") }
        dueTask.cancel()
        await dueTask.value
        due.close()
        var failure: StartError?
        do throws(StoreError) {
            try await clock.noteProgress()
        } catch {
            logs.logger.warning("how late it is in the lab could not be kept: \(StoreStart.describe(error))")
        }
        // The store is closed by one thread alone: what still waits is written by `close` itself.
        driver.stop()
        do throws(StoreError) {
            try store.close()
        } catch {
            failure = StartError(.inputOutput, "the store was not closed cleanly: \(StoreStart.describe(error))")
        }
        logs.logger.notice("stopped")
        logs.stop()
        if let failure { throw failure }
    }
}

extension Durability {
    /// The N of `every(N)`.
    package var syncIntervalMilliseconds: Int? {
        if case .every(let milliseconds) = self { milliseconds } else { nil }
    }
}
