/// Expands a stream that comes in pieces, with bounded memory: what goes in is held until it is needed, and what comes
/// out is at most one piece. One user at a time.
package protocol Expansion: AnyObject {
    /// Gives the next bytes of the stream. Only when `next` has returned nil.
    func feed(_ bytes: [UInt8])

    /// The next bytes of what the stream expands to, never empty; nil when more of the stream is wanted.
    ///
    /// - Throws: `.malformed`.
    func next() throws(CompressionError) -> [UInt8]?

    /// Says that the stream has ended.
    ///
    /// - Throws: `.malformed` when it is cut short.
    func end() throws(CompressionError)
}

/// A stream that is as it is.
package final class PlainStream: Expansion {
    private var bytes: [UInt8] = []

    package init() {}

    package func feed(_ bytes: [UInt8]) { self.bytes = bytes }

    package func next() throws(CompressionError) -> [UInt8]? {
        defer { bytes = [] }
        return bytes.isEmpty ? nil : bytes
    }

    package func end() throws(CompressionError) {}
}

/// Bytes that an expansion gives at once.
let expansionPieceSize = 64 << 10
