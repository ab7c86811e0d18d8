private import Glibc

/// What the process uses of the machine, read from `/proc` when asked.
package struct ProcessMetrics: MetricSource {
    private let startSeconds: Double

    /// - Parameter startMilliseconds: when the process started, since 1970.
    package init(startMilliseconds: Int64) { startSeconds = Double(startMilliseconds) / 1000 }

    package func collect(into samples: inout MetricSamples) {
        samples.add(.processStart, startSeconds)
        samples.add(.processSeconds, Self.processorSeconds())
        if let status = try? FileText.read("/proc/self/status") {
            if let kibibytes = Self.number(after: "VmRSS:", in: status) {
                samples.add(.processResidentBytes, Double(kibibytes) * 1024)
            }
            if let threads = Self.number(after: "Threads:", in: status) {
                samples.add(.processThreads, Double(threads))
            }
        }
        if let count = Self.openFileCount() { samples.add(.processOpenFiles, Double(count)) }
        if let limit = Self.openFileLimit() { samples.add(.processOpenFilesMax, Double(limit)) }
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Open descriptors, without the one used for counting; nil without `/proc`.
    static func openFileCount() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Neither `.`, nor `..`, nor the directory itself.
        return count - 3
    }

    /// The soft limit of open descriptors.
    package static func openFileLimit() -> UInt64? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return UInt64(limit.rlim_cur)
    }

    private static func number(after label: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(label) {
            let rest = line.dropFirst(label.count).trimmingASCIISpace()
            return Int(rest.prefix { $0.isNumber })
        }
        return nil
    }
}
