import Bytes
import Testing

/// RFC 4648 §10.
@Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
])
func base64AgreesWithItsStandard(plain: String, encoded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(plain.utf8))
}

@Test(arguments: [
    "A", "AA", "AAA", "Zg=", "Zg==Zg==", "=Zg=", "Z===", "====", "Zm9 ", "Zm9v\n", "Zh==", "Zm9=", "Zm-_",
    "Zg==\0\0\0\0",
])
func base64ThatIsNotCanonicalIsRefused(text: String) {
    #expect(Base64.decode(text) == nil)
}

@Test func base64OfEveryByteComesBack() {
    for count in 0..<260 {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
}

@Test func hexadecimalGoesBothWays() {
    let bytes: [UInt8] = [0x00, 0x0F, 0xA5, 0xFF]
    #expect(Hex.encode(bytes) == "000fa5ff")
    #expect(Hex.encode(bytes, uppercase: true) == "000FA5FF")
    #expect(Hex.encodeASCII(bytes) == Array("000fa5ff".utf8))
    #expect(Hex.encode(UInt64(0xABC)) == "0000000000000abc")
    #expect(Hex.decode("000fA5Ff") == bytes)
    #expect(Hex.decode("") == [])
    #expect(Hex.decode("0") == nil)
    #expect(Hex.decode("0g") == nil)
    #expect(Hex.decode("/0") == nil)
}

@Test func hexadecimalOfEveryByteComesBack() {
    let bytes = [UInt8](UInt8.min...UInt8.max)
    #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    #expect(Hex.decode(Hex.encodeASCII(bytes, uppercase: true)) == bytes)
}

@Test func compressedBytesComeBack() throws {
    let plain = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 / 100) }
    let room = AlignedBuffer(count: LZ4.compressBound(plain.count))
    let compressed = try #require(plain.withUnsafeBytes { LZ4.compress($0, into: room.bytes) })
    #expect(compressed < plain.count / 10)
    let block = UnsafeRawBufferPointer(rebasing: room.readable[..<compressed])
    var back = [UInt8](repeating: 0xEE, count: plain.count)
    try back.withUnsafeMutableBytes { (target) throws in try LZ4.decompress(block, into: target) }
    #expect(back == plain)
}

@Test func compressionThatDoesNotFitSaysSo() {
    var random = SeededRandom(seed: 3)
    let plain = (0..<1_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    let room = AlignedBuffer(count: 900)
    #expect(plain.withUnsafeBytes { LZ4.compress($0, into: room.bytes) } == nil)
}

@Test func damagedBlocksAreRefused() throws {
    let plain = [UInt8](repeating: 7, count: 1_000)
    let room = AlignedBuffer(count: LZ4.compressBound(plain.count))
    let compressed = try #require(plain.withUnsafeBytes { LZ4.compress($0, into: room.bytes) })
    let block = UnsafeRawBufferPointer(rebasing: room.readable[..<compressed])
    for wrong in [999, 1_001, 0] {
        let target = AlignedBuffer(count: wrong)
        #expect(throws: LZ4Error.damaged(expectedCount: wrong)) { try LZ4.decompress(block, into: target.bytes) }
    }
    let target = AlignedBuffer(count: 1_000)
    let cut = UnsafeRawBufferPointer(rebasing: block[..<(compressed - 1)])
    #expect(throws: LZ4Error.damaged(expectedCount: 1_000)) { try LZ4.decompress(cut, into: target.bytes) }
    #expect(throws: LZ4Error.damaged(expectedCount: 1_000)) {
        try LZ4.decompress(UnsafeRawBufferPointer(start: nil, count: 0), into: target.bytes)
    }
}

@Test func emptyBytesCompressAndComeBack() throws {
    let room = AlignedBuffer(count: LZ4.compressBound(0))
    let compressed = try #require(LZ4.compress(UnsafeRawBufferPointer(start: nil, count: 0), into: room.bytes))
    let block = UnsafeRawBufferPointer(rebasing: room.readable[..<compressed])
    try LZ4.decompress(block, into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
}

@Test func alignedBuffersAreAlignedAndZero() {
    let buffer = AlignedBuffer(count: 5_000)
    #expect(Int(bitPattern: buffer.bytes.baseAddress) % AlignedBuffer.alignment == 0)
    #expect(buffer.count == 5_000 && buffer.readable.allSatisfy { $0 == 0 })
    #expect(AlignedBuffer.roundedUp(0) == 0)
    #expect(AlignedBuffer.roundedUp(1) == 4096)
    #expect(AlignedBuffer.roundedUp(4096) == 4096)
}

/// The first values of the reference implementation for seed 0.
@Test func seededRandomnessIsTheSameEverywhere() {
    var random = SeededRandom(seed: 0)
    #expect(random.next() == 0xE220_A839_7B1D_CDAF)
    #expect(random.next() == 0x6E78_9E6A_A1B9_65F4)
    #expect(random.next() == 0x06C4_5D18_8009_454F)
}
