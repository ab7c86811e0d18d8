/// Unsigned integers in as few bytes as they need (LEB128): seven bits a byte, the lowest first, the high bit set on
/// all but the last. One value has one encoding: padded forms are refused by `ByteReader`.
@usableFromInline
package enum Varint {
    /// The most bytes a 64-bit value takes.
    package static let byteCountMax = 10

    /// The bytes that `value` takes.
    @inlinable
    package static func byteCount(of value: UInt64) -> Int {
        value == 0 ? 1 : (64 - value.leadingZeroBitCount + 6) / 7
    }

    /// Appends `value` to `bytes`.
    @inlinable
    package static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Writes `value` at `address`, which must have room for `byteCount(of:)`. Returns the bytes written.
    @inlinable
    package static func write(_ value: UInt64, to address: UnsafeMutableRawPointer) -> Int {
        var rest = value
        var count = 0
        while rest >= 0x80 {
            address.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: count, as: UInt8.self)
            rest >>= 7
            count += 1
        }
        address.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: count, as: UInt8.self)
        return count + 1
    }
}
