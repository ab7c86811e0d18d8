import Bytes
import LabClock
import Testing

@testable import S3

struct RecordTests {
    private func draft() throws -> ObjectRecord.Draft {
        var metadata = ObjectMetadata()
        metadata.contentType = "text/plain"
        let text = Array("hello".utf8)
        return ObjectRecord.Draft(
            etag: ETag(md5: BodyDigests.of(text, []).md5), size: 5, lastModified: LabTime(millisecondsSinceEpoch: 1000),
            checksum: BodyDigests.of(text, [.crc64nvme]).checksums[0], isChecksumDeclared: false, placement: .inValue,
            fields: RecordFields(metadata: metadata, tags: []).encoded, sequence: 0x2A)
    }

    @Test func anObjectRecordHasTheBytesOfItsSpecification() throws {
        let bytes = ObjectRecord(try draft()).bytes
        let expected =
            "0100000003010000" + "00000000000003e8" + "0000000000000005" + "5d41402abc4b2a76b9719d911017c592"
            + "000000000000002a" + "0000000000000000"
        #expect(Hex.encode(Array(bytes[..<56])) == expected)
        #expect(Hex.encode(Array(bytes[64...])) == "010a746578742f706c61696e")
    }

    @Test func anObjectRecordReadsBackWhatWasWritten() throws {
        var draft = try draft()
        var metadata = ObjectMetadata()
        metadata.cacheControl = "no-cache"
        metadata.contentDisposition = "inline"
        metadata.contentEncoding = "gzip"
        metadata.contentLanguage = "de"
        metadata.expires = "never"
        metadata.user = [UserMetadata(name: "a", value: "ü"), UserMetadata(name: "b", value: "")]
        let tags = [Tag(key: "k", value: "v"), Tag(key: "l", value: "")]
        draft.fields = RecordFields(metadata: metadata, tags: tags).encoded
        draft.placement = .body(77)
        draft.isChecksumDeclared = true
        draft.etag.partCount = 10_000
        let record = try ObjectRecord(ObjectRecord(draft).bytes)
        #expect(record.bodyID == 77 && record.sequence == 0x2A && record.partCount == 10_000)
        #expect(record.etag == draft.etag && record.isChecksumDeclared)
        #expect(try record.fields().metadata == metadata)
        #expect(try record.fields().tags == tags)
    }

    @Test func aFreshBodyHasTheIdOfItsObjectsVersion() throws {
        var draft = try draft()
        draft.placement = .ownBody
        #expect(try ObjectRecord(ObjectRecord(draft).bytes).bodyID == 0x2A)
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5]) func anUnknownCodeIsDamage(offset: Int) throws {
        var bytes = ObjectRecord(try draft()).bytes
        bytes[offset] = 0x99
        #expect(throws: S3Error.self) { try ObjectRecord(bytes) }
    }

    @Test func aCutRecordIsDamageAtEveryLength() throws {
        let bytes = ObjectRecord(try draft()).bytes
        for length in 0..<bytes.count where length != 64 {
            #expect(throws: S3Error.self) { _ = try ObjectRecord(Array(bytes[..<length])).fields() }
        }
    }

    @Test func thePartTableFindsEveryByteAndEveryNumber() throws {
        let sum = Checksum(.crc32, [1, 2, 3, 4])
        let table = try PartTable(
            PartTable(algorithm: .crc32, parts: [(2, 10, sum), (5, 1, sum), (9, 4, sum)]).encoded)
        #expect((0..<15).map { table.index(containing: $0) } == Array(repeating: 0, count: 10) + [1, 2, 2, 2, 2])
        #expect([1, 2, 3, 5, 6, 9, 10].map { table.index(ofNumberAtLeast: $0) } == [0, 0, 1, 1, 2, 2, 3])
        #expect(table.entry(2) == PartTable.Entry(number: 9, start: 11, size: 4, checksum: sum))
    }

    @Test func partUploadAndBucketRecordsReadBack() throws {
        let time = LabTime(millisecondsSinceEpoch: -5)
        let part = PartRecord(
            size: 7, lastModified: time, etag: ETag(high: 1, low: 2), checksum: Checksum(.sha1, noise(20)),
            declaredChecksum: Checksum(.crc32, [9, 8, 7, 6]))
        #expect(try PartRecord(part.encoded) == part)
        let upload = UploadRecord(
            initiated: time, initiatorAccountID: "123", checksumAlgorithm: .sha256, checksumType: .composite,
            fields: [1, 1, 65])
        #expect(try UploadRecord(upload.encoded) == upload)
        let bucket = BucketRecord(id: 3, created: time, ownerAccountID: "1", region: "eu-west-1")
        #expect(try BucketRecord(bucket.encoded) == bucket)
        let completed = CompletedUploadRecord(
            completed: time, bucketID: 4, partsDigest: noise(32), etag: ETag(high: 5, low: 6, partCount: 2),
            checksum: Checksum(.crc32, [1, 2, 3, 4], type: .composite, partCount: 2), key: [65])
        #expect(try CompletedUploadRecord(completed.encoded) == completed)
    }

    @Test func uploadKeysSortByKeyThenByInitiationAndParseBack() {
        let keys = ["a", "a\u{1}", "ab", "b"].flatMap { key in
            [UInt64(1), 256, 1 << 40].map { S3Keys.upload(9, Array(key.utf8), $0) }
        }
        #expect(keys == keys.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(S3Keys.parseUpload(keys[4]).key == Array("a\u{1}".utf8))
        #expect(S3Keys.parseUpload(keys[4]).uploadID == 256)
    }
}
