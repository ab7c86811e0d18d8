import Glibc

/// SplitMix64. The peers' programs draw the same numbers.
struct Random {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in `0..<bound`.
    mutating func below(_ bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }

    /// Uniform in `0..<1`.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// A key of 16 bytes as db_bench makes them: the number, big-endian, then zeros in ASCII. A key of another number's
/// neighbourhood that nobody wrote ends in a dot.
func makeKey(_ number: UInt64, isMissing: Bool = false) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { bytes, count in
        let raw = UnsafeMutableRawBufferPointer(bytes)
        raw.storeBytes(of: number.bigEndian, as: UInt64.self)
        raw.storeBytes(of: 0x3030_3030_3030_3030, toByteOffset: 8, as: UInt64.self)
        if isMissing { bytes[15] = UInt8(ascii: ".") }
        count = 16
    }
}

/// The number in a key.
func keyNumber(_ key: UnsafeRawBufferPointer) -> UInt64 { UInt64(bigEndian: key.loadUnaligned(as: UInt64.self)) }

/// Values that compress to half, as db_bench makes them: slices of a pool in which 50 random bytes are said twice. In
/// front stand the key's number and the place in the pool, so that what was read can be compared.
struct Values: Sendable {
    private static let headerBytes = 12
    private static let poolBytes = 1 << 20

    let valueBytes: Int
    private let pool: [UInt8]

    init(valueBytes: Int) {
        self.valueBytes = valueBytes
        var random = Random(seed: 301)
        var pool: [UInt8] = []
        while pool.count < Self.poolBytes + valueBytes {
            let piece = (0..<50).map { _ in UInt8(ascii: " ") + UInt8(random.below(95)) }
            pool += piece + piece
        }
        self.pool = pool
    }

    func make(_ number: UInt64, _ random: inout Random) -> [UInt8] {
        let place = UInt32(random.below(UInt64(Self.poolBytes)))
        return [UInt8](unsafeUninitializedCapacity: valueBytes) { bytes, count in
            let raw = UnsafeMutableRawBufferPointer(bytes)
            raw.storeBytes(of: number.littleEndian, as: UInt64.self)
            raw.storeBytes(of: place.littleEndian, toByteOffset: 8, as: UInt32.self)
            pool.withUnsafeBytes { pool in
                let rest = pool[Int(place)..<(Int(place) + valueBytes - Self.headerBytes)]
                UnsafeMutableRawBufferPointer(rebasing: raw[Self.headerBytes..<valueBytes]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: rest))
            }
            count = valueBytes
        }
    }

    /// Whether the value was made for the key of this number; `whole` compares every byte.
    func fits(_ value: UnsafeRawBufferPointer, _ number: UInt64, whole: Bool) -> Bool {
        guard value.count == valueBytes, UInt64(littleEndian: value.loadUnaligned(as: UInt64.self)) == number else {
            return false
        }
        guard whole else { return true }
        let place = Int(UInt32(littleEndian: value.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        guard place < Self.poolBytes else { return false }
        return pool.withUnsafeBytes { pool in
            guard let written = pool.baseAddress, let read = value.baseAddress else { return false }
            return memcmp(written + place, read + Self.headerBytes, valueBytes - Self.headerBytes) == 0
        }
    }
}

/// The numbers `0..<count` in an order without pattern: four Feistel rounds over the next power of four, walked until
/// the result is in range.
struct Shuffle: Sendable {
    private let count: UInt64
    private let halfBits: UInt64

    init(count: UInt64) {
        self.count = count
        var halfBits: UInt64 = 1
        while 1 << (2 * halfBits) < count { halfBits += 1 }
        self.halfBits = halfBits
    }

    subscript(index: UInt64) -> UInt64 {
        var index = once(index)
        while index >= count { index = once(index) }
        return index
    }

    private func once(_ index: UInt64) -> UInt64 {
        let mask: UInt64 = (1 << halfBits) - 1
        var left = index >> halfBits
        var right = index & mask
        for round in UInt64(0)..<4 {
            var random = Random(seed: right + round << 40)
            (left, right) = (right, left ^ (random.next() & mask))
        }
        return left << halfBits | right
    }
}
