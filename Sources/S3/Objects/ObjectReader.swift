package import NIOCore

/// Pulls the bytes of one answer. Holds what it reads: an overwrite or a delete meanwhile does not disturb it. One user
/// at a time.
///
/// `@unchecked Sendable`: it is made by one task and used by that task alone; nothing else ever sees it.
package final class ObjectReader: @unchecked Sendable {
    /// Bytes of the whole answer.
    package let length: UInt64

    init(length: UInt64) { self.length = length }

    /// The next bytes, 1 MiB at most and never empty; nil at the end. Call once before the answer's head is sent:
    /// damage in the first
    /// piece can then still be told.
    ///
    /// - Throws: `store`.
    package func next() async throws(S3Error) -> ByteBuffer? { preconditionFailure("unbuilt") }
}
