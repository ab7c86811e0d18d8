import LabClock
import Testing

@testable import S3

struct ConditionalWriteTests {
    @Test(arguments: [5, largeBytes], [5, largeBytes])
    func ifNoneMatchCreatesOnceAndIfMatchReplaces(first: Int, second: Int) async throws {
        let fixture = try await S3Fixture()
        func put(_ size: Int, _ conditions: WriteConditions) async -> String? {
            await code { try await fixture.put("k", noise(size)) { $0.conditions = conditions } }
        }
        #expect(await put(first, WriteConditions(ifMatch: .tags(["x"]))) == "NoSuchKey")
        #expect(await put(first, WriteConditions(ifNoneMatch: .any)) == nil)
        #expect(await put(second, WriteConditions(ifNoneMatch: .any)) == "PreconditionFailed")
        let etag = try await fixture.head("k").object.etag
        #expect(await put(second, WriteConditions(ifMatch: .tags(["x"]))) == "PreconditionFailed")
        #expect(try await fixture.bytes("k") == noise(first))
        #expect(await put(second, WriteConditions(ifMatch: .tags([etag.description]))) == nil)
        #expect(try await fixture.bytes("k") == noise(second))
    }

    @Test func conditionsThatAWSDoesNotHaveAreRefusedByName() async throws {
        let fixture = try await S3Fixture()
        let wrong = [WriteConditions(ifMatch: .any), WriteConditions(ifNoneMatch: .tags(["x"]))]
        for conditions in wrong {
            #expect(await code { try await fixture.put("k", "v") { $0.conditions = conditions } } == "NotImplemented")
        }
    }

    @Test(arguments: [5, largeBytes]) func deletesTakeConditionsOnTagSizeAndTime(size: Int) async throws {
        let fixture = try await S3Fixture()
        let put = try await fixture.put("k", noise(size))
        let later = LabTime(millisecondsSinceEpoch: put.lastModified.millisecondsSinceEpoch + 1000)
        for wrong in [
            DeleteConditions(ifMatch: .tags(["x"])), DeleteConditions(ifMatchLastModified: later),
            DeleteConditions(ifMatchSize: UInt64(size) + 1),
            DeleteConditions(ifMatch: .any, ifMatchLastModified: put.lastModified, ifMatchSize: 0),
        ] {
            #expect(await code { try await fixture.delete("k", wrong) } == "PreconditionFailed")
        }
        #expect(try await fixture.bytes("k") == noise(size))
        try await fixture.delete(
            "k",
            DeleteConditions(
                ifMatch: .tags([put.etag.description]), ifMatchLastModified: put.lastModified,
                ifMatchSize: UInt64(size)))
        #expect(try await fixture.keys().isEmpty)
    }
}
