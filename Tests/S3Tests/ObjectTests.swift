import LogStore
import NIOCore
import Testing

@testable import S3

struct ObjectTests {
    /// Around the limits between content in the log, in one run, and in several pieces of an answer.
    static let sizes = [0, 1, 4096, 65_535, 65_536, 65_537, 262_144, 262_145, 1_000_000, 9_000_000]

    @Test(arguments: sizes) func whatIsPutIsGotByteForByte(size: Int) async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(size)
        let put = try await fixture.put("k", bytes)
        let (output, got) = try await fixture.get("k")
        #expect(got == bytes)
        #expect(put.size == UInt64(size) && output.contentLength == UInt64(size) && output.object.size == UInt64(size))
        #expect(output.object.etag == put.etag && put.etag == ETag(md5: BodyDigests.of(bytes, []).md5))
        #expect(output.range == nil && output.checksum == put.checksum)
        try fixture.reopen()
        #expect(try await fixture.bytes("k") == bytes)
    }

    @Test(arguments: [3, 100, 5_000, 70_000, 300_000, 1_500_000], [1, 1000, 65_536, 1 << 20])
    func aBodyMayComeInPieces(size: Int, piece: Int) async throws {
        let fixture = try await S3Fixture()
        guard size / piece < 400 else { return }
        let bytes = noise(size)
        let pieces = stride(from: 0, to: size, by: piece).map { Array(bytes[$0..<min(size, $0 + piece)]) }
        for length in [UInt64(size), nil] {
            let input = PutObjectInput(bucket: S3Fixture.bucket, key: try ObjectKey("k"))
            let source = PieceSource(pieces, length: length)
            let put = try await fixture.service.putObject(input, body: source, fixture.me)
            #expect(put.size == UInt64(size))
            #expect(try await fixture.bytes("k") == bytes)
        }
    }

    @Test(arguments: [10, largeBytes], [10, largeBytes])
    func anOverwriteReplacesAndLeavesNothingBehind(first: Int, second: Int) async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("k", noise(first, seed: 1))
        try await fixture.put("k", noise(second, seed: 2))
        #expect(try await fixture.bytes("k") == noise(second, seed: 2))
        #expect(try await fixture.count(.bodies) == (second == largeBytes ? 1 : 0))
        #expect(try await fixture.count(.references) == (second == largeBytes ? 1 : 0))
        try await fixture.delete("k")
        #expect(await code { _ = try await fixture.get("k") } == "NoSuchKey")
        #expect(try await fixture.count(.objects) == 0)
        #expect(try await fixture.count(.bodies) == 0)
        #expect(try await fixture.count(.references) == 0)
    }

    @Test func metadataComesBackAsItWasSent() async throws {
        let fixture = try await S3Fixture()
        var metadata = ObjectMetadata()
        metadata.contentType = "text/plain; charset=utf-8"
        metadata.cacheControl = "max-age=1"
        metadata.contentDisposition = "attachment"
        metadata.contentEncoding = "gzip"
        metadata.contentLanguage = "en"
        metadata.expires = "Thu, 01 Jan 1970 00:00:00 GMT"
        metadata.user = [UserMetadata(name: "name", value: "Zoë"), UserMetadata(name: "empty", value: "")]
        let sent = metadata
        try await fixture.put("k", "v") { $0.metadata = sent }
        #expect(try await fixture.head("k").object.metadata == sent)
    }

    @Test func userMetadataEndsAtTwoKilobytes() async throws {
        let fixture = try await S3Fixture()
        func put(_ count: Int) async -> String? {
            await code {
                try await fixture.put("k", "v") {
                    $0.metadata.user = [UserMetadata(name: "abcd", value: String(repeating: "ü", count: count))]
                }
            }
        }
        #expect(await put(1022) == nil)
        #expect(await put(1023) == "MetadataTooLarge")
    }

    @Test func onlyTheStandardStorageClassIsBuilt() async throws {
        let fixture = try await S3Fixture()
        func put(_ name: String) async -> String? {
            await code { try await fixture.put("k", "v") { $0.storageClass = name } }
        }
        #expect(await put("STANDARD") == nil)
        #expect(await put("GLACIER") == "NotImplemented")
        #expect(await put("PAPYRUS") == "InvalidStorageClass")
    }

    @Test func onlyTheNullVersionExists() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("k", "v")
        _ = try await fixture.get("k") { $0.versionID = "null" }
        #expect(await code { _ = try await fixture.head("k") { $0.versionID = "abc" } } == "InvalidArgument")
    }

    @Test func deletingWhatIsNotThereIsSuccess() async throws {
        let fixture = try await S3Fixture()
        try await fixture.delete("absent")
        try await fixture.delete("absent", DeleteConditions(ifMatch: .tags(["x"]), ifMatchSize: 3))
    }

    @Test func manyDeletesAnswerEachOnItsOwn() async throws {
        let fixture = try await S3Fixture()
        for index in 0..<5 { try await fixture.put("k\(index)", "v") }
        try await fixture.put("large", noise(largeBytes))
        var entries = ["k0", "k1", "absent", "large"].map { DeleteObjectsInput.Entry(key: Array($0.utf8)) }
        entries.append(DeleteObjectsInput.Entry(key: []))
        entries.append(DeleteObjectsInput.Entry(key: Array("k2".utf8), versionID: "v1"))
        entries.append(
            DeleteObjectsInput.Entry(key: Array("k3".utf8), conditions: DeleteConditions(ifMatch: .tags(["no"]))))
        let output = try await fixture.service.deleteObjects(
            DeleteObjectsInput(bucket: S3Fixture.bucket, entries: entries), fixture.me)
        #expect(
            output.outcomes.map { $0.error?.code } == [
                nil, nil, nil, nil, "InvalidURI", "InvalidArgument", "PreconditionFailed",
            ])
        #expect(try await fixture.keys() == ["k2", "k3", "k4"])
        #expect(try await fixture.count(.bodies) == 0)
    }

    @Test(arguments: [0, 1001]) func aBatchOfDeletesHasOneToAThousandKeys(count: Int) async throws {
        let fixture = try await S3Fixture()
        let entries = (0..<count).map { DeleteObjectsInput.Entry(key: Array("k\($0)".utf8)) }
        let input = DeleteObjectsInput(bucket: S3Fixture.bucket, entries: entries)
        #expect(await code { _ = try await fixture.service.deleteObjects(input, fixture.me) } == "MalformedXML")
    }

    @Test(arguments: [1000, 700_000]) func aDownloadIsNotDisturbedByOverwriteAndDelete(size: Int) async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(size, seed: 1)
        try await fixture.put("k", bytes)
        let input = GetObjectInput(bucket: S3Fixture.bucket, key: try ObjectKey("k"))
        let output = try await fixture.service.getObject(input, fixture.me)
        try await fixture.put("k", noise(size, seed: 2))
        try await fixture.delete("k")
        for index in 0..<20 { try await fixture.put("x\(index)", noise(largeBytes)) }
        #expect(try await output.body.collect() == bytes)
    }

    @Test func writersOfOneKeyNeverMix() async throws {
        let fixture = try await S3Fixture()
        let service = fixture.service
        let me = fixture.me
        let key = try ObjectKey("k")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    let bytes = [UInt8](repeating: UInt8(writer), count: writer % 2 == 0 ? 100 : largeBytes)
                    _ = try await service.putObject(
                        PutObjectInput(bucket: S3Fixture.bucket, key: key),
                        body: BufferSource(ByteBuffer(bytes: bytes)), me)
                }
            }
            try await group.waitForAll()
        }
        let bytes = try await fixture.bytes("k")
        let writer = try #require(bytes.first)
        #expect(bytes == [UInt8](repeating: writer, count: writer % 2 == 0 ? 100 : largeBytes))
        #expect(try await fixture.count(.bodies) == (writer % 2 == 0 ? 0 : 1))
        #expect(try await fixture.count(.references) == (writer % 2 == 0 ? 0 : 1))
    }

    @Test func oneOfManyCreatorsWins() async throws {
        let fixture = try await S3Fixture()
        let service = fixture.service
        let me = fixture.me
        var input = PutObjectInput(bucket: S3Fixture.bucket, key: try ObjectKey("k"))
        input.conditions.ifNoneMatch = .any
        let create = input
        let winners = await withTaskGroup(of: Int.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    let bytes = [UInt8](repeating: 1, count: writer % 2 == 0 ? 10 : largeBytes)
                    let source = BufferSource(ByteBuffer(bytes: bytes))
                    return (try? await service.putObject(create, body: source, me)) == nil ? 0 : 1
                }
            }
            return await group.reduce(0, +)
        }
        #expect(winners == 1)
    }
}
