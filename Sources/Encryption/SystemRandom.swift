private import COpenSSL

/// Unpredictable bytes from OpenSSL's generator, which the system seeds.
package enum SystemRandom {
    /// `count` bytes fit for keys and nonces. Traps when the system gives no randomness: nothing secret can be made
    /// then.
    package static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max), "more random bytes than one call can give")
        return [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
            let done = count == 0 ? 1 : RAND_bytes(bytes.baseAddress, Int32(count))
            precondition(done == 1, "the system gives no randomness")
            initialized = count
        }
    }
}
