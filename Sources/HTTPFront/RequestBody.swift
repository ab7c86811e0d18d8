package import NIOCore

/// The bytes of a request's body, in order, pulled by the service. Back-pressure is the pull: what is not asked for is
/// not read from the socket beyond a bounded buffer. Used from the request's own task only.
package struct RequestBody: Sendable {
    /// The declared `Content-Length`; nil when the body comes in HTTP chunks. A request without a body has 0.
    package var declaredLength: Int?
    private let source: Source

    private enum Source: Sendable {
        case connection(HTTPConnection, exchange: UInt64)
        case closure(@Sendable () async throws(BodyError) -> ByteBuffer?)
    }

    init(declaredLength: Int?, connection: HTTPConnection, exchange: UInt64) {
        self.declaredLength = declaredLength
        source = .connection(connection, exchange: exchange)
    }

    /// A body from elsewhere than a connection: a decoder over another body, or a test. `next` must keep its contract.
    package init(declaredLength: Int?, next: @escaping @Sendable () async throws(BodyError) -> ByteBuffer?) {
        self.declaredLength = declaredLength
        source = .closure(next)
    }

    /// The next bytes, never empty; nil at the end. The first call answers `Expect: 100-continue`.
    ///
    /// - Throws: `BodyError` when the client vanished, stalled past the limit, or sent too much or too little.
    package func next() async throws(BodyError) -> ByteBuffer? {
        switch source {
        case .connection(let connection, let exchange): try await connection.nextBody(exchange: exchange)
        case .closure(let next): try await next()
        }
    }

    /// Reads all of a small body.
    ///
    /// - Throws: `BodyError.tooLarge` past `limit` bytes.
    package func collect(limit: Int) async throws(BodyError) -> ByteBuffer {
        if let declaredLength, declaredLength > limit { throw .tooLarge(limit: limit) }
        guard var collected = try await next() else { return ByteBuffer() }
        while collected.readableBytes <= limit {
            guard var more = try await next() else { return collected }
            collected.writeBuffer(&more)
        }
        throw .tooLarge(limit: limit)
    }
}

/// Why a body could not be read to its end.
package enum BodyError: Error, Equatable, Sendable {
    /// The connection ended, or framing broke, before the declared end.
    case incomplete
    /// No byte arrived for `FrontLimits.bodyIdleSeconds`.
    case timedOut
    case tooLarge(limit: Int)
}
