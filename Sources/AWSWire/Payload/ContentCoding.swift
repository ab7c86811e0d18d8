import Bytes

/// The `Content-Encoding` of an upload.
package enum ContentCoding {
    /// What is stored of the header: every coding but `aws-chunked`, which is only a way to send. A header without it
    /// is stored as it was written. Nil when nothing is left.
    package static func stored(_ header: String) -> String? {
        let codings = header.split(separator: ",").map { ASCII.trimmed($0) }.filter { !$0.isEmpty }
        let kept = codings.filter { $0.lowercased() != "aws-chunked" }
        if kept.isEmpty { return nil }
        return kept.count == codings.count ? String(ASCII.trimmed(header)) : kept.joined(separator: ",")
    }
}
