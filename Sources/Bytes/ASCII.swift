/// Questions about single bytes of protocol text, which is ASCII wherever it matters.
///
/// `@usableFromInline`, without which what is `@inlinable` in it is not inlined into other modules.
@usableFromInline
package enum ASCII {
    @inlinable package static var carriageReturn: UInt8 { 0x0d }
    @inlinable package static var lineFeed: UInt8 { 0x0a }
    @inlinable package static var space: UInt8 { 0x20 }
    @inlinable package static var tab: UInt8 { 0x09 }

    @inlinable package static func lowercase(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    @inlinable package static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    @inlinable package static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// The value of one hexadecimal digit of either case.
    @inlinable package static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// An unsigned decimal number and nothing else; nil also on overflow.
    @inlinable package static func decimal(_ bytes: some Collection<UInt8>) -> Int? {
        guard !bytes.isEmpty else { return nil }
        var value = 0
        for byte in bytes {
            guard isDigit(byte) else { return nil }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowedSum) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !overflowed, !overflowedSum else { return nil }
            value = sum
        }
        return value
    }

    /// Whether bytes are that text.
    @inlinable package static func isEqual(_ bytes: ArraySlice<UInt8>, _ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount && hasPrefix(bytes, text)
    }

    /// Whether bytes begin with that text.
    @inlinable package static func hasPrefix(_ bytes: ArraySlice<UInt8>, _ text: StaticString) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            guard bytes.count >= text.utf8CodeUnitCount else { return false }
            for index in 0..<text.utf8CodeUnitCount where bytes[index] != text.utf8Start[index] { return false }
            return true
        }
    }

    /// Without spaces and tabs at either end.
    @inlinable package static func trimmed<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence {
        var start = bytes.startIndex
        var end = bytes.endIndex
        while start != end, isBlank(bytes[start]) { bytes.formIndex(after: &start) }
        while start != end {
            let last = bytes.index(before: end)
            guard isBlank(bytes[last]) else { break }
            end = last
        }
        return bytes[start..<end]
    }

    /// Text without spaces and tabs at either end.
    @inlinable package static func trimmed(_ text: some StringProtocol) -> String {
        String(decoding: trimmed(Array(text.utf8)), as: UTF8.self)
    }
}
