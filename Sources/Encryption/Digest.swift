private import COpenSSL

/// A digest algorithm.
package enum DigestAlgorithm: String, Sendable, CaseIterable {
    case md5 = "MD5"
    case sha1 = "SHA1"
    case sha256 = "SHA256"
    case sha512 = "SHA512"

    /// The length of a digest in bytes.
    package var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }
}

/// Digests of bytes that are in memory at once. SHA-256 costs about 0.1 µs for 64 bytes and 0.7 ms for a megabyte, MD5
/// 1.7 ms for a megabyte.
package enum Digest {
    /// The MD5 digest, 16 bytes.
    package static func md5(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(MD5_DIGEST_LENGTH)) { digest, count in
            var state = MD5_CTX()
            MD5_Init(&state)
            MD5_Update(&state, bytes.baseAddress, bytes.count)
            MD5_Final(digest.baseAddress, &state)
            count = Int(MD5_DIGEST_LENGTH)
        }
    }

    /// Hands the MD5 digest, 16 bytes, to `body`: for whoever needs it for a moment only. Takes nothing from the heap.
    package static func withMD5<Output>(
        of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Output
    ) -> Output {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(MD5_DIGEST_LENGTH)) { digest in
            var state = MD5_CTX()
            MD5_Init(&state)
            MD5_Update(&state, bytes.baseAddress, bytes.count)
            MD5_Final(digest.baseAddress, &state)
            return body(UnsafeRawBufferPointer(digest))
        }
    }

    /// The SHA-1 digest, 20 bytes.
    package static func sha1(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(SHA_DIGEST_LENGTH)) { digest, count in
            var state = SHA_CTX()
            SHA1_Init(&state)
            SHA1_Update(&state, bytes.baseAddress, bytes.count)
            SHA1_Final(digest.baseAddress, &state)
            count = Int(SHA_DIGEST_LENGTH)
        }
    }

    /// The SHA-256 digest, 32 bytes.
    package static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
            var state = SHA256_CTX()
            SHA256_Init(&state)
            SHA256_Update(&state, bytes.baseAddress, bytes.count)
            SHA256_Final(digest.baseAddress, &state)
            count = Int(SHA256_DIGEST_LENGTH)
        }
    }

    /// Hands the SHA-256 digest, 32 bytes, to `body`: for whoever needs it for a moment only. Takes nothing from the
    /// heap.
    package static func withSHA256<Output>(
        of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Output
    ) -> Output {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(SHA256_DIGEST_LENGTH)) { digest in
            var state = SHA256_CTX()
            SHA256_Init(&state)
            SHA256_Update(&state, bytes.baseAddress, bytes.count)
            SHA256_Final(digest.baseAddress, &state)
            return body(UnsafeRawBufferPointer(digest))
        }
    }

    /// The SHA-512 digest, 64 bytes.
    package static func sha512(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(SHA512_DIGEST_LENGTH)) { digest, count in
            var state = SHA512_CTX()
            SHA512_Init(&state)
            SHA512_Update(&state, bytes.baseAddress, bytes.count)
            SHA512_Final(digest.baseAddress, &state)
            count = Int(SHA512_DIGEST_LENGTH)
        }
    }

    /// The MD5 digest, 16 bytes.
    package static func md5(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { md5($0) } }

    /// The SHA-1 digest, 20 bytes.
    package static func sha1(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { sha1($0) } }

    /// The SHA-256 digest, 32 bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { sha256($0) } }

    /// The SHA-512 digest, 64 bytes.
    package static func sha512(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { sha512($0) } }
}
