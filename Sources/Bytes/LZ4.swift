private import CLZ4

/// LZ4 blocks, without a frame: whoever stores one stores both lengths.
///
/// Compresses about 1 GB/s and decompresses 4 to 5 GB/s on one core.
package enum LZ4 {
    /// The most bytes that one block can hold.
    package static let inputCountMax = 0x7E00_0000

    /// The version of the library that runs, as in `1.9.4`.
    package static var libraryVersion: String { String(cString: LZ4_versionString()) }

    /// The room that compressing `count` bytes needs at worst.
    package static func compressBound(_ count: Int) -> Int {
        precondition(count >= 0 && count <= inputCountMax, "an LZ4 block holds at most 2 GB")
        return Int(LZ4_compressBound(Int32(count)))
    }

    /// Compresses `source` and returns the length of the block; nil when it does not fit into `target`. A target
    /// smaller than the bound is a way to ask for compression only where it pays.
    package static func compress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Int? {
        precondition(source.count <= inputCountMax, "an LZ4 block holds at most 2 GB")
        guard let to = target.baseAddress else { return nil }
        // The library wants an address, even of nothing.
        let from = source.baseAddress ?? UnsafeRawPointer(to)
        let capacity = Int32(clamping: target.count)
        let written = LZ4_compress_default(
            from.assumingMemoryBound(to: CChar.self), to.assumingMemoryBound(to: CChar.self), Int32(source.count),
            capacity)
        return written > 0 ? Int(written) : nil
    }

    /// Decompresses one whole block that must fill `target` exactly. Never writes beyond it, whatever the block says.
    ///
    /// - Throws: `.damaged` when the block is no block or has another length.
    package static func decompress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(LZ4Error) {
        guard let from = source.baseAddress, source.count <= Int(Int32.max), target.count <= inputCountMax else {
            throw .damaged(expectedCount: target.count)
        }
        var nothing: CChar = 0
        let written = withUnsafeMutablePointer(to: &nothing) { nowhere in
            LZ4_decompress_safe(
                from.assumingMemoryBound(to: CChar.self),
                target.baseAddress?.assumingMemoryBound(to: CChar.self) ?? nowhere,
                Int32(source.count), Int32(target.count))
        }
        guard Int(written) == target.count else { throw .damaged(expectedCount: target.count) }
    }
}

/// Why a block could not be decompressed.
package enum LZ4Error: Error, Equatable, Sendable {
    /// The bytes are no block, or not one of `expectedCount` bytes.
    case damaged(expectedCount: Int)
}
