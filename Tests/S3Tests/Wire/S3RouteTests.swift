import AWSWire
import NIOHTTP1
import Testing

@testable import S3

@Suite struct S3RouteTests {
    private func route(
        _ method: HTTPMethod, _ target: String, host: String? = nil, headers: HTTPHeaders = [:]
    ) throws -> S3Operation? {
        let target = try S3Target(RequestTarget(target), hostBucket: host)
        return S3Route.operation(method: method, scope: target.scope, query: target.query, headers: headers)
    }

    @Test(
        arguments: [
            (.GET, "/", .listBuckets),
            (.GET, "/?x-id=ListBuckets", .listBuckets),
            (.GET, "/b", .listObjects),
            (.GET, "/b/", .listObjects),
            (.GET, "/b?list-type=2&prefix=a", .listObjectsV2),
            (.GET, "/b?versions", .listObjectVersions),
            (.GET, "/b?versioning=", .getBucketVersioning),
            (.GET, "/b?analytics", .listBucketAnalyticsConfigurations),
            (.GET, "/b?analytics&id=1", .getBucketAnalyticsConfiguration),
            (.GET, "/b?lifecycle", .getBucketLifecycleConfiguration),
            (.PUT, "/b", .createBucket),
            (.PUT, "/b?x-id=CreateBucket", .createBucket),
            (.PUT, "/b?policy", .putBucketPolicy),
            (.POST, "/b?delete", .deleteObjects),
            (.POST, "/b", .postObject),
            (.HEAD, "/b", .headBucket),
            (.DELETE, "/b", .deleteBucket),
            (.GET, "/b/k", .getObject),
            (.GET, "/b/k?x-id=GetObject", .getObject),
            (.GET, "/b/k?partNumber=1", .getObject),
            (.GET, "/b/k?uploadId=u", .listParts),
            (.GET, "/b/k?attributes", .getObjectAttributes),
            (.PUT, "/b/k", .putObject),
            (.PUT, "/b/k?partNumber=1&uploadId=u", .uploadPart),
            (.PUT, "/b/k?uploadId=u&partNumber=1&x-id=UploadPart", .uploadPart),
            (.PUT, "/b/k?renameObject", .renameObject),
            (.POST, "/b/k?uploads", .createMultipartUpload),
            (.POST, "/b/k?uploadId=u", .completeMultipartUpload),
            (.POST, "/b/k?select&select-type=2", .selectObjectContent),
            (.DELETE, "/b/k?uploadId=u", .abortMultipartUpload),
            (.DELETE, "/b/k?tagging", .deleteObjectTagging),
            (.DELETE, "/b/k?versionId=null", .deleteObject),
            (.OPTIONS, "/b/k", .preflightObject),
            (.POST, "/b/k", nil),
            (.DELETE, "/", nil),
            (.PATCH, "/b/k", nil),
        ] as [(HTTPMethod, String, S3Operation?)])
    func requestsAreTheOperationsThatTheModelSays(method: HTTPMethod, target: String, operation: S3Operation?) throws {
        #expect(try route(method, target) == operation)
    }

    @Test func aCopySourceTellsCopiesFromWrites() throws {
        let copy: HTTPHeaders = ["X-Amz-Copy-Source": "/a/b"]
        #expect(try route(.PUT, "/b/k", headers: copy) == .copyObject)
        #expect(try route(.PUT, "/b/k?partNumber=1&uploadId=u", headers: copy) == .uploadPartCopy)
        #expect(try route(.PUT, "/b/k?acl", headers: copy) == .putObjectAcl)
    }

    @Test func everyRoutableOperationHasARouteOfItsOwn() {
        let methods: [HTTPMethod] = [.GET, .PUT, .POST, .HEAD, .DELETE, .OPTIONS]
        let scopes: [S3Route.Scope] = [.service, .bucket, .object]
        var routed: [S3Operation] = []
        for method in methods {
            for scope in scopes { routed += S3Route.table(method, scope).map(\.operation) }
        }
        let missing = Set(S3Operation.allCases).subtracting(routed)
        // The same requests as newer operations, and two of other endpoints.
        #expect(
            missing == [
                .getBucketLifecycle, .putBucketLifecycle, .getBucketNotification, .putBucketNotification,
                .listDirectoryBuckets, .writeGetObjectResponse,
            ])
        #expect(Set(routed).count == routed.count)
    }
}
