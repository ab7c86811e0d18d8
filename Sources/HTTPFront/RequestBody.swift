package import NIOCore

/// The bytes of a request's body, in order, pulled by the service. Back-pressure is the pull: what is not asked for is not read
/// from the socket beyond a bounded buffer. Used from the request's own task only.
package struct RequestBody: Sendable {
    /// The declared `Content-Length`; nil when the body comes in HTTP chunks. A request without a body has 0.
    package var declaredLength: Int?

    /// The next bytes, never empty; nil at the end. The first call answers `Expect: 100-continue`.
    ///
    /// - Throws: `BodyError` when the client vanished, stalled past the limit, or sent too much or too little.
    package func next() async throws(BodyError) -> ByteBuffer? { preconditionFailure("unbuilt") }

    /// Reads all of a small body.
    ///
    /// - Throws: `BodyError.tooLarge` past `limit` bytes.
    package func collect(limit: Int) async throws(BodyError) -> ByteBuffer { preconditionFailure("unbuilt") }
}

/// Why a body could not be read to its end.
package enum BodyError: Error, Equatable, Sendable {
    /// The connection ended, or framing broke, before the declared end.
    case incomplete
    /// No byte arrived for `FrontLimits.bodyIdleSeconds`.
    case timedOut
    case tooLarge(limit: Int)
}
