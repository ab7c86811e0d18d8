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

    /// Waits until there is room in memory for that many bytes, which are this request's until it is answered. Call it
    /// once, for all of them, before they are there: see `Room`. A few need none. Bodies from elsewhere take none.
    ///
    /// - Throws: `BodyError.incomplete` when the client vanished meanwhile.
    package func takeRoom(for bytes: Int) async throws(BodyError) {
        guard case .connection(let connection, let exchange) = source else { return }
        try await connection.takeBodyRoom(for: bytes, exchange: exchange)
    }

    /// Reads all of a body, once there is room for it.
    ///
    /// - Parameter extra: bytes of what else is made of it, for which there must be room as well.
    /// - Throws: `BodyError.tooLarge` past `limit` bytes.
    package func collect(limit: Int, with extra: Int = 0) async throws(BodyError) -> [UInt8] {
        if let declaredLength, declaredLength > limit { throw .tooLarge(limit: limit) }
        var hasRoom = declaredLength != nil || extra > 0
        if hasRoom { try await takeRoom(for: (declaredLength ?? limit) + extra) }
        var collected: [UInt8] = []
        collected.reserveCapacity(declaredLength ?? 0)
        while let bytes = try await next() {
            guard collected.count + bytes.readableBytes <= limit else { throw .tooLarge(limit: limit) }
            bytes.withUnsafeReadableBytes { collected.append(contentsOf: $0) }
            if !hasRoom, collected.count > Self.unknownBytes {
                try await takeRoom(for: limit)
                hasRoom = true
            }
        }
        return collected
    }

    /// What is read of a body of unknown length before there is room for the longest.
    private static let unknownBytes = 64 * 1024
}

/// Why a body could not be read to its end.
package enum BodyError: Error, Equatable, Sendable {
    /// The connection ended, or framing broke, before the declared end.
    case incomplete
    /// No byte arrived for `FrontLimits.bodyIdleSeconds`.
    case timedOut
    case tooLarge(limit: Int)
}
