private import Bytes
private import COpenSSL

/// Keyed authentication codes (RFC 2104) of bytes that are in memory at once.
package enum HMAC {
    /// HMAC-SHA-256, 32 bytes. Costs about 0.5 µs for short messages.
    package static func sha256(key: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer) -> [UInt8] {
        HMACSHA256Key(key).authenticationCode(of: message)
    }

    /// HMAC-SHA-256, 32 bytes.
    package static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        HMACSHA256Key(key).authenticationCode(of: message)
    }

    /// HMAC-SHA-1, 20 bytes: for signatures of the old kind only.
    package static func sha1(key: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer) -> [UInt8] {
        let short = key.count > hmacBlockByteCount ? Digest.sha1(key) : [UInt8](key)
        let inner = paddedKey(short, with: innerPad) + message
        return Digest.sha1(paddedKey(short, with: outerPad) + Digest.sha1(inner))
    }

    /// HMAC-SHA-1, 20 bytes: for signatures of the old kind only.
    package static func sha1(key: [UInt8], message: [UInt8]) -> [UInt8] {
        key.withUnsafeBytes { key in message.withUnsafeBytes { sha1(key: key, message: $0) } }
    }
}

/// A key of HMAC-SHA-256 with the part of the work done that depends on the key alone: half of it, for short messages.
package struct HMACSHA256Key: Sendable {
    private let inner: SHA256_CTX
    private let outer: SHA256_CTX

    /// A key of any length.
    package init(_ key: UnsafeRawBufferPointer) {
        let short = key.count > hmacBlockByteCount ? Digest.sha256(key) : [UInt8](key)
        inner = Self.state(after: paddedKey(short, with: innerPad))
        outer = Self.state(after: paddedKey(short, with: outerPad))
    }

    /// A key of any length.
    package init(_ key: [UInt8]) { self = key.withUnsafeBytes { Self($0) } }

    /// The code of `message`, 32 bytes. Costs about 0.3 µs for short messages.
    package func authenticationCode(of message: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.codeByteCount) { code, count in
            writeCode(of: message, to: code)
            count = Self.codeByteCount
        }
    }

    /// Whether the code of `message` is that one, written in lower-case hexadecimal digits: in a time that does not
    /// tell where they differ. Takes nothing from the heap.
    package func authenticates(_ message: [UInt8], hexadecimalCode: ArraySlice<UInt8>) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 3 * Self.codeByteCount) { scratch in
            let code = UnsafeMutableBufferPointer(rebasing: scratch[..<Self.codeByteCount])
            let digits = UnsafeMutableBufferPointer(rebasing: scratch[Self.codeByteCount...])
            message.withUnsafeBytes { writeCode(of: $0, to: code) }
            Hex.write(UnsafeRawBufferPointer(code), to: digits)
            return hexadecimalCode.withUnsafeBytes { constantTimeEqual(UnsafeRawBufferPointer(digits), $0) }
        }
    }

    private static let codeByteCount = Int(SHA256_DIGEST_LENGTH)

    private func writeCode(of message: UnsafeRawBufferPointer, to code: UnsafeMutableBufferPointer<UInt8>) {
        var state = inner
        SHA256_Update(&state, message.baseAddress, message.count)
        SHA256_Final(code.baseAddress, &state)
        state = outer
        SHA256_Update(&state, code.baseAddress, Self.codeByteCount)
        SHA256_Final(code.baseAddress, &state)
    }

    /// The code of `message`, 32 bytes.
    package func authenticationCode(of message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { authenticationCode(of: $0) }
    }

    private static func state(after block: [UInt8]) -> SHA256_CTX {
        var state = SHA256_CTX()
        SHA256_Init(&state)
        SHA256_Update(&state, block, block.count)
        return state
    }
}

/// Whether two secrets are equal, in a time that does not tell where they differ. Their lengths are no secret.
package func constantTimeEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    guard let first = a.baseAddress, let second = b.baseAddress else { return true }
    return CRYPTO_memcmp(first, second, a.count) == 0
}

/// Whether two secrets are equal, in a time that does not tell where they differ. Their lengths are no secret.
package func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.withUnsafeBytes { a in b.withUnsafeBytes { constantTimeEqual(a, $0) } }
}

/// The block of MD5, SHA-1 and SHA-256, to which the key is padded.
private let hmacBlockByteCount = 64
private let innerPad: UInt8 = 0x36
private let outerPad: UInt8 = 0x5C

private func paddedKey(_ key: [UInt8], with pad: UInt8) -> [UInt8] {
    var block = [UInt8](repeating: pad, count: hmacBlockByteCount)
    for (index, byte) in key.enumerated() { block[index] ^= byte }
    return block
}
