/// An entity tag: the MD5 of the content; for multipart objects the MD5 of the parts' MD5s, with their number.
package struct ETag: Sendable, Hashable, CustomStringConvertible {
    /// The sixteen bytes of the digest, most significant first.
    var high: UInt64
    var low: UInt64
    /// Parts of a multipart object; 0 for an object put at once.
    package var partCount: UInt32

    init(high: UInt64, low: UInt64, partCount: UInt32 = 0) {
        self.high = high
        self.low = low
        self.partCount = partCount
    }

    /// From a digest of sixteen bytes.
    package init(md5: [UInt8], partCount: Int = 0) {
        precondition(md5.count == 16, "an MD5 has sixteen bytes")
        self.init(
            high: md5[0..<8].reduce(0) { $0 << 8 | UInt64($1) }, low: md5[8..<16].reduce(0) { $0 << 8 | UInt64($1) },
            partCount: UInt32(partCount))
    }

    /// The digest's bytes.
    package var md5: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - 8 * ($0 & 7))) }
    }

    /// Lower-case hexadecimal, with `-N` for multipart, without quotes.
    package var description: String { text(quoted: false) }

    /// The form of headers and XML: in double quotes.
    package var quoted: String { text(quoted: true) }

    private func text(quoted: Bool) -> String {
        let body = String(unsafeUninitializedCapacity: 34) { out in
            var written = 0
            if quoted {
                out[0] = UInt8(ascii: "\"")
                written = 1
            }
            for word in [high, low] {
                for shift in stride(from: 60, through: 0, by: -4) {
                    let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
                    out[written] = digit < 10 ? 48 + digit : 87 + digit
                    written += 1
                }
            }
            if quoted && partCount == 0 {
                out[written] = UInt8(ascii: "\"")
                written += 1
            }
            return written
        }
        return partCount == 0 ? body : "\(body)-\(partCount)" + (quoted ? "\"" : "")
    }
}
