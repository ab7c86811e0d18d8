/// Identifies one request of one run. Values of a loop's counter go through a bijection, so ids never repeat within a
/// run and do not tell how many requests there were.
struct RequestID {
    var value: UInt64

    /// Request `counter` (below 2^56) of event loop `loopIndex`.
    init(seed: UInt64, loopIndex: Int, counter: UInt64) {
        value = Self.mix(seed ^ (UInt64(loopIndex) << 56 | counter))
    }

    /// Sixteen upper-case hexadecimal characters. One allocation.
    var text: String {
        String(unsafeUninitializedCapacity: 16) { bytes in
            var rest = value
            for index in stride(from: 15, through: 0, by: -1) {
                let digit = UInt8(truncatingIfNeeded: rest & 15)
                bytes[index] = digit < 10 ? 48 + digit : 55 + digit
                rest >>= 4
            }
            return 16
        }
    }

    /// Length of the token that goes into `x-amz-id-2`.
    static let hostIDLength = 32

    /// Writes the `hostIDLength` bytes of the token that goes into `x-amz-id-2`: base64 of 24 bytes derived from the
    /// id.
    func writeHostID(to bytes: UnsafeMutableRawPointer) {
        var state = value
        for group in 0..<4 {
            state = Self.mix(state &+ 0x9E37_79B9_7F4A_7C15)
            var rest = state
            for index in 0..<8 {
                bytes.storeBytes(
                    of: Self.base64Digit(UInt8(rest & 63)), toByteOffset: group * 8 + index, as: UInt8.self)
                rest >>= 6
            }
        }
    }

    /// The token for a rendered id, as error bodies repeat it. Costs one allocation.
    static func hostID(forRequestID text: String) -> String {
        var id = RequestID(seed: 0, loopIndex: 0, counter: 0)
        id.value = UInt64(text, radix: 16) ?? 0
        return String(unsafeUninitializedCapacity: hostIDLength) { bytes in
            if let base = bytes.baseAddress { id.writeHostID(to: UnsafeMutableRawPointer(base)) }
            return hostIDLength
        }
    }

    /// The finaliser of splitmix64: a bijection on 64 bits.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    private static func base64Digit(_ index: UInt8) -> UInt8 {
        switch index {
        case 0..<26: 65 + index
        case 26..<52: 71 + index
        case 52..<62: index - 4
        case 62: 43
        default: 47
        }
    }
}
