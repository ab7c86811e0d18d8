import LogStore
import NIOCore
import Testing

@testable import S3

/// What is remembered of buckets when the store under the service is restored.
@Suite struct RestoreTests {
    private func save(_ fixture: S3Fixture) async throws {
        _ = try await fixture.store.saveCheckpoint(named: "saved", createdMilliseconds: 0)
    }

    private func restore(_ fixture: S3Fixture) async throws {
        _ = try await fixture.store.restoreCheckpoint(named: "saved", createdMilliseconds: 0)
    }

    @Test func aBucketThatWasMadeSinceIsGone() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("kept", "1")
        try await save(fixture)
        _ = try await fixture.service.createBucket(CreateBucketInput(bucket: "later"), fixture.me)
        try await fixture.put("k", "1", in: "later")
        try await fixture.put("kept", "2")
        try await restore(fixture)
        #expect(await code { try await fixture.put("k", "2", in: "later") } == "NoSuchBucket")
        #expect(await code { _ = try await fixture.bytes("k", in: "later") } == "NoSuchBucket")
        #expect(try await fixture.bytes("kept") == Array("1".utf8))
        _ = try await fixture.service.createBucket(CreateBucketInput(bucket: "later"), fixture.me)
        #expect(await code { _ = try await fixture.bytes("k", in: "later") } == "NoSuchKey")
    }

    @Test func aBucketThatWasDeletedSinceIsBack() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("k", noise(largeBytes))
        try await save(fixture)
        try await fixture.delete("k")
        try await fixture.service.deleteBucket(S3Fixture.bucket, fixture.me)
        _ = try await fixture.service.createBucket(CreateBucketInput(bucket: S3Fixture.bucket), S3Fixture.stranger)
        #expect(await code { _ = try await fixture.bytes("k") } == "AccessDenied")
        try await restore(fixture)
        #expect(try await fixture.bytes("k") == noise(largeBytes))
        try await fixture.put("k", "new")
        #expect(try await fixture.bytes("k") == Array("new".utf8))
    }

    /// A body that arrives while the store is restored was meant for what was before.
    @Test(arguments: [100, largeBytes]) func aPutAcrossARestoreIsNotTaken(size: Int) async throws {
        let fixture = try await S3Fixture()
        try await save(fixture)
        let source = RestoringSource(noise(size)) { try await self.restore(fixture) }
        let input = PutObjectInput(bucket: S3Fixture.bucket, key: try ObjectKey("k"))
        let refusal = await code { _ = try await fixture.service.putObject(input, body: source, fixture.me) }
        #expect(refusal == "ServiceUnavailable")
        #expect(try await fixture.keys().isEmpty)
        try await fixture.put("k", noise(size))
        #expect(try await fixture.bytes("k") == noise(size))
    }
}

/// A body before whose end something happens.
private final class RestoringSource: ByteSource {
    let length: UInt64?
    private var bytes: [UInt8]?
    private let happens: () async throws -> Void

    init(_ bytes: [UInt8], _ happens: @escaping () async throws -> Void) {
        length = UInt64(bytes.count)
        self.bytes = bytes
        self.happens = happens
    }

    func next() async throws -> ByteBuffer? {
        guard let bytes else { return nil }
        self.bytes = nil
        try await happens()
        return ByteBuffer(bytes: bytes)
    }

    func trailingChecksum() throws -> Checksum? { nil }
}
