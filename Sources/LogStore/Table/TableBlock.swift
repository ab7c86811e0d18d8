internal import Bytes

/// Reading and writing a block with its trailer: `docs/format/table.md`, "Blocks".
enum TableBlock {
    static let trailerBytes = 8
    private static let codecPlain: UInt8 = 0
    private static let codecLZ4: UInt8 = 1
    /// Plain lengths above this are refused before memory is taken for them.
    private static let plainBytesMax = 256 << 20

    /// Appends `payload` as a block that will lie at `offset`; compresses it where that saves an eighth.
    static func append(_ payload: [UInt8], at offset: UInt64, compress: Bool, to output: inout [UInt8]) {
        let start = output.count
        var codec = codecPlain
        if compress, payload.count > 64 {
            output.appendLittleEndian(UInt32(payload.count))
            let room = payload.count * 7 / 8
            // As an array, whose bytes are copied in one: builds that are not optimised append others one by one.
            output.append(contentsOf: [UInt8](repeating: 0, count: room))
            let length = output.withUnsafeMutableBytes { bytes in
                payload.withUnsafeBytes {
                    LZ4.compress(
                        $0, into: UnsafeMutableRawBufferPointer(rebasing: bytes[(start + 4)..<(start + 4 + room)]))
                }
            }
            if let length {
                output.removeLast(room - length)
                codec = codecLZ4
            } else {
                output.removeLast(room + 4)
            }
        }
        if codec == codecPlain { output.append(contentsOf: payload) }
        output.append(contentsOf: [codec, 0, 0, 0])
        let checksum: UInt32 = output.withUnsafeBytes {
            Self.checksum(UnsafeRawBufferPointer(rebasing: $0[start...]), at: offset)
        }
        output.appendLittleEndian(checksum)
    }

    private static func checksum(_ stored: UnsafeRawBufferPointer, at offset: UInt64) -> UInt32 {
        let seed = withUnsafeBytes(of: offset.littleEndian) { CRC32C.hash($0) }
        return CRC32C.hash(stored, continuing: seed)
    }

    /// Verifies a stored block and returns its payload.
    static func decode(
        _ stored: UnsafeRawBufferPointer, at offset: UInt64, file: String
    ) throws(StoreError) -> [UInt8] {
        let damage = StoreError.damaged(file: file, offset: offset, what: "table block")
        guard stored.count >= trailerBytes else { throw damage }
        let checkedEnd = stored.count - 4
        let expected = UInt32(littleEndian: stored.loadUnaligned(fromByteOffset: checkedEnd, as: UInt32.self))
        guard expected == checksum(UnsafeRawBufferPointer(rebasing: stored[0..<checkedEnd]), at: offset) else {
            throw damage
        }
        let payload = UnsafeRawBufferPointer(rebasing: stored[0..<(stored.count - trailerBytes)])
        guard stored[stored.count - 7] == 0 else {
            throw .unsupportedFormat("\(file) holds an encrypted block at \(offset)")
        }
        switch stored[stored.count - trailerBytes] {
        case codecPlain: return [UInt8](payload)
        case codecLZ4:
            guard payload.count >= 4 else { throw damage }
            let length = Int(UInt32(littleEndian: payload.loadUnaligned(as: UInt32.self)))
            guard length <= plainBytesMax else { throw damage }
            do {
                return try [UInt8](unsafeUninitializedCapacity: length) { target, count in
                    try LZ4.decompress(
                        UnsafeRawBufferPointer(rebasing: payload[4...]), into: UnsafeMutableRawBufferPointer(target))
                    count = length
                }
            } catch {
                throw damage
            }
        default: throw damage
        }
    }
}
