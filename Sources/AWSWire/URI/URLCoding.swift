import Bytes

/// Percent-coding as AWS signs it: everything but the unreserved characters of RFC 3986 is written as `%` and two
/// upper-case hexadecimal digits.
package enum URLCoding {
    /// Encodes text for a path or a query. With `preservingSlash`, `/` stays as it is (S3 object keys in a path).
    package static func encode(_ text: some StringProtocol, preservingSlash: Bool = false) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        append(text.utf8, to: &bytes, preservingSlash: preservingSlash)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Encodes as HTML forms do, which is what `encoding-type=url` answers with: a space is `+`, and `/` stays.
    package static func encodeForm(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if byte == UInt8(ascii: " ") {
                bytes.append(UInt8(ascii: "+"))
            } else {
                append(byte, to: &bytes, preservingSlash: true)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the encoded form of `source`.
    @inline(__always)
    static func append(_ source: some Sequence<UInt8>, to output: inout [UInt8], preservingSlash: Bool) {
        for byte in source { append(byte, to: &output, preservingSlash: preservingSlash) }
    }

    @inline(__always)
    static func append(_ byte: UInt8, to output: inout [UInt8], preservingSlash: Bool) {
        if isUnreserved(byte) || (preservingSlash && byte == UInt8(ascii: "/")) {
            output.append(byte)
        } else {
            output.append(UInt8(ascii: "%"))
            output.append(upperHexDigit(byte >> 4))
            output.append(upperHexDigit(byte & 0x0f))
        }
    }

    /// Decodes `%XX` once and leaves everything else alone; with `plusIsSpace`, as in a query, `+` becomes a space.
    ///
    /// - Returns: nil when a `%` is not followed by two hexadecimal digits.
    package static func decode(_ source: UnsafeBufferPointer<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            switch source[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < source.count, let high = ASCII.hexValue(source[index + 1]),
                    let low = ASCII.hexValue(source[index + 2])
                else { return nil }
                output.append(high << 4 | low)
                index += 3
            case UInt8(ascii: "+") where plusIsSpace:
                output.append(UInt8(ascii: " "))
                index += 1
            case let byte:
                output.append(byte)
                index += 1
            }
        }
        return output
    }

    /// As `decode` of a buffer.
    package static func decode(_ source: some Collection<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
        Array(source).withUnsafeBufferPointer { decode($0, plusIsSpace: plusIsSpace) }
    }

    /// Decodes `%XX` once, as `decode(_:plusIsSpace:)`, for text that must be UTF-8 afterwards.
    ///
    /// - Returns: nil when the coding is broken or the result is not UTF-8.
    package static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        guard let bytes = decode(text.utf8, plusIsSpace: plusIsSpace) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    @inline(__always)
    static func isUnreserved(_ byte: UInt8) -> Bool {
        // One load instead of a chain of range tests: this runs for every byte of every path.
        if byte < 64 { return (0x03ff_6000_0000_0000 as UInt64) >> UInt64(byte) & 1 == 1 }
        return byte < 128 && (0x47ff_fffe_87ff_fffe as UInt64) >> UInt64(byte - 64) & 1 == 1
    }

    @inline(__always)
    private static func upperHexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
