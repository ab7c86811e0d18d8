import CZlib

/// Expands gzip (RFC 1952), one member or several, as it comes.
package final class InflateStream: Expansion {
    /// The largest window, and 16 for gzip's wrapper.
    private static let windowBits: Int32 = 15 + 16

    /// In a place of its own: zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>
    private var input: [UInt8] = []
    private var offset = 0
    /// Whether a member has begun and not ended.
    private var isInside = false

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let started = inflateInit2_(
            stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(started == Z_OK, "zlib cannot start: \(started)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    package func feed(_ bytes: [UInt8]) {
        precondition(offset == input.count, "Fed before it was hungry")
        (input, offset) = (bytes, 0)
    }

    package func next() throws(CompressionError) -> [UInt8]? {
        while offset < input.count || isInside {
            let before = offset
            let (status, piece) = step()
            switch status {
            case Z_STREAM_END:
                isInside = false
                guard inflateReset(stream) == Z_OK else { throw .malformed }
            // Z_BUF_ERROR: it could not go on without more.
            case Z_OK, Z_BUF_ERROR: isInside = true
            default: throw .malformed
            }
            if !piece.isEmpty { return piece }
            if offset == before || offset == input.count { return nil }
        }
        return nil
    }

    package func end() throws(CompressionError) {
        if isInside || offset < input.count { throw .malformed }
    }

    private func step() -> (status: Int32, piece: [UInt8]) {
        var status = Z_OK
        let piece = [UInt8](unsafeUninitializedCapacity: expansionPieceSize) { buffer, count in
            input.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                // zlib's type has no const; it reads only.
                stream.pointee.next_in = rest.baseAddress.map {
                    UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: UInt8.self))
                }
                stream.pointee.avail_in = UInt32(rest.count)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                status = inflate(stream, Z_NO_FLUSH)
                offset += rest.count - Int(stream.pointee.avail_in)
                count = buffer.count - Int(stream.pointee.avail_out)
            }
        }
        return (status, piece)
    }
}
