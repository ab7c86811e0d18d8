private import Synchronization

/// What requests cost, by service and operation. Recording takes one lock that no other event loop wants, and no
/// allocation once a series exists.
package final class RequestMetrics: MetricSource {
    /// Names one series.
    package struct Key: Hashable, Sendable {
        package var service: String
        package var operation: String
        /// The first digit of the status.
        package var statusClass: Int

        package init(service: String, operation: String, statusClass: Int) {
            self.service = service
            self.operation = operation
            self.statusClass = statusClass
        }
    }

    private struct Series {
        var requestBytes: UInt64 = 0
        var responseBytes: UInt64 = 0
        var nanoseconds: UInt64 = 0
        var counts = [UInt64](repeating: 0, count: RequestMetrics.boundsNanoseconds.count + 1)

        mutating func add(bucket: Int, nanoseconds: UInt64, requestBytes: UInt64, responseBytes: UInt64) {
            counts[bucket] += 1
            self.nanoseconds += nanoseconds
            self.requestBytes += requestBytes
            self.responseBytes += responseBytes
        }

        mutating func add(_ other: Self) {
            for index in counts.indices { counts[index] += other.counts[index] }
            nanoseconds += other.nanoseconds
            requestBytes += other.requestBytes
            responseBytes += other.responseBytes
        }
    }

    private typealias Shard = [Key: Series]

    /// From a page-cached read of a small object to a large upload, in steps that a percentile can be read from.
    private static let boundsNanoseconds: [UInt64] = [
        50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
        100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 10_000_000_000, 60_000_000_000,
    ]

    private final class ShardBox: Sendable {
        let shard = Mutex<[Key: Series]>([:])
    }

    private let shards: [ShardBox]

    /// - Parameter shardCount: as many as event loops.
    package init(shardCount: Int) {
        shards = (0..<max(1, shardCount)).map { _ in ShardBox() }
    }

    /// Counts one request.
    ///
    /// - Parameter shard: any number; callers that run at the same time should give different ones.
    package func record(
        _ key: Key, nanoseconds: UInt64, requestBytes: UInt64, responseBytes: UInt64, shard: UInt
    ) {
        var bucket = 0
        while bucket < Self.boundsNanoseconds.count, nanoseconds > Self.boundsNanoseconds[bucket] { bucket += 1 }
        shards[Int(shard % UInt(shards.count))].shard.withLock { series in
            series[key, default: Series()].add(
                bucket: bucket, nanoseconds: nanoseconds, requestBytes: requestBytes, responseBytes: responseBytes)
        }
    }

    package func collect(into samples: inout MetricSamples) {
        var byOperation: [[String]: Series] = [:]
        var bytes: [String: (request: UInt64, response: UInt64)] = [:]
        for (key, series) in total() {
            samples.add(
                .httpRequests, labels: [key.service, key.operation, "\(key.statusClass)xx"],
                Double(series.counts.reduce(0, +)))
            byOperation[[key.service, key.operation], default: Series()].add(series)
            bytes[key.service, default: (0, 0)].request += series.requestBytes
            bytes[key.service, default: (0, 0)].response += series.responseBytes
        }
        for (labels, series) in byOperation {
            samples.add(
                .httpDuration, labels: labels,
                MetricSamples.Histogram(
                    bounds: Self.boundsNanoseconds.map { Double($0) / 1e9 }, counts: series.counts,
                    sum: Double(series.nanoseconds) / 1e9))
        }
        for (service, sums) in bytes {
            samples.add(.httpRequestBytes, labels: [service], Double(sums.request))
            samples.add(.httpResponseBytes, labels: [service], Double(sums.response))
        }
    }

    /// All shards together.
    private func total() -> Shard {
        var total: Shard = [:]
        for box in shards {
            let shard = box.shard.withLock { $0 }
            for (key, series) in shard { total[key, default: Series()].add(series) }
        }
        return total
    }
}
