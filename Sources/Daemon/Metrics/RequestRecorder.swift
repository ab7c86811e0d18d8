private import Glibc
package import HTTPFront

/// What the front tells of every finished exchange goes to the metrics and, when it is on, to the access log.
package struct RequestRecorder: Sendable {
    private let metrics: RequestMetrics
    private let log: AccessLog?

    package init(metrics: RequestMetrics, log: AccessLog?) {
        self.metrics = metrics
        self.log = log
    }

    /// Takes a record on the connection's event loop.
    package func take(_ record: AccessRecord) {
        let key = RequestMetrics.Key(
            service: record.service.isEmpty ? "none" : record.service,
            operation: record.operation.isEmpty ? "none" : record.operation,
            statusClass: record.status / 100)
        metrics.record(
            key, nanoseconds: UInt64(clamping: record.durationNanoseconds),
            requestBytes: UInt64(clamping: record.bytesReceived), responseBytes: UInt64(clamping: record.bytesSent),
            shard: Self.threadShard)
        log?.write(record)
    }

    /// Spreads threads over shards. Thread handles are addresses of large aligned blocks: their middle bits differ.
    private static var threadShard: UInt { (UInt(pthread_self()) >> 12) &* 0x9E37_79B9_7F4A_7C15 >> 32 }
}
