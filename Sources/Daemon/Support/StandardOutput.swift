private import Glibc

/// Text for people and programs on the process's two outputs, written at once and in whole.
package enum StandardOutput {
    /// Writes to standard output.
    package static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes to standard error.
    package static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            // Nobody reads: there is nobody to tell either.
            guard count > 0 else { return }
            written += count
        }
    }
}
