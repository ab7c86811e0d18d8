/// The numbers of the daemon's own parts: the driver's pool and the logs.
struct DaemonMetrics: MetricSource {
    let driver: ThreadedDriver
    let logs: DaemonLogs

    func collect(into samples: inout MetricSamples) {
        let offload = driver.offloadCounts
        samples.add(.offloadWaiting, Double(offload.waiting))
        samples.add(.offloadFinished, Double(offload.finished))
        samples.add(.logLinesDropped, Double(logs.droppedLineCount))
    }
}
