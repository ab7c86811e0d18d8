import CZstd

/// Expands Zstandard (RFC 8878), one frame or several, as it comes. Windows up to 128 MiB, libzstd's own bound.
package final class ZstdStream: Expansion {
    private let stream: OpaquePointer
    private var input: [UInt8] = []
    private var offset = 0
    /// Whether a frame has begun and not ended, or has not been given out whole.
    private var isInside = false

    package init() {
        guard let stream = ZSTD_createDStream() else { preconditionFailure("libzstd cannot start") }
        self.stream = stream
    }

    deinit { ZSTD_freeDStream(stream) }

    package func feed(_ bytes: [UInt8]) {
        precondition(offset == input.count, "Fed before it was hungry")
        (input, offset) = (bytes, 0)
    }

    package func next() throws(CompressionError) -> [UInt8]? {
        while offset < input.count || isInside {
            let before = offset
            let (status, piece) = step()
            if ZSTD_isError(status) != 0 { throw .malformed }
            // Zero at the end of a frame, once all of it is given out.
            isInside = status != 0
            if !piece.isEmpty { return piece }
            if offset == before || offset == input.count { return nil }
        }
        return nil
    }

    package func end() throws(CompressionError) {
        if isInside || offset < input.count { throw .malformed }
    }

    private func step() -> (status: Int, piece: [UInt8]) {
        var status = 0
        let piece = [UInt8](unsafeUninitializedCapacity: expansionPieceSize) { buffer, count in
            input.withUnsafeBytes { bytes in
                var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: offset)
                var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
                status = ZSTD_decompressStream(stream, &target, &source)
                offset = source.pos
                count = target.pos
            }
        }
        return (status, piece)
    }
}

/// Makes bytes small, in one frame of Zstandard.
package enum Zstd {
    /// libzstd's default.
    private static let level: Int32 = 3

    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
            let status = ZSTD_compress(buffer.baseAddress, buffer.count, bytes, bytes.count, Self.level)
            precondition(ZSTD_isError(status) == 0, "libzstd did not keep to its bound")
            count = status
        }
    }
}
