import LabClock
import Testing

@testable import S3

/// Ranges, parts and conditions of reads.
struct ReadTests {
    @Test(arguments: [100, largeBytes, 1_000_000]) func rangesSelectTheirBytes(size: Int) async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(size)
        try await fixture.put("k", bytes)
        let total = UInt64(size)
        let cases: [(ByteRange, Range<Int>)] = [
            (.bounded(first: 0, last: 0), 0..<1), (.bounded(first: 5, last: 9), 5..<10),
            (.bounded(first: 1, last: total * 2), 1..<size), (.from(first: total - 1), size - 1..<size),
            (.suffix(count: 7), size - 7..<size), (.suffix(count: total * 2), 0..<size), (.from(first: 0), 0..<size),
        ]
        for (range, expected) in cases {
            let (output, got) = try await fixture.get("k") { $0.range = range }
            #expect(got == Array(bytes[expected]), "\(range)")
            #expect(
                output.range
                    == ResolvedRange(
                        first: UInt64(expected.lowerBound), last: UInt64(expected.upperBound - 1), size: total))
            #expect(output.contentLength == UInt64(expected.count) && output.checksum == nil)
        }
    }

    @Test func aRangeBeyondTheObjectIsUnsatisfiable() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("k", "hello")
        try await fixture.put("empty", "")
        for range in [ByteRange.from(first: 5), .suffix(count: 0), .bounded(first: 9, last: 10)] {
            #expect(await code { _ = try await fixture.get("k") { $0.range = range } } == "InvalidRange")
        }
        #expect(await code { _ = try await fixture.get("empty") { $0.range = .from(first: 0) } } == "InvalidRange")
    }

    @Test func anObjectPutAtOnceIsItsOwnFirstPart() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("k", "hello")
        let (output, bytes) = try await fixture.get("k") { $0.partNumber = 1 }
        #expect(bytes == Array("hello".utf8) && output.partsCount == nil && output.checksum != nil)
        #expect(await code { _ = try await fixture.get("k") { $0.partNumber = 2 } } == "InvalidPartNumber")
        for number in [0, 10_001] {
            #expect(await code { _ = try await fixture.get("k") { $0.partNumber = number } } == "InvalidArgument")
        }
        let both = await code {
            _ = try await fixture.get("k") {
                $0.partNumber = 1
                $0.range = .from(first: 0)
            }
        }
        #expect(both == "InvalidRequest")
    }

    @Test func conditionsOfReadsHaveThePrecedenceOfHTTP() async throws {
        let fixture = try await S3Fixture()
        let put = try await fixture.put("k", "v")
        let good = ETagMatch.tags([put.etag.description])
        let bad = ETagMatch.tags(["other"])
        let time = put.lastModified
        let before = LabTime(millisecondsSinceEpoch: time.millisecondsSinceEpoch - 5000)
        func get(_ conditions: ReadConditions) async -> String? {
            await code { _ = try await fixture.get("k") { $0.conditions = conditions } }
        }
        #expect(await get(ReadConditions(ifMatch: good)) == nil)
        #expect(await get(ReadConditions(ifMatch: .any)) == nil)
        #expect(await get(ReadConditions(ifMatch: bad)) == "PreconditionFailed")
        #expect(await get(ReadConditions(ifNoneMatch: good)) == "NotModified")
        #expect(await get(ReadConditions(ifNoneMatch: bad)) == nil)
        #expect(await get(ReadConditions(ifModifiedSince: time)) == "NotModified")
        #expect(await get(ReadConditions(ifModifiedSince: before)) == nil)
        #expect(await get(ReadConditions(ifUnmodifiedSince: before)) == "PreconditionFailed")
        #expect(await get(ReadConditions(ifUnmodifiedSince: time)) == nil)
        // A tag outranks the date of its kind.
        #expect(await get(ReadConditions(ifMatch: good, ifUnmodifiedSince: before)) == nil)
        #expect(await get(ReadConditions(ifNoneMatch: bad, ifModifiedSince: time)) == nil)
        #expect(await get(ReadConditions(ifMatch: bad, ifNoneMatch: good)) == "PreconditionFailed")
        // Sub-second differences are none.
        let fraction = LabTime(millisecondsSinceEpoch: time.millisecondsSinceEpoch / 1000 * 1000)
        #expect(await get(ReadConditions(ifModifiedSince: fraction)) == "NotModified")
    }

    @Test func aMissingObjectOutranksItsConditions() async throws {
        let fixture = try await S3Fixture()
        let result = await code { _ = try await fixture.get("absent") { $0.conditions.ifMatch = .tags(["x"]) } }
        #expect(result == "NoSuchKey")
    }
}
