internal import Bytes

/// A blocked Bloom filter: all probes of a key fall into one 64-byte line. `docs/format/table.md`, "Filter block".
///
/// In memory lines are aligned to those of the processor's cache: a look costs at most one miss.
///
/// Unchecked: the memory is written in `init` only.
final class BloomFilter: @unchecked Sendable {
    /// Ten bits a key with six probes within a line give about one false positive in a hundred.
    private static let bitsPerKey = 10
    private static let probes: UInt8 = 6
    fileprivate static let lineBytes = 64
    private static let headerBytes = 4

    let lines: BloomLines
    private let memory: UnsafeMutableRawBufferPointer

    var byteCount: Int { memory.count }

    /// Encodes a filter over key hashes.
    static func encode(_ hashes: [UInt64]) -> [UInt8] {
        let lines = max(1, (hashes.count * bitsPerKey + lineBytes * 8 - 1) / (lineBytes * 8))
        var bytes = [UInt8](repeating: 0, count: headerBytes + lines * lineBytes)
        bytes[0] = probes
        for hash in hashes {
            let start = headerBytes + line(of: hash, lines: UInt64(lines)) * lineBytes
            for probe in 0..<Int(probes) {
                let bit = bit(of: hash, probe: probe)
                bytes[start + bit >> 3] |= 1 << UInt8(bit & 7)
            }
        }
        return bytes
    }

    init(decoding bytes: UnsafeRawBufferPointer) throws(ByteReaderError) {
        guard bytes.count > Self.headerBytes, (bytes.count - Self.headerBytes) % Self.lineBytes == 0, bytes[0] > 0
        else {
            throw .malformed
        }
        let stored = UnsafeRawBufferPointer(rebasing: bytes[Self.headerBytes...])
        memory = .allocate(byteCount: stored.count, alignment: Self.lineBytes)
        memory.copyMemory(from: stored)
        guard let base = memory.baseAddress else { preconditionFailure("a filter has a line") }
        lines = BloomLines(
            base: UnsafeRawPointer(base), lineCount: UInt64(stored.count / Self.lineBytes), probeCount: Int(bytes[0]))
    }

    deinit { memory.deallocate() }

    /// False only when no key of this hash was added.
    func mayContain(_ hash: UInt64) -> Bool { lines.mayContain(hash) }

    @inline(__always)
    fileprivate static func line(of hash: UInt64, lines: UInt64) -> Int { Int(((hash >> 32) * lines) >> 32) }

    @inline(__always)
    fileprivate static func bit(of hash: UInt64, probe: Int) -> Int {
        Int(truncatingIfNeeded: hash &+ UInt64(truncatingIfNeeded: probe) &* ((hash >> 17) | 1)) & 511
    }
}

/// The lines of a filter, for those who keep it alive by other means.
///
/// Unchecked: the memory is written before there is one.
struct BloomLines: @unchecked Sendable {
    fileprivate let base: UnsafeRawPointer
    fileprivate let lineCount: UInt64
    fileprivate let probeCount: Int

    /// False only when no key of this hash was added.
    @inline(__always)
    func mayContain(_ hash: UInt64) -> Bool {
        let line = base + BloomFilter.line(of: hash, lines: lineCount) * BloomFilter.lineBytes
        // All of them: they lie in one cache line, and a wrong guess of where to stop costs more than the rest.
        var bits: UInt8 = 1
        for probe in 0..<probeCount {
            let bit = BloomFilter.bit(of: hash, probe: probe)
            bits &= line.load(fromByteOffset: bit >> 3, as: UInt8.self) >> UInt8(truncatingIfNeeded: bit & 7)
        }
        return bits != 0
    }
}
