/// The table of metrics in `docs/operations.md`.
package enum MetricReference {
    /// One row for each metric.
    package static var markdown: String {
        var table = "| metric | kind | labels | meaning |\n|---|---|---|---|\n"
        for metric in Metric.allCases {
            let declaration = metric.declaration
            let labels = declaration.labels.map { "`\($0)`" }.joined(separator: ", ")
            table += "| `\(metric.rawValue)` | \(declaration.kind.rawValue) | \(labels) | \(declaration.help) |\n"
        }
        return table
    }
}
