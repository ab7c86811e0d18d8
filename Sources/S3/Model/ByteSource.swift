package import NIOCore

/// The body of a write, pulled by the service. Used from the request's own task only.
///
/// What `next` throws passes through the service unchanged inside `S3Error.source`, after everything written so far has
/// been given up:
/// a body that fails creates nothing. What `takeVerification` throws passes through in the same way.
package protocol ByteSource: AnyObject {
    /// Bytes of the body when known beforehand (`Content-Length` or `x-amz-decoded-content-length`); more or fewer are
    /// `incompleteBody`.
    var length: UInt64? { get }

    /// The next bytes, never empty; nil at the end. Pieces should be at most 1 MiB: two are in memory at once.
    func next() async throws -> ByteBuffer?

    /// The check of what `next` has given since the last call: what the request's signature promised about those bytes,
    /// and, once `next` has returned nil, about all of them. Nil when there is nothing to check.
    ///
    /// It costs a digest of the bytes, so the caller runs it beside the event loop where the body is large: on any
    /// thread, in the order taken, never two at once, and before anything is created. It throws the wire's refusal.
    func takeVerification() -> BodyVerification?

    /// The checksum that came in a trailer; asked once `next` has returned nil. Nil when none was announced.
    ///
    /// - Throws: what the wire finds wrong with its trailer.
    func trailingChecksum() throws -> Checksum?
}

/// One check of bytes that a source has given.
package typealias BodyVerification = @Sendable () throws -> Void

extension ByteSource {
    /// Nothing was promised.
    package func takeVerification() -> BodyVerification? { nil }

    /// No trailer.
    package func trailingChecksum() throws -> Checksum? { nil }
}

/// A body that is already in memory.
package final class BufferSource: ByteSource {
    private var buffer: ByteBuffer?
    package let length: UInt64?

    package init(_ buffer: ByteBuffer) {
        length = UInt64(buffer.readableBytes)
        self.buffer = buffer.readableBytes > 0 ? buffer : nil
    }

    package func next() async throws -> ByteBuffer? {
        defer { buffer = nil }
        return buffer
    }
}

/// What a write declares about its body, checked before anything is created.
package struct BodyChecks: Sendable, Hashable {
    /// `Content-MD5`, sixteen bytes (the wire answers `invalidDigest` for anything else).
    package var md5: [UInt8]?
    /// `x-amz-checksum-…` in a header.
    package var checksum: Checksum?
    /// The algorithm announced by `x-amz-trailer` or `x-amz-sdk-checksum-algorithm`: computed while the body streams
    /// and compared with the trailer.
    package var trailingAlgorithm: ChecksumAlgorithm?

    package init(md5: [UInt8]? = nil, checksum: Checksum? = nil, trailingAlgorithm: ChecksumAlgorithm? = nil) {
        self.md5 = md5
        self.checksum = checksum
        self.trailingAlgorithm = trailingAlgorithm
    }
}
