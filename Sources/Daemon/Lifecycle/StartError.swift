/// Why the daemon did not start, or did not end well: a sentence for people and a status for programs.
package struct StartError: Error, Sendable, CustomStringConvertible {
    package let status: ExitStatus
    package let description: String

    package init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}
