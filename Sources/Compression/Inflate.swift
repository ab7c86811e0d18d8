import CZlib

/// Expands what DEFLATE (RFC 1951) made small. Costs about 3 ms for a megabyte of JSON.
package enum Inflate {
    /// Takes either wrapper, told by its first bytes: 15 is the largest window, 32 asks for the detection.
    private static let windowBits: Int32 = 15 + 32

    /// The bytes that room is made for at once.
    private static let pieceSize = 64 << 10

    /// Expands all of `bytes`: one or more members of gzip (RFC 1952), or one of zlib (RFC 1950), which is what HTTP
    /// calls `deflate`.
    ///
    /// - Parameter limit: the most bytes that come out. Memory is taken as bytes come, never beyond it.
    /// - Throws: `.malformed`; `.tooLarge` as soon as the limit is passed.
    package static func expand(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(CompressionError) -> [UInt8] {
        var stream = z_stream()
        let started = inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(started == Z_OK, "zlib cannot start: \(started)")
        defer { inflateEnd(&stream) }
        guard let start = bytes.baseAddress, !bytes.isEmpty, bytes.count <= UInt32.max else { throw .malformed }
        // zlib's type has no const; it reads only.
        stream.next_in = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(bytes.count)
        var output: [UInt8] = []
        while true {
            // One byte more than the limit tells whether there is one.
            let room = min(pieceSize, limit + 1 - output.count)
            let (status, piece) = next(&stream, room: room)
            output.append(contentsOf: piece)
            guard output.count <= limit else { throw .tooLarge(limit: limit) }
            switch status {
            case Z_STREAM_END:
                if stream.avail_in == 0 { return output }
                guard inflateReset(&stream) == Z_OK else { throw .malformed }
            case Z_OK: continue
            // Z_BUF_ERROR: nothing more to read, and the end has not come.
            default: throw .malformed
            }
        }
    }

    private static func next(_ stream: inout z_stream, room: Int) -> (status: Int32, piece: [UInt8]) {
        var status = Z_OK
        let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(room)
            status = inflate(&stream, Z_NO_FLUSH)
            count = room - Int(stream.avail_out)
        }
        return (status, piece)
    }
}
