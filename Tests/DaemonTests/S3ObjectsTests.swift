import Disk
import DynamoDB
import LabClock
import LogStore
import S3
import Testing

@testable import Daemon

@Suite struct S3ObjectsTests {
    /// Time that stands still.
    private struct StillClock: LabClock {
        func now() -> LabTime { LabTime(millisecondsSinceEpoch: 1_700_000_000_000) }
    }

    private let bucket = BucketAddress(name: "exports", account: "111111111111", region: "us-east-1")

    private func objects() async throws -> S3Objects {
        var options = StoreOptions()
        options.memoryBudgetBytes = 32 << 20
        options.memtableBytes = 256 << 10
        options.firstSegmentBytes = 9 << 20
        options.segmentBytes = 10 << 20
        let driver = ImmediateDriver()
        let store = try LogStore.open(
            disk: SimulatedDisk(seed: 1), options: options, driver: driver, randomSeed: 7)
        driver.attach(store)
        let service = S3Service(store: store, clock: StillClock())
        _ = try await service.createBucket(
            CreateBucketInput(bucket: bucket.name), S3.CallContext(accountID: bucket.account))
        return S3Objects(service: service)
    }

    @Test(arguments: [0, 1, 70_000, 3_000_000])
    func whatDynamoDBWritesItReads(count: Int) async throws {
        let objects = try await objects()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
        try await objects.put(ObjectAddress(bucket, "a/b"), bytes)
        let listed = try #require(try await objects.list(bucket, prefix: "a/", after: nil, limit: 9).first)
        #expect(listed.key == "a/b")
        #expect(listed.size == UInt64(count))
        var found: [UInt8] = []
        while true {
            let piece = try await objects.read(
                ObjectAddress(bucket, "a/b"), version: listed.version, from: UInt64(found.count), count: 1_000_000)
            if piece.isEmpty { break }
            found += piece
        }
        #expect(found == bytes)
    }

    @Test func objectsAreListedByPrefixAndMarker() async throws {
        let objects = try await objects()
        for key in ["a", "in/1", "in/2", "in/3", "z"] { try await objects.put(ObjectAddress(bucket, key), [1]) }
        func keys(_ marker: String?, _ limit: Int) async throws -> [String] {
            try await objects.list(bucket, prefix: "in/", after: marker, limit: limit).map(\.key)
        }
        #expect(try await keys(nil, 9) == ["in/1", "in/2", "in/3"])
        #expect(try await keys(nil, 1) == ["in/1"])
        #expect(try await keys("in/1", 1) == ["in/2"])
        #expect(try await keys("in/3", 1).isEmpty)
    }

    @Test func refusalsAreTold() async throws {
        let objects = try await objects()
        let object = ObjectAddress(bucket, "key")
        try await objects.put(object, [1, 2, 3])
        let version = try #require(try await objects.list(bucket, prefix: "", after: nil, limit: 1).first?.version)
        try await objects.put(object, [4])
        await #expect(throws: ObjectStorageError.changed) {
            try await objects.read(object, version: version, from: 0, count: 1)
        }
        await #expect(throws: ObjectStorageError.noSuchKey) {
            try await objects.read(ObjectAddress(bucket, "none"), version: version, from: 0, count: 1)
        }
        var other = bucket
        other.name = "missing"
        await #expect(throws: ObjectStorageError.noSuchBucket) {
            try await objects.put(ObjectAddress(other, "key"), [])
        }
        other = bucket
        other.account = "222222222222"
        await #expect(throws: ObjectStorageError.accessDenied) {
            try await objects.put(ObjectAddress(other, "key"), [])
        }
        other = bucket
        other.expectedOwner = "222222222222"
        await #expect(throws: ObjectStorageError.accessDenied) {
            try await objects.list(other, prefix: "", after: nil, limit: 1)
        }
    }
}
