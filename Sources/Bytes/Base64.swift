/// Bytes in the standard Base64 alphabet (RFC 4648 §4), padded.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// What no character stands for.
    private static let invalid: UInt8 = 0xFF

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// The characters that a count of bytes takes: four for each three begun.
    package static func encodedCount(_ byteCount: Int) -> Int { (byteCount + 2) / 3 * 4 }

    /// Four characters for each three bytes begun.
    package static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        guard !bytes.isEmpty else { return "" }
        return String(unsafeUninitializedCapacity: encodedCount(bytes.count)) {
            encode(bytes, to: UnsafeMutableRawPointer($0.baseAddress!))
        }
    }

    /// Writes the characters at an address with room for `encodedCount`. Returns the bytes written.
    package static func encode(_ bytes: UnsafeRawBufferPointer, to address: UnsafeMutableRawPointer) -> Int {
        let characters = address.assumingMemoryBound(to: UInt8.self)
        return alphabet.withUnsafeBufferPointer { alphabet in
            var written = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let second = start + 1 < bytes.count ? bytes[start + 1] : 0
                let third = start + 2 < bytes.count ? bytes[start + 2] : 0
                let group = Int(bytes[start]) << 16 | Int(second) << 8 | Int(third)
                characters[written] = alphabet[group >> 18]
                characters[written + 1] = alphabet[group >> 12 & 63]
                characters[written + 2] = start + 1 < bytes.count ? alphabet[group >> 6 & 63] : padding
                characters[written + 3] = start + 2 < bytes.count ? alphabet[group & 63] : padding
                written += 4
            }
            return written
        }
    }

    /// Four characters for each three bytes begun.
    package static func encode(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { encode($0) } }

    /// The bytes that the characters stand for. Strict: nil for a character out of the alphabet (white space too), a
    /// length that is no multiple of four, padding elsewhere than at the end, or unused bits that are not zero.
    package static func decode(_ characters: UnsafeRawBufferPointer) -> [UInt8]? {
        guard characters.count.isMultiple(of: 4) else { return nil }
        guard !characters.isEmpty else { return [] }
        let padded = characters.suffix(2).reversed().prefix { $0 == padding }.count
        let significant = characters.count - padded
        var bytes: [UInt8] = []
        bytes.reserveCapacity(significant * 3 / 4)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for index in 0..<significant {
            let value = values[Int(characters[index])]
            guard value != invalid else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
                bits &= (1 << bitCount) - 1
            }
        }
        return bits == 0 ? bytes : nil
    }

    /// As `decode` of a buffer.
    package static func decode(_ characters: [UInt8]) -> [UInt8]? { characters.withUnsafeBytes { decode($0) } }

    /// As `decode` of a buffer.
    package static func decode(_ characters: some StringProtocol) -> [UInt8]? { decode(Array(characters.utf8)) }
}
