import Encryption
import LogStore
import NIOCore
import Testing

@testable import S3

/// Bodies that are not what they claim create nothing.
struct BodyTests {
    private func put(_ fixture: S3Fixture, _ source: PieceSource, _ checks: BodyChecks = BodyChecks()) async -> String?
    {
        await code {
            var input = PutObjectInput(bucket: S3Fixture.bucket, key: try ObjectKey("k"))
            input.checks = checks
            _ = try await fixture.service.putObject(input, body: source, fixture.me)
        }
    }

    private func expectNothing(_ fixture: S3Fixture) async throws {
        #expect(try await fixture.keys().isEmpty)
        #expect(try await fixture.count(.bodies) == 0)
    }

    @Test(arguments: [10, largeBytes, 600_000]) func aBodyOfAnotherLengthIsIncomplete(size: Int) async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(size)
        #expect(await put(fixture, PieceSource([bytes], length: UInt64(size) + 1)) == "IncompleteBody")
        #expect(await put(fixture, PieceSource([bytes], length: UInt64(size) - 1)) == "IncompleteBody")
        #expect(await put(fixture, PieceSource([], length: 5)) == "IncompleteBody")
        try await expectNothing(fixture)
    }

    @Test(arguments: [10, largeBytes, 600_000]) func aBodyThatFailsPassesItsErrorOn(size: Int) async throws {
        let fixture = try await S3Fixture()
        let source = PieceSource([noise(size), noise(size)], length: UInt64(size) * 3, failsAtEnd: true)
        #expect(await put(fixture, source) == "source")
        try await expectNothing(fixture)
    }

    @Test(arguments: [0, 10, largeBytes]) func digestsAreComparedBeforeAnythingIsCreated(size: Int) async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(size)
        let wrong = BodyChecks(md5: noise(16, seed: 9))
        #expect(await put(fixture, PieceSource([bytes].filter { !$0.isEmpty }), wrong) == "BadDigest")
        for algorithm in ChecksumAlgorithm.allCases {
            let bad = Checksum(algorithm, noise(algorithm.byteCount, seed: 9))
            let pieces = [bytes].filter { !$0.isEmpty }
            #expect(await put(fixture, PieceSource(pieces), BodyChecks(checksum: bad)) == "BadDigest")
            let trailing = BodyChecks(trailingAlgorithm: algorithm)
            #expect(await put(fixture, PieceSource(pieces, trailer: bad), trailing) == "BadDigest")
        }
        try await expectNothing(fixture)
        #expect(
            await put(fixture, PieceSource([bytes].filter { !$0.isEmpty }), BodyChecks(md5: Digest.md5(bytes))) == nil)
    }

    @Test(arguments: ChecksumAlgorithm.allCases, [0, 10, largeBytes])
    func aRightChecksumIsStored(algorithm: ChecksumAlgorithm, size: Int) async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(size)
        let sum = bytes.withUnsafeBytes { RunningChecksum.of($0, algorithm) }
        let pieces = stride(from: 0, to: size, by: 30_000).map { Array(bytes[$0..<min(size, $0 + 30_000)]) }
        #expect(await put(fixture, PieceSource(pieces), BodyChecks(checksum: sum)) == nil)
        #expect(try await fixture.head("k").checksum == sum)
        let trailing = BodyChecks(trailingAlgorithm: algorithm)
        #expect(await put(fixture, PieceSource(pieces, trailer: sum), trailing) == nil)
        let head = try await fixture.head("k")
        #expect(head.checksum == sum && head.object.checksum.algorithm == algorithm)
    }

    @Test func withoutADeclarationTheSumIsCRC64NVME() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("k", "123456789")
        #expect(try await fixture.head("k").checksum == Checksum(.crc64nvme, text: "rosUhgp5mIg="))
    }

    @Test func aDeclaredLengthOverTheLimitIsRefusedUnread() async throws {
        let fixture = try await S3Fixture()
        let source = PieceSource([], length: (5 << 30) + 1, failsAtEnd: true)
        #expect(await put(fixture, source) == "EntityTooLarge")
    }

    @Test func anUndeclaredLengthIsHeldToTheLimit() async throws {
        let fixture = try await S3Fixture()
        let receiver = BodyReceiver(
            store: fixture.store, checks: BodyChecks(), primary: .crc32, sizeMax: UInt64(largeBytes))
        let outcome = await code {
            _ = try await receiver.receive(from: PieceSource([noise(largeBytes), noise(1)]))
        }
        #expect(outcome == "EntityTooLarge")
    }
}
