import NIOCore

/// The bounds of what one client can make the front hold or wait for. Every one has a name, a default and a reason.
package struct FrontLimits: Sendable, Equatable {
    /// Request line and header fields together, counted without separators. AWS accepts 8 KiB of headers beside
    /// presigned query strings and 2 KiB of metadata; 32 KiB leaves room for proxies' additions.
    package var headerBytesMax = 32 * 1024
    /// Header fields of one request. 2 KiB of user metadata in one-letter names is about 140 fields.
    package var headerFieldsMax = 256
    /// Bytes of one request body: S3's largest part is 5 GiB, and chunk signatures add up to a few per cent.
    package var bodyBytesMax = 6 << 30
    /// Seconds in which a head that has begun must be complete. Trickled bytes do not extend it.
    package var headerSeconds = 30.0
    /// Seconds an idle connection is kept. Longer than the 60 s after which SDK pools let go of theirs, so that the
    /// client is the one that closes and no request crosses a closing connection.
    package var keepAliveIdleSeconds = 75.0
    /// Seconds without a byte, while the service waits for body bytes, until the body counts as stalled.
    package var bodyIdleSeconds = 30.0
    /// Seconds without progress, while response bytes wait for the socket, until the client counts as gone.
    package var responseIdleSeconds = 60.0
    /// Connections open at once; one more is answered 503. Each costs about 14 KiB idle.
    package var connectionsMax = 8192
    /// Refused connections that may be waiting for their 503 to be read; beyond it they are closed unanswered.
    package var refusedConnectionsMax = 128
    /// Body bytes read and thrown away after an early answer, to keep the connection. Reading 256 KiB costs about as
    /// much as a new connection with TLS.
    package var drainBytesMax = 256 * 1024
    /// Bytes thrown away after the last answer, so that the client reads the answer and not a reset.
    package var lingerBytesMax = 64 << 20
    /// Seconds the same may take.
    package var lingerSeconds = 5.0
    /// Body bytes held for a service that has not asked for them. Two receive buffers, so that one fills while one is
    /// used.
    package var inboundBufferBytes = 512 * 1024
    /// Response bytes queued on a connection before `ResponseWriter.write` waits.
    package var outboundBufferBytes = 1 << 20
    /// Bytes of bodies that services hold whole, over all connections: room for four of DynamoDB's largest, so that
    /// some arrive while others are carried out.
    package var bodyRoomBytes = 64 << 20
    /// Bytes of long answers that are made in one piece, over all connections: for four of DynamoDB's largest.
    package var answerRoomBytes = 64 << 20
    /// What is not longer than this takes no room. A connection holds as much anyhow: what it has received.
    package var roomlessBytes = 64 * 1024
    /// Seconds without a byte, of a body or an answer that has room others wait for. A client that still sends or reads
    /// is not silent for so long, and a hundred that are silent hold the others up for a minute or two.
    package var contendedIdleSeconds = 3.0
    /// How fast what has room must come or go on the whole, while others wait for it: 16 MiB in 16 seconds.
    package var contendedBytesPerSecond = 1 << 20
    /// Bytes over all connections that were read beyond `inboundBufferBytes` since their clients have closed their
    /// side. Honest clients close it at the end, if at all.
    package var overrunBytesMax = 64 << 20
    /// Parts of pipelined requests that wait for their turn; more come only from a client that has closed its side. As
    /// many as the smallest requests in one receive buffer have.
    package var queuedPartsMax = 32 * 1024
    /// Receive buffer of a connection outside large bodies: a signed head and a 4 KiB body arrive in one read, and an
    /// idle connection holds no more.
    package var receiveBytesIdle = 8 * 1024
    /// Receive buffer while a large body streams: measured to cost 1.5 times less CPU per byte than 64 KiB.
    package var receiveBytesStreaming = 256 * 1024

    /// The defaults.
    package init() {}
}
