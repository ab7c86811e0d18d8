internal import LabClock

/// The numbers of the lab's time and of what is due in it.
struct LabMetrics: MetricSource {
    let clock: StoredLabClock
    let due: DueQueue

    func collect(into samples: inout MetricSamples) {
        // A scrape is no reason to remember how late it was.
        let status = clock.peekStatus
        samples.add(.labTime, Double(status.now.millisecondsSinceEpoch) / 1000)
        samples.add(.labClock, labels: ["\(status.mode)"], status.speed)
        let counts = due.counts
        samples.add(.dueDone, Double(counts.done))
        samples.add(.dueFailing, Double(counts.failing))
    }
}
