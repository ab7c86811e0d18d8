private import COpenSSL

/// A digest of bytes that come piece by piece. One object can be used again after `finalize()`.
// Safe to send, not to share: it is handed from thread to thread by an owner that never makes two calls at once.
package final class StreamingDigest: @unchecked Sendable {
    package let algorithm: DigestAlgorithm
    private let context: OpaquePointer

    /// Starts with no bytes. Allocates one context, about 0.3 µs.
    package init(algorithm: DigestAlgorithm) {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest") }
        self.algorithm = algorithm
        self.context = context
        start()
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes the next bytes.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        let done = EVP_DigestUpdate(context, base, bytes.count)
        precondition(done == 1, "OpenSSL refused bytes to digest")
    }

    /// Takes the next bytes.
    package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of all bytes since the start, and a new start.
    package func finalize() -> [UInt8] {
        let digest = [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { digest, count in
            let done = EVP_DigestFinal_ex(context, digest.baseAddress, nil)
            precondition(done == 1, "OpenSSL could not end a digest")
            count = algorithm.byteCount
        }
        start()
        return digest
    }

    private func start() {
        let done = EVP_DigestInit_ex2(context, FetchedDigests.shared.method(of: algorithm), nil)
        precondition(done == 1, "OpenSSL could not start a digest")
    }
}

/// OpenSSL's methods, looked up once a process: a look-up costs three times what digesting 64 bytes does.
// Safe to send: the methods are immutable and never freed.
private struct FetchedDigests: @unchecked Sendable {
    static let shared = FetchedDigests()

    private let methods: [OpaquePointer]

    private init() {
        methods = DigestAlgorithm.allCases.map { algorithm in
            guard let method = EVP_MD_fetch(nil, algorithm.rawValue, nil) else {
                preconditionFailure("OpenSSL has no \(algorithm.rawValue)")
            }
            return method
        }
    }

    func method(of algorithm: DigestAlgorithm) -> OpaquePointer {
        switch algorithm {
        case .md5: methods[0]
        case .sha1: methods[1]
        case .sha256: methods[2]
        case .sha512: methods[3]
        }
    }
}
