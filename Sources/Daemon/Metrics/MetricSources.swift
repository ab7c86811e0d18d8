/// Everybody who has numbers, asked in turn at each scrape.
package struct MetricSources: Sendable {
    private let sources: [any MetricSource]

    package init(_ sources: [any MetricSource]) { self.sources = sources }

    package func collect() -> MetricSamples {
        var samples = MetricSamples()
        samples.add(.buildInformation, labels: [VarveVersion.current], 1)
        for source in sources { source.collect(into: &samples) }
        return samples
    }
}
