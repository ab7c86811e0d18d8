/// What one check of `varve doctor` found.
package struct Finding: Sendable, Equatable {
    package enum Verdict: String, Sendable {
        case ok
        /// Works, and somebody should know something.
        case note
        /// Does not work, or loses data.
        case problem
    }

    package var check: String
    package var verdict: Verdict
    package var detail: String

    package init(_ check: String, _ verdict: Verdict, _ detail: String) {
        self.check = check
        self.verdict = verdict
        self.detail = detail
    }
}

/// Shows findings.
package enum FindingReport {
    /// A line each.
    package static func text(_ findings: [Finding]) -> String {
        let width = findings.map(\.check.count).max() ?? 0
        return findings.map { finding in
            let verdict = finding.verdict.rawValue.padded(to: Finding.Verdict.problem.rawValue.count)
            return "\(verdict)  \(finding.check.padded(to: width))  \(finding.detail)\n"
        }.joined()
    }

    /// One JSON object.
    package static func json(_ findings: [Finding]) -> String {
        let list = findings.map { finding in
            "{\"check\":\(JSONText.quoted(finding.check)),\"verdict\":\(JSONText.quoted(finding.verdict.rawValue)),"
                + "\"detail\":\(JSONText.quoted(finding.detail))}"
        }
        return
            "{\"ok\":\(findings.allSatisfy { $0.verdict != .problem }),\"findings\":[\(list.joined(separator: ","))]}"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
