import Bytes
import Testing

private func read<T>(_ bytes: [UInt8], _ body: (inout ByteReader) throws -> T) throws -> T {
    try bytes.withUnsafeBytes { (bytes) throws in
        var reader = ByteReader(bytes)
        return try body(&reader)
    }
}

@Test(
    arguments: [
        (0, [0]), (1, [1]), (127, [0x7F]), (128, [0x80, 1]), (300, [0xAC, 2]), (16383, [0xFF, 0x7F]),
        (16384, [0x80, 0x80, 1]),
        (UInt64(1) << 63, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]),
        (UInt64.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
    ] as [(UInt64, [UInt8])])
func varintsHaveOneEncoding(value: UInt64, encoding: [UInt8]) throws {
    var bytes: [UInt8] = []
    Varint.append(value, to: &bytes)
    #expect(bytes == encoding)
    #expect(Varint.byteCount(of: value) == encoding.count)
    var raw = [UInt8](repeating: 0, count: Varint.byteCountMax)
    let written = raw.withUnsafeMutableBytes { Varint.write(value, to: $0.baseAddress!) }
    #expect(Array(raw[..<written]) == encoding)
    #expect(try read(bytes) { reader in try reader.readVarint() } == value)
}

@Test func varintsOfEveryWidthComeBack() throws {
    for width in 0..<64 {
        for value in [UInt64(1) << width, (UInt64(1) << width) - 1] {
            var bytes: [UInt8] = []
            bytes.appendVarint(value)
            #expect(bytes.count == Varint.byteCount(of: value))
            #expect(try read(bytes) { reader in try reader.readVarint() } == value)
        }
    }
}

@Test(
    arguments: [
        ([], .truncated), ([0x80], .truncated), ([0x80, 0], .malformed), ([0xFF, 0x80, 0], .malformed),
        ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2], .malformed),
        ([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], .malformed),
    ] as [([UInt8], ByteReaderError)])
func brokenVarintsAreRefused(bytes: [UInt8], expected: ByteReaderError) {
    #expect(throws: expected) {
        try read(bytes) { reader in try reader.readVarint() }
    }
}

@Test func whatIsWrittenIsRead() throws {
    var bytes: [UInt8] = []
    bytes.append(0xAB)
    bytes.appendLittleEndian(UInt16(0x0102))
    bytes.appendLittleEndian(UInt32(0x0304_0506))
    bytes.appendLittleEndian(UInt64(0x0708_090A_0B0C_0D0E))
    bytes.appendBigEndian(UInt64(0x1112_1314_1516_1718))
    bytes.appendBigEndian(UInt32(0x191A_1B1C))
    bytes.appendLengthPrefixed([1, 2, 3])
    bytes.appendLengthPrefixed("four")
    #expect(bytes[1...3] == [0x02, 0x01, 0x06])
    try bytes.withUnsafeBytes { (raw) throws in
        var reader = ByteReader(raw)
        #expect(try reader.readUInt8() == 0xAB)
        #expect(try reader.readUInt16() == 0x0102)
        #expect(try reader.readUInt32() == 0x0304_0506)
        #expect(try reader.readUInt64() == 0x0708_090A_0B0C_0D0E)
        #expect(try reader.readBigEndianUInt64() == 0x1112_1314_1516_1718)
        #expect(try reader.readBigEndianUInt32() == 0x191A_1B1C)
        #expect(try reader.readLengthPrefixedBytes() == [1, 2, 3])
        #expect(Array(reader.remaining) == [4] + Array("four".utf8))
        #expect(try Array(reader.readLengthPrefixedSlice()) == Array("four".utf8))
        #expect(reader.isAtEnd && reader.remainingCount == 0)
    }
}

@Test func readingPastTheEndIsAnError() {
    #expect(throws: ByteReaderError.truncated) {
        try read([1, 2, 3]) { reader in try reader.readUInt32() }
    }
    #expect(throws: ByteReaderError.truncated) {
        try read([1]) { reader in try reader.readSlice(2) }
    }
    #expect(throws: ByteReaderError.truncated) {
        try read([1]) { reader in try reader.readSlice(-1) }
    }
    // A count so large that adding it to the offset would overflow.
    #expect(throws: ByteReaderError.truncated) {
        let bytes: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]
        _ = try read(bytes) { reader in try reader.readLengthPrefixedBytes() }
    }
}
