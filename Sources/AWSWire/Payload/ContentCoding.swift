/// The `Content-Encoding` of an upload.
package enum ContentCoding {
    /// What is stored of the header: every coding but `aws-chunked`, which is only a way to send. Nil when nothing is
    /// left.
    package static func stored(_ header: String) -> String? {
        let kept = header.split(separator: ",")
            .map { ASCII.trimmed($0) }
            .filter { !$0.isEmpty && $0.lowercased() != "aws-chunked" }
        return kept.isEmpty ? nil : kept.joined(separator: ",")
    }
}
