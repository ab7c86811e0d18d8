import Bytes
import Testing

/// The bytes of which the catalogues of checksums give the "check" value.
private let checkBytes = Array("123456789".utf8)

private func randomBytes(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
}

@Test func checksumsHaveTheirCatalogueValues() {
    #expect(CRC32C.hash(checkBytes) == 0xE306_9283)
    #expect(CRC32.hash(checkBytes) == 0xCBF4_3926)
    #expect(CRC64NVME.hash(checkBytes) == 0xAE8B_1486_0A79_9888)
    checkBytes.withUnsafeBytes { bytes in
        #expect(CRC32C.softwareHash(bytes) == 0xE306_9283)
        #expect(CRC32.softwareHash(bytes) == 0xCBF4_3926)
        #expect(CRC64NVME.softwareHash(bytes) == 0xAE8B_1486_0A79_9888)
    }
}

@Test func checksumsOfNothingAreZero() {
    #expect(CRC32C.hash([]) == 0)
    #expect(CRC32.hash([]) == 0)
    #expect(CRC64NVME.hash([]) == 0)
}

/// RFC 3720, B.4: thirty-two zeros, thirty-two ones, and counting up.
@Test func castagnoliAgreesWithItsStandard() {
    #expect(CRC32C.hash([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.hash([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.hash([UInt8](0..<32)) == 0x46DD_794E)
}

/// Lengths on both sides of every step of the fast paths: 8, 16, 64, 3 * 336, 3 * 1344 and 3 * 4096 bytes.
private let edgeLengths = [
    1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 79, 80, 127, 128, 129, 1007, 1008, 1009, 4031, 4032, 4033, 4096, 5040, 12287,
    12288, 12289, 16384, 65536, 70001,
]

@Test(arguments: edgeLengths)
func hardwareAndSoftwareChecksumsAgreeAtEdges(length: Int) {
    var random = SeededRandom(seed: UInt64(length))
    expectAgreement(randomBytes(length + 16, &random), offset: length % 16, length: length)
}

@Test func hardwareAndSoftwareChecksumsAgreeAtRandomLengthsAndAlignments() {
    var random = SeededRandom(seed: 1)
    let bytes = randomBytes(20_000, &random)
    for _ in 0..<1_000 {
        let offset = Int.random(in: 0..<64, using: &random)
        expectAgreement(bytes, offset: offset, length: Int.random(in: 0..<bytes.count - offset, using: &random))
    }
}

private func expectAgreement(_ bytes: [UInt8], offset: Int, length: Int) {
    bytes.withUnsafeBytes { all in
        let part = UnsafeRawBufferPointer(rebasing: all[offset..<offset + length])
        #expect(CRC32C.hash(part) == CRC32C.softwareHash(part))
        #expect(CRC32.hash(part) == CRC32.softwareHash(part))
        #expect(CRC64NVME.hash(part) == CRC64NVME.softwareHash(part))
    }
}

@Test func streamingAndCombiningGiveTheChecksumOfTheWhole() {
    var random = SeededRandom(seed: 2)
    let bytes = randomBytes(10_000, &random)
    for _ in 0..<100 {
        let cut = Int.random(in: 0...bytes.count, using: &random)
        let (a, b) = (Array(bytes[..<cut]), Array(bytes[cut...]))
        let length = UInt64(b.count)
        #expect(CRC32C.hash(b, continuing: CRC32C.hash(a)) == CRC32C.hash(bytes))
        #expect(CRC32.hash(b, continuing: CRC32.hash(a)) == CRC32.hash(bytes))
        #expect(CRC64NVME.hash(b, continuing: CRC64NVME.hash(a)) == CRC64NVME.hash(bytes))
        #expect(CRC32C.combine(CRC32C.hash(a), CRC32C.hash(b), lengthOfB: length) == CRC32C.hash(bytes))
        #expect(CRC32.combine(CRC32.hash(a), CRC32.hash(b), lengthOfB: length) == CRC32.hash(bytes))
        #expect(CRC64NVME.combine(CRC64NVME.hash(a), CRC64NVME.hash(b), lengthOfB: length) == CRC64NVME.hash(bytes))
    }
}
