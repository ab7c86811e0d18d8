import CZlib

/// Makes bytes small, with gzip's wrapper (RFC 1952).
package enum Gzip {
    /// The largest window, and 16 for gzip's wrapper.
    private static let windowBits: Int32 = 15 + 16

    /// zlib's default.
    private static let memoryLevel: Int32 = 8

    /// The fastest level: about 8 ms for a megabyte of JSON, which it makes five times smaller.
    private static let level: Int32 = 1

    /// The compressed form of `bytes`, of which there are fewer than 4 GB.
    package static func compress(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        precondition(bytes.count < UInt32.max, "More than zlib takes at once")
        var stream = z_stream()
        let started = deflateInit2_(
            &stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(started == Z_OK, "zlib cannot start: \(started)")
        defer { deflateEnd(&stream) }
        let room = Int(deflateBound(&stream, UInt(bytes.count)))
        // zlib's type has no const; it reads only.
        stream.next_in = bytes.baseAddress.map {
            UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: UInt8.self))
        }
        stream.avail_in = UInt32(bytes.count)
        return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(room)
            let status = deflate(&stream, Z_FINISH)
            precondition(status == Z_STREAM_END, "zlib did not keep to its bound: \(status)")
            count = room - Int(stream.avail_out)
        }
    }
}
