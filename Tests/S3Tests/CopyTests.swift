import LabClock
import LogStore
import Testing

@testable import S3

struct CopyTests {
    @Test(arguments: [0, 5, 65_536, largeBytes, 1_500_000]) func aCopyHasTheSameBytesAndOutlivesItsSource(
        size: Int
    ) async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(size)
        let put = try await fixture.put("source", bytes) {
            $0.metadata.contentType = "text/x"
            $0.tags = [Tag(key: "a", value: "b")]
        }
        fixture.clock.advance(seconds: 10)
        let copy = try await fixture.copy("source", to: "copy")
        #expect(copy.etag == put.etag && copy.checksum == put.checksum && copy.lastModified == fixture.clock.now())
        try await fixture.delete("source")
        try fixture.reopen()
        #expect(try await fixture.bytes("copy") == bytes)
        let object = try await fixture.head("copy").object
        #expect(object.metadata.contentType == "text/x" && object.tagCount == 1)
        try await fixture.delete("copy")
        #expect(try await fixture.count(.bodies) == 0)
        #expect(try await fixture.count(.references) == 0)
    }

    @Test func largeContentIsSharedAndNotMoved() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("source", noise(largeBytes))
        for index in 0..<5 { try await fixture.copy("source", to: "copy\(index)") }
        #expect(try await fixture.count(.bodies) == 1)
        #expect(try await fixture.count(.references) == 6)
        try await fixture.put("copy1", noise(largeBytes, seed: 2))
        try await fixture.put("copy2", "small")
        try await fixture.copy("copy1", to: "copy3")
        #expect(try await fixture.count(.bodies) == 2)
        #expect(try await fixture.count(.references) == 5)
        #expect(try await fixture.bytes("copy3") == noise(largeBytes, seed: 2))
        #expect(try await fixture.bytes("copy4") == noise(largeBytes))
    }

    @Test func aMultipartObjectIsSharedWithItsParts() async throws {
        let fixture = try await S3Fixture()
        let id = try await fixture.startUpload("source")
        let first = try await fixture.part("source", id, 1, noise(5 * mebibyte))
        let second = try await fixture.part("source", id, 2, noise(10))
        let made = try await fixture.complete("source", id, [first, second])
        let copy = try await fixture.copy("source", to: "copy")
        #expect(copy.etag == made.etag)
        try await fixture.delete("source")
        #expect(try await fixture.get("copy") { $0.partNumber = 2 }.bytes == noise(10))
        #expect(try await fixture.bytes("copy") == noise(5 * mebibyte) + noise(10))
    }

    @Test func directivesReplaceMetadataAndTags() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("source", "v") {
            $0.metadata.user = [UserMetadata(name: "a", value: "b")]
            $0.tags = [Tag(key: "a", value: "b")]
        }
        var metadata = ObjectMetadata()
        metadata.contentType = "new/type"
        let replaced = metadata
        try await fixture.copy("source", to: "copy") {
            $0.metadata = replaced
            $0.tags = []
        }
        let object = try await fixture.head("copy").object
        #expect(object.metadata == replaced && object.tagCount == 0)
    }

    @Test(arguments: [5, largeBytes]) func aCopyOntoItselfNeedsAChange(size: Int) async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("k", noise(size))
        #expect(await code { try await fixture.copy("k", to: "k") } == "InvalidRequest")
        var metadata = ObjectMetadata()
        metadata.cacheControl = "no-store"
        let replaced = metadata
        try await fixture.copy("k", to: "k") { $0.metadata = replaced }
        let (read, bytes) = try await fixture.get("k")
        #expect(bytes == noise(size) && read.object.metadata == replaced)
        #expect(try await fixture.count(.references) == (size == largeBytes ? 1 : 0))
    }

    @Test(arguments: [5, largeBytes], ChecksumAlgorithm.allCases)
    func anotherAlgorithmIsComputed(size: Int, algorithm: ChecksumAlgorithm) async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(size)
        try await fixture.put("k", bytes)
        let copy = try await fixture.copy("k", to: "copy") { $0.checksumAlgorithm = algorithm }
        #expect(copy.checksum == bytes.withUnsafeBytes { RunningChecksum.of($0, algorithm) })
        #expect(try await fixture.head("copy").checksum == copy.checksum)
    }

    @Test func conditionsOnTheSourceAllAnswer412() async throws {
        let fixture = try await S3Fixture()
        let put = try await fixture.put("k", "v")
        let before = LabTime(millisecondsSinceEpoch: put.lastModified.millisecondsSinceEpoch - 5000)
        let tag = ETagMatch.tags([put.etag.description])
        func copy(_ conditions: ReadConditions) async -> String? {
            await code { try await fixture.copy("k", to: "copy") { $0.source.conditions = conditions } }
        }
        #expect(await copy(ReadConditions(ifMatch: tag)) == nil)
        #expect(await copy(ReadConditions(ifMatch: .tags(["x"]))) == "PreconditionFailed")
        #expect(await copy(ReadConditions(ifNoneMatch: tag)) == "PreconditionFailed")
        #expect(await copy(ReadConditions(ifModifiedSince: put.lastModified)) == "PreconditionFailed")
        #expect(await copy(ReadConditions(ifUnmodifiedSince: before)) == "PreconditionFailed")
        #expect(await copy(ReadConditions(ifMatch: tag, ifUnmodifiedSince: before)) == nil)
        let exists = await code { try await fixture.copy("k", to: "copy") { $0.conditions.ifNoneMatch = .any } }
        #expect(exists == "PreconditionFailed")
    }

    @Test func aMissingSourceIsNamed() async throws {
        let fixture = try await S3Fixture()
        #expect(await code { try await fixture.copy("absent", to: "copy") } == "NoSuchKey")
        let bucket = await code { try await fixture.copy("k", to: "copy") { $0.source.bucket = "absent" } }
        #expect(bucket == "NoSuchBucket")
    }

    private func partCopy(
        _ fixture: S3Fixture, _ id: String, _ number: Int, range: String?
    ) async throws -> CompleteMultipartUploadInput.Part {
        var input = UploadPartCopyInput(
            bucket: S3Fixture.bucket, key: try ObjectKey("k"), uploadID: id, partNumber: number,
            source: CopySource(bucket: S3Fixture.bucket, key: try ObjectKey("source")))
        input.sourceRange = range
        let output = try await fixture.service.uploadPartCopy(input, fixture.me)
        return CompleteMultipartUploadInput.Part(number: number, etag: output.etag.quoted)
    }

    @Test func rangesOfAnObjectBecomeParts() async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(6 * mebibyte)
        try await fixture.put("source", bytes)
        let id = try await fixture.startUpload("k")
        let first = try await partCopy(fixture, id, 1, range: nil)
        let second = try await partCopy(fixture, id, 2, range: "bytes=3-9")
        try await fixture.complete("k", id, [first, second])
        #expect(try await fixture.bytes("k") == bytes + bytes[3...9])
    }

    @Test func rangesOfCopiesAreStrict() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("source", "hello")
        let id = try await fixture.startUpload("k")
        for range in [
            "0-2", "bytes=0", "bytes=hello-world", "bytes=0-bar", "bytes=hello-", "bytes=0-2,3-5", "bytes=1-",
        ] {
            #expect(
                await code { _ = try await partCopy(fixture, id, 1, range: range) } == "InvalidArgument", "\(range)")
        }
        #expect(await code { _ = try await partCopy(fixture, id, 1, range: "bytes=0-21") } == "InvalidRange")
    }
}
