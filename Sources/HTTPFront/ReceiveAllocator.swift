import NIOCore

/// Decides the size of a connection's receive buffers: small until a large body streams.
///
/// It leans on how the channel pools buffers for one read at a time: a nil `nextBufferSize` and a `record` that returns
/// false reuses the first, small buffer; a `record` that returns true allocates anew and does not keep the result, so
/// nothing large stays with an idle connection.
///
/// `@unchecked Sendable`: used by one channel and its handler only, on their event loop.
final class ReceiveAllocator: RecvByteBufferAllocator, @unchecked Sendable {
    private let idleBytes: Int
    private let streamingBytes: Int
    /// Set by the handler while a large body is being received.
    var isStreaming = false

    init(limits: FrontLimits) {
        idleBytes = limits.receiveBytesIdle
        streamingBytes = limits.receiveBytesStreaming
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: isStreaming ? streamingBytes : idleBytes)
    }

    func nextBufferSize() -> Int? { nil }

    func record(actualReadBytes: Int) -> Bool { isStreaming }
}
