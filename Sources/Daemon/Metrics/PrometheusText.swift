/// The text exposition format of Prometheus, version 0.0.4.
package enum PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All samples in the order of the table; series of a metric in the order of their labels.
    package static func render(_ samples: MetricSamples) -> [UInt8] {
        var text: [UInt8] = []
        for metric in Metric.allCases {
            guard let series = samples.values[metric] else { continue }
            let declaration = metric.declaration
            text.append(contentsOf: "# HELP \(metric.rawValue) \(declaration.help)\n".utf8)
            text.append(contentsOf: "# TYPE \(metric.rawValue) \(declaration.kind.rawValue)\n".utf8)
            for (labels, value) in series.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
                let pairs = zip(declaration.labels, labels).map { "\($0)=\"\(escape($1))\"" }
                switch value {
                case .number(let number): appendLine(metric.rawValue, pairs, number, to: &text)
                case .histogram(let histogram): append(histogram, metric.rawValue, pairs, to: &text)
                }
            }
        }
        return text
    }

    private static func append(
        _ histogram: MetricSamples.Histogram, _ name: String, _ pairs: [String], to text: inout [UInt8]
    ) {
        var total: UInt64 = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            total += count
            appendLine(name + "_bucket", pairs + ["le=\"\(describe(bound))\""], Double(total), to: &text)
        }
        total += histogram.counts.last ?? 0
        appendLine(name + "_bucket", pairs + ["le=\"+Inf\""], Double(total), to: &text)
        appendLine(name + "_sum", pairs, histogram.sum, to: &text)
        appendLine(name + "_count", pairs, Double(total), to: &text)
    }

    private static func appendLine(_ name: String, _ pairs: [String], _ number: Double, to text: inout [UInt8]) {
        text.append(contentsOf: name.utf8)
        if !pairs.isEmpty { text.append(contentsOf: "{\(pairs.joined(separator: ","))}".utf8) }
        text.append(contentsOf: " \(describe(number))\n".utf8)
    }

    /// Whole numbers without a fraction, others as Swift writes them.
    private static func describe(_ number: Double) -> String {
        if let whole = Int64(exactly: number) { return String(whole) }
        return String(number)
    }

    private static func escape(_ label: String) -> String {
        var escaped = ""
        for character in label {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
