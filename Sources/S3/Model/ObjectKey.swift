/// An object's key: 1 to 1,024 bytes of UTF-8 without NUL, compared byte by byte and never normalised.
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The key as sent, percent-decoded once.
    package let bytes: [UInt8]

    /// - Throws: `S3Error.keyTooLong`; `.invalidURI` for an empty key, NUL, or bytes that are not UTF-8.
    package init(_ bytes: [UInt8]) throws(S3Error) {
        if bytes.count > S3Limits.keyBytesMax {
            throw .keyTooLong(sizeBytes: bytes.count, maxBytes: S3Limits.keyBytesMax)
        }
        guard !bytes.isEmpty, UTF8Check.isValidKey(bytes) else {
            throw .invalidURI(String(decoding: bytes, as: UTF8.self))
        }
        self.bytes = bytes
    }

    /// A key from text, for callers that have text.
    ///
    /// - Throws: as `init(_:)`.
    package init(_ text: String) throws(S3Error) { try self.init(Array(text.utf8)) }

    /// A key that was checked when it was stored.
    init(stored bytes: [UInt8]) { self.bytes = bytes }

    package var description: String { String(decoding: bytes, as: UTF8.self) }

    package static func < (a: Self, b: Self) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}

/// Checks bytes for well-formed UTF-8.
enum UTF8Check {
    /// Whether the bytes are UTF-8 without NUL. Plain ASCII is one pass of eight bytes at a time.
    static func isValidKey(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { raw in
            var index = 0
            while index + 8 <= raw.count {
                let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                // High bits set: not ASCII. The subtraction borrows into the high bit of a byte that was zero.
                let suspicious = (word | (word &- 0x0101_0101_0101_0101)) & 0x8080_8080_8080_8080
                if suspicious != 0 { break }
                index += 8
            }
            let rest = raw[index...]
            if rest.allSatisfy({ $0 > 0 && $0 < 0x80 }) { return true }
            return !rest.contains(0) && String(validating: rest, as: UTF8.self) != nil
        }
    }
}
