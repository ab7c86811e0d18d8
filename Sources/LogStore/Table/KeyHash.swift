/// The 64-bit hash of keys that filters are built on. Part of the file format: never change it.
///
/// Eight bytes at a time, multiplied and folded over 128 bits (the mixing step of wyhash and its kin), the length last.
enum KeyHash {
    private static let prime1: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let prime2: UInt64 = 0xD6E8_FEB8_6659_FD93
    /// Distinguishes hashes of prefixes from hashes of whole keys.
    static let prefixSeed: UInt64 = 0x7265_6669_7850_5246

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    static func hash(_ key: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        var state = seed ^ prime1
        var offset = 0
        while key.count - offset >= 8 {
            let word = UInt64(littleEndian: key.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            state = fold(state ^ word, prime2)
            offset += 8
        }
        var tail: UInt64 = 0
        var shift: UInt64 = 0
        while offset < key.count {
            tail |= UInt64(key[offset]) << shift
            shift += 8
            offset += 1
        }
        state = fold(state ^ tail, prime1)
        return fold(state ^ UInt64(key.count), prime2 ^ prime1)
    }
}
