/// Bytes as hexadecimal digits.
@usableFromInline
package enum Hex {
    /// Two digits a byte.
    package static func encode(_ bytes: UnsafeRawBufferPointer, uppercase: Bool = false) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { digits in
            write(bytes, uppercase: uppercase, to: digits)
            return bytes.count * 2
        }
    }

    /// Two digits a byte.
    package static func encode(_ bytes: [UInt8], uppercase: Bool = false) -> String {
        bytes.withUnsafeBytes { encode($0, uppercase: uppercase) }
    }

    /// Two digits a byte, as ASCII.
    package static func encodeASCII(_ bytes: UnsafeRawBufferPointer, uppercase: Bool = false) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count * 2) { digits, count in
            write(bytes, uppercase: uppercase, to: digits)
            count = bytes.count * 2
        }
    }

    /// Two digits a byte, as ASCII.
    package static func encodeASCII(_ bytes: [UInt8], uppercase: Bool = false) -> [UInt8] {
        bytes.withUnsafeBytes { encodeASCII($0, uppercase: uppercase) }
    }

    /// Appends two digits a byte, as ASCII.
    package static func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count * 2) { digits in
            write(bytes, to: digits)
            output.append(contentsOf: digits)
        }
    }

    /// Sixteen digits, leading zeros included.
    package static func encode(_ value: UInt64, uppercase: Bool = false) -> String {
        withUnsafeBytes(of: value.bigEndian) { encode($0, uppercase: uppercase) }
    }

    /// The bytes that pairs of digits of either case stand for; nil when the count is odd or one is not a digit.
    package static func decode(_ digits: UnsafeRawBufferPointer) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(ofDigit: digits[index]), let low = value(ofDigit: digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// As `decode` of a buffer.
    package static func decode(_ digits: [UInt8]) -> [UInt8]? { digits.withUnsafeBytes { decode($0) } }

    /// As `decode` of a buffer.
    package static func decode(_ digits: some StringProtocol) -> [UInt8]? { decode(Array(digits.utf8)) }

    /// What one ASCII digit of either case stands for.
    @inlinable
    package static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The ASCII digit of a value below sixteen.
    @inlinable
    package static func digit(_ value: UInt8, uppercase: Bool) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : (uppercase ? UInt8(ascii: "A") : UInt8(ascii: "a")) + value - 10
    }

    /// Writes two digits a byte, as ASCII, where there is room for them.
    package static func write(
        _ bytes: UnsafeRawBufferPointer, uppercase: Bool = false, to digits: UnsafeMutableBufferPointer<UInt8>
    ) {
        for (index, byte) in bytes.enumerated() {
            digits[2 * index] = digit(byte >> 4, uppercase: uppercase)
            digits[2 * index + 1] = digit(byte & 0xF, uppercase: uppercase)
        }
    }
}
