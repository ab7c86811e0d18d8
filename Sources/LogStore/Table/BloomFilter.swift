internal import Bytes

/// A blocked Bloom filter: all probes of a key fall into one 64-byte line. `docs/format/table.md`, "Filter block".
struct BloomFilter: Sendable {
    /// Ten bits a key with six probes within a line give about one false positive in a hundred.
    private static let bitsPerKey = 10
    private static let probes: UInt8 = 6
    private static let lineBytes = 64
    private static let headerBytes = 4

    private let probeCount: Int
    private let lineCount: UInt64
    private let bytes: [UInt8]

    var byteCount: Int { bytes.count }

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
        probeCount = Int(bytes[0])
        lineCount = UInt64((bytes.count - Self.headerBytes) / Self.lineBytes)
        self.bytes = [UInt8](bytes)
    }

    /// False only when no key of this hash was added.
    func mayContain(_ hash: UInt64) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            let start = Self.headerBytes + Self.line(of: hash, lines: lineCount) * Self.lineBytes
            for probe in 0..<probeCount {
                let bit = Self.bit(of: hash, probe: probe)
                if bytes[start + bit >> 3] & (1 << UInt8(bit & 7)) == 0 { return false }
            }
            return true
        }
    }

    private static func line(of hash: UInt64, lines: UInt64) -> Int { Int(((hash >> 32) * lines) >> 32) }

    private static func bit(of hash: UInt64, probe: Int) -> Int {
        Int((hash &+ UInt64(probe) &* ((hash >> 17) | 1)) & 511)
    }
}
