import LogStore
import NIOCore
import Testing

@testable import S3

struct BucketTests {
    private func create(
        _ fixture: S3Fixture, _ name: String, constraint: String? = nil, region: String = "us-east-1",
        account: String = S3Fixture.account.accountID
    ) async throws -> BucketDescription {
        try await fixture.service.createBucket(
            CreateBucketInput(bucket: name, locationConstraint: constraint),
            CallContext(accountID: account, region: region))
    }

    @Test(arguments: [
        "ab", String(repeating: "a", count: 64), "Upper", "under_score", "-dash", "dash-", ".dot", "a..b",
        "192.168.0.1",
        "xn--name", "sthree-name", "amzn-s3-demo-name", "name-s3alias", "name--ol-s3", "name.mrap", "name--x-s3",
        "name--table-s3", "sp ace", "ümlaut",
    ])
    func aBadNameIsRefused(name: String) async throws {
        let fixture = try await S3Fixture(makeBucket: false)
        #expect(await code { _ = try await create(fixture, name) } == "InvalidBucketName")
    }

    @Test(arguments: ["abc", "a.b-c.1", "1.2.3", "health", String(repeating: "a", count: 63)])
    func aGoodNameIsTaken(name: String) async throws {
        let fixture = try await S3Fixture(makeBucket: false)
        #expect(try await create(fixture, name).name == name)
        #expect(try await fixture.service.headBucket(name, fixture.me).ownerAccountID == fixture.me.accountID)
    }

    @Test func theConstraintMakesTheRegion() async throws {
        let fixture = try await S3Fixture(makeBucket: false)
        #expect(try await create(fixture, "aaa").region == "us-east-1")
        #expect(try await create(fixture, "bbb", constraint: "EU").region == "eu-west-1")
        #expect(try await create(fixture, "ccc", constraint: "eu-west-1", region: "eu-west-1").region == "eu-west-1")
        #expect(
            await code { _ = try await create(fixture, "ddd", region: "eu-west-1") }
                == "IllegalLocationConstraintException")
        #expect(
            await code { _ = try await create(fixture, "ddd", constraint: "us-west-2", region: "eu-west-1") }
                == "IllegalLocationConstraintException")
        #expect(
            await code { _ = try await create(fixture, "ddd", constraint: "us-east-1") } == "InvalidLocationConstraint")
        #expect(await code { _ = try await create(fixture, "ddd", constraint: "mars") } == "InvalidLocationConstraint")
    }

    @Test func makingABucketAgainDependsOnOwnerAndRegion() async throws {
        let fixture = try await S3Fixture(makeBucket: false)
        _ = try await create(fixture, "aaa")
        _ = try await create(fixture, "aaa")
        _ = try await create(fixture, "bbb", constraint: "eu-west-1")
        #expect(
            await code { _ = try await create(fixture, "bbb", constraint: "eu-west-1") } == "BucketAlreadyOwnedByYou")
        #expect(
            await code { _ = try await create(fixture, "aaa", account: S3Fixture.stranger.accountID) }
                == "BucketAlreadyExists")
    }

    @Test func makingABucketAgainKeepsItsObjects() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("k", "v")
        _ = try await create(fixture, S3Fixture.bucket)
        #expect(try await fixture.bytes("k") == Array("v".utf8))
    }

    @Test func aStrangerAndAWrongExpectedOwnerAreDenied() async throws {
        let fixture = try await S3Fixture()
        let name = S3Fixture.bucket
        #expect(await code { _ = try await fixture.service.headBucket(name, S3Fixture.stranger) } == "AccessDenied")
        var context = fixture.me
        context.expectedBucketOwner = S3Fixture.stranger.accountID
        #expect(await code { _ = try await fixture.service.headBucket(name, context) } == "AccessDenied")
        #expect(await code { _ = try await fixture.service.headBucket("absent", fixture.me) } == "NoSuchBucket")
    }

    @Test func aBucketWithObjectsStaysAndAnEmptyOneGoes() async throws {
        let fixture = try await S3Fixture()
        try await fixture.put("k", "v")
        #expect(
            await code { try await fixture.service.deleteBucket(S3Fixture.bucket, fixture.me) } == "BucketNotEmpty")
        try await fixture.delete("k")
        try await fixture.service.deleteBucket(S3Fixture.bucket, fixture.me)
        #expect(await code { try await fixture.put("k", "v") } == "NoSuchBucket")
        #expect(
            await code { try await fixture.service.deleteBucket(S3Fixture.bucket, fixture.me) } == "NoSuchBucket")
    }

    @Test func aBucketMadeAnewHasNothingOfTheOldOne() async throws {
        let fixture = try await S3Fixture()
        let upload = try await fixture.startUpload("up")
        try await fixture.part("up", upload, 1, noise(largeBytes))
        try await fixture.service.putBucketTagging(S3Fixture.bucket, tags: [Tag(key: "a", value: "b")], fixture.me)
        try await fixture.service.deleteBucket(S3Fixture.bucket, fixture.me)
        #expect(try await fixture.count(.bodies) == 0)
        #expect(try await fixture.count(.uploads) == 0)
        _ = try await create(fixture, S3Fixture.bucket)
        let uploads = try await fixture.service.listMultipartUploads(
            ListMultipartUploadsInput(bucket: S3Fixture.bucket), fixture.me)
        #expect(uploads.uploads.isEmpty)
        #expect(
            await code { _ = try await fixture.service.getBucketTagging(S3Fixture.bucket, fixture.me) }
                == "NoSuchTagSet")
    }

    @Test func listingsOfBucketsPageFilterAndKeepAccountsApart() async throws {
        let fixture = try await S3Fixture(makeBucket: false)
        for name in ["bbb", "aaa", "ccc", "xaa"] { _ = try await create(fixture, name) }
        _ = try await create(fixture, "ddd", constraint: "eu-west-1")
        _ = try await create(fixture, "aab", account: S3Fixture.stranger.accountID)
        func list(_ input: ListBucketsInput) async throws -> ListBucketsOutput {
            try await fixture.service.listBuckets(input, fixture.me)
        }
        #expect(try await list(ListBucketsInput()).buckets.map(\.name) == ["aaa", "bbb", "ccc", "ddd", "xaa"])
        #expect(try await list(ListBucketsInput(prefix: "x")).buckets.map(\.name) == ["xaa"])
        #expect(try await list(ListBucketsInput(region: "eu-west-1")).buckets.map(\.name) == ["ddd"])
        let first = try await list(ListBucketsInput(maxBuckets: 3))
        #expect(first.buckets.map(\.name) == ["aaa", "bbb", "ccc"])
        let token = try #require(first.nextContinuationToken)
        let second = try await list(ListBucketsInput(maxBuckets: 3, continuationToken: token))
        #expect(second.buckets.map(\.name) == ["ddd", "xaa"] && second.nextContinuationToken == nil)
        #expect(await code { _ = try await list(ListBucketsInput(maxBuckets: 0)) } == "InvalidArgument")
        #expect(await code { _ = try await list(ListBucketsInput(continuationToken: "zz")) } == "InvalidArgument")
    }

    @Test func bucketsAndTheirTagsSurviveAReopen() async throws {
        let fixture = try await S3Fixture()
        let tags = [Tag(key: "a", value: "ü"), Tag(key: "b", value: "")]
        try await fixture.service.putBucketTagging(S3Fixture.bucket, tags: tags, fixture.me)
        try fixture.reopen()
        #expect(try await fixture.service.getBucketTagging(S3Fixture.bucket, fixture.me) == tags)
        try await fixture.service.deleteBucketTagging(S3Fixture.bucket, fixture.me)
        #expect(
            await code { _ = try await fixture.service.getBucketTagging(S3Fixture.bucket, fixture.me) }
                == "NoSuchTagSet")
    }

    @Test func writesThatRaceADeletionAreEitherRefusedOrKept() async throws {
        let fixture = try await S3Fixture()
        let service = fixture.service
        let me = fixture.me
        let written = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<20 {
                group.addTask {
                    guard let key = try? ObjectKey("k\(index)") else { return false }
                    let input = PutObjectInput(bucket: S3Fixture.bucket, key: key)
                    return (try? await service.putObject(input, body: BufferSource(ByteBuffer(bytes: [1])), me)) != nil
                }
            }
            group.addTask {
                try? await service.deleteBucket(S3Fixture.bucket, me)
                return false
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        let listed = (try? await fixture.keys().count) ?? 0
        #expect(listed == written)
    }
}
