/// Eight bytes of a key as a number: keys that differ in them are in the order of their numbers, whatever follows, so
/// that most comparisons need not look at the keys. Equal numbers say nothing.
enum KeyHead {
    /// The bytes from `start` on, big-endian and zero-padded.
    @inline(__always)
    static func head(of key: UnsafeRawBufferPointer, from start: Int = 0) -> UInt64 {
        let left = key.count - start
        guard left > 0, let bytes = key.baseAddress else { return 0 }
        if left >= 8 { return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)) }
        var head: UInt64 = 0
        for index in 0..<left { head |= UInt64(key[start + index]) << (56 - 8 * UInt64(index)) }
        return head
    }
}
