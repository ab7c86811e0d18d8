import NIOCore

/// Decides the size of a connection's receive buffers: small, but for a body that does not fit in such a one.
///
/// It leans on how the channel pools buffers for one read at a time: a nil `nextBufferSize` and a `record` that returns
/// false reuses the first, small buffer; a `record` that returns true allocates anew and does not keep the result, so
/// nothing large stays with an idle connection.
///
/// `@unchecked Sendable`: used by one channel and its handler only, on their event loop.
final class ReceiveAllocator: RecvByteBufferAllocator, @unchecked Sendable {
    private let idleBytes: Int
    private let streamingBytes: Int
    /// The length of the body that is being received, set by the handler; 0 when there is none.
    var expectedBytes = 0

    init(limits: FrontLimits) {
        idleBytes = limits.receiveBytesIdle
        streamingBytes = limits.receiveBytesStreaming
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: min(max(expectedBytes, idleBytes), streamingBytes))
    }

    func nextBufferSize() -> Int? { nil }

    func record(actualReadBytes: Int) -> Bool { expectedBytes > idleBytes }
}
