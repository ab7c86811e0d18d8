import Encryption
import Testing

private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined()
}

private let abc = Array("abc".utf8)

/// RFC 1321 A.5, RFC 3174 §7.3 and FIPS 180-4's examples.
private let vectors: [(algorithm: DigestAlgorithm, text: String, digest: String)] = [
    (.md5, "", "d41d8cd98f00b204e9800998ecf8427e"),
    (.md5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    (.sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        .sha512, "abc",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    ),
]

private func oneShot(_ algorithm: DigestAlgorithm, _ bytes: [UInt8]) -> [UInt8] {
    switch algorithm {
    case .md5: Digest.md5(bytes)
    case .sha1: Digest.sha1(bytes)
    case .sha256: Digest.sha256(bytes)
    case .sha512: Digest.sha512(bytes)
    }
}

@Test func digestsAgreeWithTheirStandards() {
    for vector in vectors {
        let bytes = Array(vector.text.utf8)
        #expect(hex(oneShot(vector.algorithm, bytes)) == vector.digest)
        let streaming = StreamingDigest(algorithm: vector.algorithm)
        for byte in bytes { streaming.update([byte]) }
        #expect(hex(streaming.finalize()) == vector.digest)
    }
}

@Test(arguments: DigestAlgorithm.allCases)
func piecesGiveTheDigestOfTheWhole(algorithm: DigestAlgorithm) {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let streaming = StreamingDigest(algorithm: algorithm)
    for step in [1, 63, 64, 65, 1_000, 65_536] {
        for start in stride(from: 0, to: bytes.count, by: step) {
            streaming.update(Array(bytes[start..<min(start + step, bytes.count)]))
        }
        // The same object again each time: finalizing starts over.
        #expect(streaming.finalize() == oneShot(algorithm, bytes))
    }
    #expect(streaming.finalize() == oneShot(algorithm, []))
    #expect(oneShot(algorithm, []).count == algorithm.byteCount)
}

/// RFC 4231 §4.2, §4.3, §4.4 and §4.7 (a key longer than the block), and RFC 2202 §3.
@Test func authenticationCodesAgreeWithTheirStandards() {
    let cases: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ]
    for vector in cases {
        #expect(hex(HMAC.sha256(key: vector.key, message: vector.message)) == vector.code)
        let key = HMACSHA256Key(vector.key)
        #expect(hex(key.authenticationCode(of: vector.message)) == vector.code)
        // A key's state is not used up.
        #expect(hex(key.authenticationCode(of: vector.message)) == vector.code)
    }
    let old = HMAC.sha1(key: [UInt8](repeating: 0x0B, count: 20), message: Array("Hi There".utf8))
    #expect(hex(old) == "b617318655057264e28bc0b6fb378c8ef146be00")
    let long = HMAC.sha1(
        key: [UInt8](repeating: 0xAA, count: 80),
        message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
    #expect(hex(long) == "aa4ae5e15272d00e95705637ce8a3b55ed402112")
}

@Test func anEmptyKeyAndMessageHaveACode() {
    let code = hex(HMAC.sha256(key: [], message: []))
    #expect(code == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
}

@Test func comparisonFindsEveryDifference() {
    let secret = Digest.sha256(abc)
    #expect(constantTimeEqual(secret, secret))
    #expect(constantTimeEqual([], []))
    #expect(!constantTimeEqual(secret, Array(secret.dropLast())))
    for index in secret.indices {
        var other = secret
        other[index] ^= 0x80
        #expect(!constantTimeEqual(secret, other))
    }
}

@Test func randomBytesDiffer() {
    let bytes = SystemRandom.bytes(32)
    #expect(bytes.count == 32)
    #expect(bytes != SystemRandom.bytes(32))
    #expect(SystemRandom.bytes(0).isEmpty)
}
