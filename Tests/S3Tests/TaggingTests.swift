import LogStore
import Testing

@testable import S3

struct TaggingTests {
    private func tags(_ fixture: S3Fixture) async throws -> [S3.Tag] {
        try await fixture.service.getObjectTagging(
            bucket: S3Fixture.bucket, key: try ObjectKey("k"), versionID: nil, fixture.me)
    }

    private func set(_ fixture: S3Fixture, _ tags: [S3.Tag]) async -> String? {
        await code {
            try await fixture.service.putObjectTagging(
                bucket: S3Fixture.bucket, key: try ObjectKey("k"), versionID: nil, tags: tags, fixture.me)
        }
    }

    @Test(arguments: [5, largeBytes]) func tagsComeAndGoAndTheObjectStays(size: Int) async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(size)
        let first = [S3.Tag(key: "a", value: "1"), S3.Tag(key: "b", value: "")]
        let put = try await fixture.put("k", bytes) {
            $0.tags = first.reversed()
            $0.metadata.contentType = "image/png"
        }
        #expect(try await tags(fixture) == first)
        #expect(try await fixture.head("k").object.tagCount == 2)
        fixture.clock.advance(seconds: 100)
        #expect(await set(fixture, [S3.Tag(key: "c", value: "ü")]) == nil)
        #expect(try await tags(fixture) == [S3.Tag(key: "c", value: "ü")])
        let head = try await fixture.head("k").object
        #expect(head.lastModified == put.lastModified && head.etag == put.etag)
        #expect(head.metadata.contentType == "image/png")
        try await fixture.service.deleteObjectTagging(
            bucket: S3Fixture.bucket, key: try ObjectKey("k"), versionID: nil, fixture.me)
        #expect(try await tags(fixture).isEmpty)
        #expect(try await fixture.bytes("k") == bytes)
        try await fixture.delete("k")
        #expect(try await fixture.count(.bodies) == 0)
    }

    @Test func limitsOfTags() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("k", "v")
        func many(_ count: Int) -> [S3.Tag] { (0..<count).map { S3.Tag(key: "k\($0)", value: "v") } }
        #expect(await set(fixture, many(10)) == nil)
        #expect(await set(fixture, many(11)) == "BadRequest")
        #expect(
            await set(
                fixture, [S3.Tag(key: String(repeating: "ü", count: 128), value: String(repeating: "v", count: 256))])
                == nil)
        for bad in [
            S3.Tag(key: String(repeating: "k", count: 129), value: ""), S3.Tag(key: "", value: "v"),
            S3.Tag(key: "k", value: String(repeating: "v", count: 257)), S3.Tag(key: "aws:k", value: "v"),
            S3.Tag(key: "k!", value: "v"), S3.Tag(key: "k", value: "<"),
        ] {
            #expect(await set(fixture, [bad]) == "InvalidTag", "\(bad)")
        }
        #expect(await set(fixture, [S3.Tag(key: "a", value: "1"), S3.Tag(key: "a", value: "2")]) == "InvalidTag")
        #expect(await code { try await fixture.put("k2", "v") { $0.tags = many(11) } } == "BadRequest")
        let buckets = await code {
            try await fixture.service.putBucketTagging(S3Fixture.bucket, tags: many(51), fixture.me)
        }
        #expect(buckets == "BadRequest")
    }

    @Test func tagsOfNothingAreNotFound() async throws {
        let fixture = try await S3Fixture()
        #expect(await set(fixture, []) == "NoSuchKey")
        #expect(await code { _ = try await tags(fixture) } == "NoSuchKey")
    }
}
