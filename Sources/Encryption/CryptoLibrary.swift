private import COpenSSL

/// The library that does the cryptography.
package enum CryptoLibrary {
    /// The version that runs, as in `OpenSSL 3.0.22 …`.
    package static var version: String { String(cString: OpenSSL_version(OPENSSL_VERSION)) }
}
