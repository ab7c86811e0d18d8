import Encryption
import NIOCore
import Testing

@testable import LogStore
@testable import S3

struct MultipartTests {
    private static let five = 5 * mebibyte

    /// An upload of two parts of five mebibytes and one short one.
    private func uploaded(
        _ fixture: S3Fixture, _ key: String = "k", algorithm: ChecksumAlgorithm? = nil, type: ChecksumType? = nil
    ) async throws -> (id: String, parts: [CompleteMultipartUploadInput.Part], bytes: [UInt8]) {
        let id = try await fixture.startUpload(key) {
            $0.checksumAlgorithm = algorithm
            $0.checksumType = type
        }
        var parts: [CompleteMultipartUploadInput.Part] = []
        var bytes: [UInt8] = []
        for (number, size) in [(1, Self.five), (2, Self.five + 1), (7, 1000)] {
            let content = noise(size, seed: UInt64(number))
            var checks = BodyChecks()
            if let algorithm { checks.checksum = content.withUnsafeBytes { RunningChecksum.of($0, algorithm) } }
            parts.append(try await fixture.part(key, id, number, content, checks: checks))
            bytes += content
        }
        return (id, parts, bytes)
    }

    @Test func partsBecomeTheObjectWithoutBeingMoved() async throws {
        let fixture = try await S3Fixture()
        let (id, parts, bytes) = try await uploaded(fixture)
        #expect(await code { _ = try await fixture.get("k") } == "NoSuchKey")
        let output = try await fixture.complete("k", id, parts)
        let digests = [bytes[..<Self.five], bytes[Self.five..<(2 * Self.five + 1)], bytes[(2 * Self.five + 1)...]]
            .flatMap { Digest.md5(Array($0)) }
        #expect(output.etag == ETag(md5: Digest.md5(digests), partCount: 3))
        let (read, got) = try await fixture.get("k")
        #expect(got == bytes && read.object.etag == output.etag && read.object.partCount == 3)
        #expect(read.checksum == bytes.withUnsafeBytes { RunningChecksum.of($0, .crc64nvme) })
        #expect(await code { try await fixture.abort("k", id) } == "NoSuchUpload")
        try fixture.reopen()
        #expect(try await fixture.bytes("k") == bytes)
        try await fixture.delete("k")
        #expect(try await fixture.count(.bodies) == 0)
        #expect(try await fixture.count(.references) == 0)
    }

    @Test func rangesCrossPartsAndPartsAreReadByNumber() async throws {
        let fixture = try await S3Fixture()
        let (id, parts, bytes) = try await uploaded(fixture, algorithm: .crc32)
        try await fixture.complete("k", id, parts)
        let edge = UInt64(Self.five)
        for (first, last) in [(edge - 3, edge + 3), (0, 2 * edge + 900), (edge, edge), (2 * edge + 1, 2 * edge + 1)] {
            let (_, got) = try await fixture.get("k") { $0.range = .bounded(first: first, last: last) }
            #expect(got == Array(bytes[Int(first)...Int(last)]))
        }
        let (seven, got) = try await fixture.get("k") { $0.partNumber = 7 }
        #expect(got == noise(1000, seed: 7) && seven.partsCount == 3)
        #expect(seven.range == ResolvedRange(first: 2 * edge + 1, last: 2 * edge + 1000, size: 2 * edge + 1001))
        let own = got.withUnsafeBytes { RunningChecksum.of($0, .crc32) }
        #expect(seven.checksum?.bytes == own.bytes && seven.checksum?.text == own.text)
        #expect(seven.checksum?.type == .composite, "the object's type, the part's value")
        #expect(try await fixture.head("k") { $0.partNumber = 2 }.contentLength == edge + 1)
        #expect(await code { _ = try await fixture.get("k") { $0.partNumber = 3 } } == "InvalidPartNumber")
    }

    @Test(arguments: [
        (ChecksumAlgorithm.crc32, ChecksumType.composite), (.crc32, .fullObject), (.crc32c, .composite),
        (.crc32c, .fullObject), (.crc64nvme, .fullObject), (.sha1, .composite), (.sha256, .composite),
    ])
    func checksumsOfPartsBecomeTheObjects(algorithm: ChecksumAlgorithm, type: ChecksumType) async throws {
        let fixture = try await S3Fixture()
        let (id, parts, bytes) = try await uploaded(fixture, algorithm: algorithm, type: type)
        let whole = bytes.withUnsafeBytes { RunningChecksum.of($0, algorithm) }
        let expected =
            type == .fullObject ? whole : PartChecksums.composite(parts.compactMap(\.checksum), algorithm)
        let wrong = Checksum(algorithm, noise(algorithm.byteCount), type: type, partCount: expected.partCount)
        #expect(await code { try await fixture.complete("k", id, parts) { $0.checksum = wrong } } == "BadDigest")
        let other: ChecksumType = type == .fullObject ? .composite : .fullObject
        #expect(
            await code { try await fixture.complete("k", id, parts) { $0.checksumType = other } } == "InvalidRequest")
        let output = try await fixture.complete("k", id, parts) {
            $0.checksum = expected
            $0.checksumType = type
        }
        #expect(output.checksum == expected)
        #expect(try await fixture.head("k").checksum == expected)
        let attributes = try await fixture.service.getObjectAttributes(
            GetObjectAttributesInput(bucket: S3Fixture.bucket, key: try ObjectKey("k")), fixture.me)
        #expect(attributes.parts?.parts.map(\.checksum) == parts.map(\.checksum))
        #expect(attributes.parts?.parts.map(\.number) == [1, 2, 7])
    }

    @Test func aChecksumTypeNeedsAnAlgorithmThatHasIt() async throws {
        let fixture = try await S3Fixture()
        let cases: [(ChecksumAlgorithm?, ChecksumType)] = [
            (nil, .fullObject), (.sha1, .fullObject), (.sha256, .fullObject), (.crc64nvme, .composite),
        ]
        for (algorithm, type) in cases {
            let outcome = await code {
                _ = try await fixture.startUpload("k") {
                    $0.checksumAlgorithm = algorithm
                    $0.checksumType = type
                }
            }
            #expect(outcome == "InvalidRequest")
        }
    }

    @Test func partsMustHaveTheUploadsChecksum() async throws {
        let fixture = try await S3Fixture()
        let id = try await fixture.startUpload("k") { $0.checksumAlgorithm = .sha256 }
        #expect(await code { try await fixture.part("k", id, 1, [1]) } == "InvalidRequest")
        let other = BodyChecks(checksum: [1].withUnsafeBytes { RunningChecksum.of($0, .crc32) })
        #expect(await code { try await fixture.part("k", id, 1, [1], checks: other) } == "InvalidRequest")
        let right = BodyChecks(checksum: [UInt8(1)].withUnsafeBytes { RunningChecksum.of($0, .sha256) })
        var part = try await fixture.part("k", id, 1, [1], checks: right)
        part.checksum = nil
        let bare = part
        #expect(await code { try await fixture.complete("k", id, [bare]) } == "InvalidRequest")
    }

    @Test func aPartsOwnDeclarationIsKeptInAnUploadWithoutOne() async throws {
        let fixture = try await S3Fixture()
        let id = try await fixture.startUpload("k")
        let sum = [UInt8(1)].withUnsafeBytes { RunningChecksum.of($0, .crc32) }
        let part = try await fixture.part("k", id, 1, [1], checks: BodyChecks(checksum: sum))
        #expect(part.checksum == sum)
        var wrong = part
        wrong.checksum = Checksum(.crc32, [0, 0, 0, 0])
        let bad = wrong
        #expect(await code { try await fixture.complete("k", id, [bad]) } == "InvalidPart")
        #expect(try await fixture.complete("k", id, [part]).checksum.algorithm == .crc64nvme)
    }

    @Test func completionRefusesWhatIsNotThere() async throws {
        let fixture = try await S3Fixture()
        let (id, parts, _) = try await uploaded(fixture)
        func complete(_ parts: [CompleteMultipartUploadInput.Part]) async -> String? {
            await code { try await fixture.complete("k", id, parts) }
        }
        #expect(await complete([]) == "MalformedXML")
        #expect(await complete(Array(repeating: parts[0], count: 10_001)) == "MalformedXML")
        #expect(await complete([parts[1], parts[0]]) == "InvalidPartOrder")
        #expect(await complete([parts[0], parts[0]]) == "InvalidPartOrder")
        #expect(await complete([parts[0], .init(number: 3, etag: parts[1].etag)]) == "InvalidPart")
        #expect(await complete([.init(number: 1, etag: parts[1].etag)]) == "InvalidPart")
        #expect(await complete([.init(number: 0, etag: "x")]) == "InvalidPartOrder")
        let size = await code { try await fixture.complete("k", id, parts) { $0.objectSize = 5 } }
        #expect(size == "InvalidRequest")
        #expect(await code { try await fixture.complete("other", id, parts) } == "NoSuchUpload")
        #expect(await code { try await fixture.complete("k", "56788", parts) } == "NoSuchUpload")
        // After all that the upload is as it was, and tags may come bare.
        let bare = parts.map { CompleteMultipartUploadInput.Part(number: $0.number, etag: ETagMatch.bare($0.etag)) }
        let total = UInt64(2 * Self.five + 1001)
        try await fixture.complete("k", id, bare) { $0.objectSize = total }
    }

    @Test func onlyTheLastPartMayBeShort() async throws {
        let fixture = try await S3Fixture()
        let id = try await fixture.startUpload("k")
        let first = try await fixture.part("k", id, 1, noise(100))
        let second = try await fixture.part("k", id, 2, noise(100))
        #expect(await code { try await fixture.complete("k", id, [first, second]) } == "EntityTooSmall")
        try await fixture.complete("k", id, [second])
        #expect(try await fixture.bytes("k") == noise(100))
        // The part that was not named is gone: one part and the table are left.
        #expect(try await fixture.count(.bodies) == 2)
    }

    @Test func aPartSentAgainReplaces() async throws {
        let fixture = try await S3Fixture()
        let id = try await fixture.startUpload("k")
        let old = try await fixture.part("k", id, 1, noise(largeBytes, seed: 1))
        let new = try await fixture.part("k", id, 1, noise(largeBytes, seed: 2))
        #expect(await code { try await fixture.complete("k", id, [old]) } == "InvalidPart")
        try await fixture.complete("k", id, [new])
        #expect(try await fixture.bytes("k") == noise(largeBytes, seed: 2))
    }

    @Test func aRepeatedCompletionGetsTheSameAnswerForADay() async throws {
        let fixture = try await S3Fixture()
        let (id, parts, _) = try await uploaded(fixture)
        let first = try await fixture.complete("k", id, parts) { $0.conditions.ifNoneMatch = .any }
        try fixture.reopen()
        fixture.clock.advance(seconds: 24 * 3600)
        let second = try await fixture.complete("k", id, parts) { $0.conditions.ifNoneMatch = .any }
        #expect(first.etag == second.etag && first.checksum == second.checksum)
        #expect(await code { try await fixture.complete("k", id, [parts[0]]) } == "NoSuchUpload")
        fixture.clock.advance(seconds: 1)
        #expect(await code { try await fixture.complete("k", id, parts) } == "NoSuchUpload")
        // The next completion sweeps it away.
        let again = try await fixture.startUpload("k2")
        let part = try await fixture.part("k2", again, 1, [1])
        try await fixture.complete("k2", again, [part])
        #expect(try await fixture.count(.uploads) == 1)
    }

    @Test func completionTakesConditions() async throws {
        let fixture = try await S3Fixture()
        let put = try await fixture.put("k", noise(largeBytes))
        let id = try await fixture.startUpload("k")
        let part = try await fixture.part("k", id, 1, [1, 2, 3])
        func complete(_ conditions: WriteConditions) async -> String? {
            await code { try await fixture.complete("k", id, [part]) { $0.conditions = conditions } }
        }
        #expect(await complete(WriteConditions(ifNoneMatch: .any)) == "PreconditionFailed")
        #expect(await complete(WriteConditions(ifMatch: .tags(["x"]))) == "PreconditionFailed")
        #expect(await complete(WriteConditions(ifMatch: .tags([put.etag.description]))) == nil)
        #expect(try await fixture.bytes("k") == [1, 2, 3])
        #expect(try await fixture.count(.references) == 1)
    }

    @Test func anAbortedUploadLeavesNothing() async throws {
        let fixture = try await S3Fixture()
        let (id, parts, _) = try await uploaded(fixture)
        try await fixture.abort("k", id)
        #expect(try await fixture.count(.bodies) == 0)
        #expect(try await fixture.count(.uploads) == 0)
        #expect(await code { try await fixture.abort("k", id) } == "NoSuchUpload")
        #expect(await code { try await fixture.complete("k", id, parts) } == "NoSuchUpload")
        #expect(await code { try await fixture.part("k", id, 1, [1]) } == "NoSuchUpload")
    }

    /// So many are removed by one range delete; what stands beside them stays.
    @Test func anAbortedUploadOfManyPartsLeavesNothing() async throws {
        let fixture = try await S3Fixture()
        let before = try await fixture.startUpload("a")
        let id = try await fixture.startUpload("k")
        let behind = try await fixture.startUpload("z")
        for upload in [("a", before), ("z", behind)] {
            _ = try await fixture.part(upload.0, upload.1, 1, [1])
            _ = try await fixture.part(upload.0, upload.1, S3Limits.partNumberMax, [2])
        }
        for number in 1...70 { _ = try await fixture.part("k", id, number, [3]) }
        _ = try await fixture.part("k", id, S3Limits.partNumberMax, [4])
        #expect(try await fixture.count(.bodies) == 75)
        try await fixture.abort("k", id)
        #expect(try await fixture.count(.bodies) == 4)
        #expect(try await fixture.count(.uploads) == 2)
        #expect(await code { _ = try await fixture.part("k", id, 1, [1]) } == "NoSuchUpload")
        try await fixture.abort("a", before)
        try await fixture.abort("z", behind)
        #expect(try await fixture.count(.bodies) == 0)
    }

    /// The store takes snapshots from readers that hold them too long; the parts are there all the same.
    @Test(arguments: [false, true]) func aDownloadOutlivesItsSnapshot(isDeleted: Bool) async throws {
        let fixture = try await S3Fixture()
        let (id, parts, bytes) = try await uploaded(fixture)
        _ = try await fixture.complete("k", id, parts)
        let input = GetObjectInput(bucket: S3Fixture.bucket, key: try ObjectKey("k"))
        guard case .stream(let reader) = try await fixture.service.getObject(input, fixture.me).body else {
            Issue.record("a large object is streamed")
            return
        }
        var read = Array(try #require(try await reader.next()).readableBytesView)
        fixture.store.core.withLock { core in
            for _ in 0...EngineLimits.snapshotAgeMax + 1 {
                core.version = core.version.replacing(memtables: core.version.memtables)
            }
        }
        if isDeleted { try await fixture.delete("k") }
        fixture.store.boundSnapshots()
        #expect(fixture.store.statistics().snapshotsGivenUp == 1)
        let failure = await code { while let piece = try await reader.next() { read += piece.readableBytesView } }
        #expect(failure == (isDeleted ? "ServiceUnavailable" : nil))
        #expect(read.count == (isDeleted ? Self.five : bytes.count))
        #expect(read == Array(bytes.prefix(read.count)))
    }

    @Test(arguments: [0, 10_001, -1]) func partNumbersEndAtTenThousand(number: Int) async throws {
        let fixture = try await S3Fixture()
        let id = try await fixture.startUpload("k")
        #expect(await code { try await fixture.part("k", id, number, [1]) } == "InvalidArgument")
    }

    @Test func theUploadsMetadataAndTagsBecomeTheObjects() async throws {
        let fixture = try await S3Fixture()
        let id = try await fixture.startUpload("k") {
            $0.metadata.contentType = "video/mp4"
            $0.metadata.user = [UserMetadata(name: "a", value: "b")]
            $0.tags = [Tag(key: "t", value: "u")]
        }
        let initiated = fixture.clock.now()
        fixture.clock.advance(seconds: 60)
        let part = try await fixture.part("k", id, 1, [1])
        try await fixture.complete("k", id, [part])
        let object = try await fixture.head("k").object
        #expect(object.metadata.contentType == "video/mp4" && object.metadata.user.first?.value == "b")
        #expect(object.tagCount == 1 && object.lastModified == initiated)
    }

    @Test func partsAreListedInPages() async throws {
        let fixture = try await S3Fixture()
        let id = try await fixture.startUpload("k")
        for number in [9, 2, 10_000, 5] { try await fixture.part("k", id, number, noise(number)) }
        var input = ListPartsInput(bucket: S3Fixture.bucket, key: try ObjectKey("k"), uploadID: id)
        input.maxParts = 3
        let first = try await fixture.service.listParts(input, fixture.me)
        #expect(first.parts.map(\.number) == [2, 5, 9] && first.isTruncated && first.nextPartNumberMarker == 9)
        #expect(first.parts.map(\.size) == [2, 5, 9])
        input.partNumberMarker = 9
        let second = try await fixture.service.listParts(input, fixture.me)
        #expect(second.parts.map(\.number) == [10_000] && !second.isTruncated)
        input.partNumberMarker = 10_000
        #expect(try await fixture.service.listParts(input, fixture.me).parts.isEmpty)
    }

    @Test func uploadsAreListedByKeyThenInitiation() async throws {
        let fixture = try await S3Fixture()
        var ids: [String] = []
        for key in ["b/1", "a", "a", "c", "b/2", "ab"] { ids.append(try await fixture.startUpload(key)) }
        func list(
            _ change: (inout ListMultipartUploadsInput) -> Void
        ) async throws -> ListMultipartUploadsOutput {
            var input = ListMultipartUploadsInput(bucket: S3Fixture.bucket)
            change(&input)
            return try await fixture.service.listMultipartUploads(input, fixture.me)
        }
        let all = try await list { _ in }
        #expect(all.uploads.map(\.uploadID) == [ids[1], ids[2], ids[5], ids[0], ids[4], ids[3]])
        let rolled = try await list { $0.delimiter = Array("/".utf8) }
        #expect(rolled.uploads.count == 4 && rolled.commonPrefixes == [Array("b/".utf8)])
        let page = try await list { $0.maxUploads = 1 }
        #expect(page.isTruncated && page.nextKeyMarker == Array("a".utf8) && page.nextUploadIDMarker == ids[1])
        let next = try await list {
            $0.keyMarker = Array("a".utf8)
            $0.uploadIDMarker = ids[1]
        }
        #expect(next.uploads.first?.uploadID == ids[2] && next.uploads.count == 5)
        let behind = try await list { $0.keyMarker = Array("a".utf8) }
        #expect(behind.uploads.first?.uploadID == ids[5] && behind.uploads.count == 4)
        #expect(try await list { $0.prefix = Array("b/".utf8) }.uploads.count == 2)
        let bad = await code {
            _ = try await list {
                $0.keyMarker = Array("a".utf8)
                $0.uploadIDMarker = "x"
            }
        }
        #expect(bad == "InvalidArgument")
    }

    @Test func attributesPageThroughTheParts() async throws {
        let fixture = try await S3Fixture()
        let (id, parts, _) = try await uploaded(fixture, algorithm: .crc32c)
        try await fixture.complete("k", id, parts)
        var input = GetObjectAttributesInput(bucket: S3Fixture.bucket, key: try ObjectKey("k"))
        input.maxParts = 1
        input.partNumberMarker = 1
        let page = try #require(try await fixture.service.getObjectAttributes(input, fixture.me).parts)
        #expect(
            page.parts.map(\.number) == [2] && page.total == 3 && page.isTruncated && page.nextPartNumberMarker == 2)
        try await fixture.put("single", "v")
        let single = try await fixture.service.getObjectAttributes(
            GetObjectAttributesInput(bucket: S3Fixture.bucket, key: try ObjectKey("single")), fixture.me)
        #expect(single.parts == nil)
    }
}
