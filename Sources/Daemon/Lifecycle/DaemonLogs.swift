private import Glibc
package import Logging

/// The daemon's log outputs: events to standard error, the access log there too or to a file of its own.
package struct DaemonLogs: Sendable {
    package let events: LogSink
    /// The same as `events` unless the access log has a file.
    package let requests: LogSink
    package let logger: Logger

    /// - Throws: `StartError` when the access log's file cannot be opened.
    package init(_ configuration: Configuration) throws(StartError) {
        events = LogSink(descriptor: STDERR_FILENO)
        if let path = configuration.accessLog?.path {
            do throws(LogSinkError) {
                requests = try LogSink(path: path)
            } catch {
                throw StartError(
                    .configuration, "access-log-file \(error.path) cannot be opened: \(SystemError.text(error.errno))")
            }
        } else {
            requests = events
        }
        let level = Logger.Level(rawValue: configuration.logLevel) ?? .info
        let sink = events
        logger = Logger(label: "varve") { EventLogHandler(label: $0, level: level, sink: sink) }
    }

    /// Lines lost so far, of both outputs.
    package var droppedLineCount: Int {
        events.droppedLineCount + (requests === events ? 0 : requests.droppedLineCount)
    }

    /// Writes what waits and ends the writers.
    package func stop() {
        if requests !== events { requests.stop() }
        events.stop()
    }
}
