/// Why bytes could not be expanded.
package enum CompressionError: Error, Equatable, Sendable {
    /// They are not of the form, are cut short, or have more behind their end.
    case malformed
    /// They expand to more bytes than the caller takes.
    case tooLarge(limit: Int)
}
