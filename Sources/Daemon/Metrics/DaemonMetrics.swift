internal import HTTPFront
internal import LogStore

/// The numbers of the daemon's own parts: the driver's pool, the logs, and the listener once it is up.
struct DaemonMetrics: MetricSource {
    let driver: ThreadedDriver
    let logs: DaemonLogs
    let late: DaemonParts.LateBox

    func collect(into samples: inout MetricSamples) {
        let offload = driver.offloadCounts
        samples.add(.offloadWaiting, Double(offload.waiting))
        samples.add(.offloadFinished, Double(offload.finished))
        if let front = late.withLock({ $0.front }) {
            samples.add(.httpConnections, Double(front.connectionCount))
            for (label, use) in [("bodies", front.bodyRoomUse), ("answers", front.answerRoomUse)] {
                samples.add(.httpRoomBytes, labels: [label], Double(use.bytes))
                samples.add(.httpRoomWaiting, labels: [label], Double(use.waiting))
            }
        }
        samples.add(.logLinesDropped, Double(logs.droppedLineCount))
    }
}
