import Bytes

extension DynamoDBService {
    /// A random number for what must be unique.
    func randomID() -> UInt64 { UInt64(bigEndianBytes: random(8)) }

    /// A UUID of the random kind, as a table has.
    func uuid() -> String {
        var bytes = random(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Hex.encode(bytes)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }
}

extension UInt64 {
    /// The number that the first eight bytes of a key or a record are: an id, a stamp, a hash.
    init(bigEndianBytes bytes: some Collection<UInt8>) { self = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
