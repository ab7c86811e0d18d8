package import Logging

/// The daemon's own events as JSON lines, through swift-log: time, level, logger, message, then the metadata as
/// strings.
package struct EventLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let label: String
    private let sink: LogSink

    package init(label: String, level: Logger.Level, sink: LogSink) {
        self.label = label
        logLevel = level
        self.sink = sink
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let more = event.metadata { fields.merge(more) { _, new in new } }
        let time = SystemClock.realMilliseconds()
        sink.line { line in
            line.append("{\"time\":\"")
            line.appendTime(milliseconds: time)
            line.append("\",\"kind\":\"event\",\"level\":\"")
            line.appendRaw(event.level.rawValue)
            line.append("\",\"logger\":\"")
            line.appendEscaped(label)
            line.append("\",\"message\":\"")
            line.appendEscaped(event.message.description)
            line.append("\"")
            for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
                line.append(",\"")
                line.appendEscaped(key)
                line.append("\":\"")
                line.appendEscaped(value.description)
                line.append("\"")
            }
            line.append("}")
        }
    }
}
