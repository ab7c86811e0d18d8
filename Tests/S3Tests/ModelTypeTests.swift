import Testing

@testable import S3

/// The small types of the model: what headers say, read and written.
struct ModelTypeTests {
    @Test(arguments: [
        ("bytes=0-4", ByteRange.bounded(first: 0, last: 4)), ("bytes=5-", .from(first: 5)),
        ("bytes=-3", .suffix(count: 3)), ("bytes=0-99999999999999999999", .bounded(first: 0, last: UInt64.max)),
    ])
    func aRangeIsRead(header: String, expected: ByteRange) { #expect(ByteRange(header: header) == expected) }

    @Test(arguments: ["", "bytes", "bytes=", "bytes=-", "bytes=4-2", "bytes=a-b", "bytes=0-2,4-5", "0-4", "bytes=+1-2"])
    func aMalformedRangeIsNone(header: String) { #expect(ByteRange(header: header) == nil) }

    @Test func aRangeIsCutToTheObject() {
        #expect(ByteRange.bounded(first: 2, last: 99).resolve(size: 5) == ResolvedRange(first: 2, last: 4, size: 5))
        #expect(ByteRange.suffix(count: 99).resolve(size: 5) == ResolvedRange(first: 0, last: 4, size: 5))
        #expect(ByteRange.from(first: 5).resolve(size: 5) == nil)
        #expect(ByteRange.suffix(count: 0).resolve(size: 5) == nil)
        #expect(ByteRange.from(first: 0).resolve(size: 0) == nil)
    }

    @Test func entityTagsAreWrittenQuotedAndBare() {
        let md5: [UInt8] = [
            0x5d, 0x41, 0x40, 0x2a, 0xbc, 0x4b, 0x2a, 0x76, 0xb9, 0x71, 0x9d, 0x91, 0x10, 0x17, 0xc5, 0x92,
        ]
        let single = ETag(md5: md5)
        let multipart = ETag(md5: md5, partCount: 12)
        #expect(single.quoted == "\"5d41402abc4b2a76b9719d911017c592\"")
        #expect(single.description == "5d41402abc4b2a76b9719d911017c592" && single.md5 == md5)
        #expect(multipart.quoted == "\"5d41402abc4b2a76b9719d911017c592-12\"")
    }

    @Test func tagConditionsTakeQuotedBareAndListedTags() {
        let tag = ETag(high: 0, low: 1)
        let text = tag.description
        for header in ["*", text, tag.quoted, "\"x\", \(tag.quoted)", " W/\(tag.quoted) "] {
            #expect(ETagMatch(header: header).matches(tag), "\(header)")
        }
        #expect(!ETagMatch(header: "\"x\"").matches(tag))
    }

    @Test(arguments: [
        ("", "InvalidURI"), (String(repeating: "k", count: 1025), "KeyTooLongError"), ("a\u{0}b", "InvalidURI"),
        ("a234567890\u{0}", "InvalidURI"),
    ])
    func aBadKeyIsRefused(text: String, expected: String) async {
        #expect(await code { _ = try ObjectKey(text) } == expected)
    }

    @Test func invalidUTF8IsNoKeyAndAThousandAndTwentyFourBytesAreOne() async throws {
        #expect(await code { _ = try ObjectKey([0x61, 0xFF]) } == "InvalidURI")
        #expect(await code { _ = try ObjectKey([UInt8](repeating: 0xC3, count: 9)) } == "InvalidURI")
        _ = try ObjectKey(String(repeating: "ü", count: 512))
        _ = try ObjectKey("a/../b//c\u{1}\u{7F}")
    }

    @Test func checksumTextCarriesThePartsOfAComposite() throws {
        let plain = try Checksum(.crc32, text: "AAAAAQ==")
        #expect(plain.bytes == [0, 0, 0, 1] && plain.text == "AAAAAQ==")
        let composite = try Checksum(.crc32, text: "AAAAAQ==-3")
        #expect(composite.type == .composite && composite.partCount == 3 && composite.text == "AAAAAQ==-3")
        for bad in ["bad", "", "AAAAAQ==-0", "AAAAAQ==-x", "AAAAAAAA"] {
            #expect(throws: S3Error.self) { try Checksum(.crc32, text: bad) }
        }
    }
}
