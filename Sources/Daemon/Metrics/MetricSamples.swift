/// The numbers of one scrape, gathered from everybody who has some.
package struct MetricSamples: Sendable {
    package struct Histogram: Sendable {
        /// Upper bounds in ascending order, without infinity.
        package var bounds: [Double]
        /// Observations at or under each bound and over the one before; one more at the end for those over all bounds.
        package var counts: [UInt64]
        package var sum: Double
    }

    enum Value: Sendable {
        case number(Double)
        case histogram(Histogram)
    }

    private(set) var values: [Metric: [(labels: [String], value: Value)]] = [:]

    package init() {}

    package mutating func add(_ metric: Metric, labels: [String] = [], _ number: Double) {
        add(metric, labels, .number(number))
    }

    package mutating func add(_ metric: Metric, labels: [String], _ histogram: Histogram) {
        precondition(
            histogram.counts.count == histogram.bounds.count + 1, "a histogram has one count beyond its bounds")
        add(metric, labels, .histogram(histogram))
    }

    private mutating func add(_ metric: Metric, _ labels: [String], _ value: Value) {
        let declaration = metric.declaration
        precondition(labels.count == declaration.labels.count, "\(metric.rawValue) has other labels")
        switch value {
        case .number: precondition(declaration.kind != .histogram, "\(metric.rawValue) is a histogram")
        case .histogram: precondition(declaration.kind == .histogram, "\(metric.rawValue) is no histogram")
        }
        values[metric, default: []].append((labels, value))
    }
}

/// Somebody who has numbers to show.
package protocol MetricSource: Sendable {
    func collect(into samples: inout MetricSamples)
}
