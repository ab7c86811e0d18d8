import Encryption
import IAM
import NIOHTTP1
import Testing

@testable import AWSWire

struct SigningKeyCacheTests {
    private func credential(_ number: Int) -> ArraySlice<UInt8> {
        Array("KEY/20130524/region-\(number)/s3/aws4_request".utf8)[...]
    }

    @Test func cacheIsBoundedAndKeepsWhatIsUsed() {
        let cache = SigningKeyCache(keysPerGeneration: 4)
        let key = HMACSHA256Key([1])
        cache.keep(key, for: credential(0))
        for number in 1...100 {
            cache.keep(key, for: credential(number))
            #expect(cache.key(for: credential(0)) != nil)
            #expect(cache.count <= 8)
        }
        #expect(cache.key(for: credential(1)) == nil)
        #expect(cache.key(for: credential(100)) != nil)
    }

    @Test func onlyVerifiedKeysAreKept() throws {
        let verifier = SignatureVerifier(
            identities: try .init([PublishedSignatureTests.example]), rules: .s3, mode: .verify,
            now: { PublishedSignatureTests.may24 })
        let target = try RequestTarget(SignatureErrorTests.presigned)
        let touched = try RequestTarget(SignatureErrorTests.presigned + "&x=1")
        #expect(throws: SignatureError.self) {
            try verifier.verify(
                method: .GET, target: touched, headers: ["Host": "examplebucket.s3.amazonaws.com"])
        }
        #expect(verifier.keys.count == 0)
        _ = try verifier.verify(
            method: .GET, target: target, headers: ["Host": "examplebucket.s3.amazonaws.com"])
        #expect(verifier.keys.count == 1)
    }
}
