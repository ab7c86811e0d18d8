extension S3HTTPService {
    /// Does what a request asks for.
    func perform(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        switch call.operation {
        case .getObject: try await getObject(call)
        case .headObject: try await headObject(call)
        case .putObject: try await putObject(call)
        case .deleteObject: try await deleteObject(call)
        case .deleteObjects: try await deleteObjects(call)
        case .copyObject: try await copyObject(call)
        case .getObjectAttributes: try await getObjectAttributes(call)
        case .getObjectTagging, .putObjectTagging, .deleteObjectTagging: try await objectTagging(call)
        case .listObjects: try await listObjects(call)
        case .listObjectsV2: try await listObjectsV2(call)
        case .listObjectVersions: try await listObjectVersions(call)
        case .createMultipartUpload: try await createMultipartUpload(call)
        case .uploadPart: try await uploadPart(call)
        case .uploadPartCopy: try await uploadPartCopy(call)
        case .completeMultipartUpload: try await completeMultipartUpload(call)
        case .abortMultipartUpload: try await abortMultipartUpload(call)
        case .listParts: try await listParts(call)
        case .listMultipartUploads: try await listMultipartUploads(call)
        case .listBuckets: try await listBuckets(call)
        case .createBucket: try await createBucket(call)
        case .headBucket: try await headBucket(call)
        case .deleteBucket: try await deleteBucket(call)
        case .getBucketLocation: try await getBucketLocation(call)
        case .getBucketTagging, .putBucketTagging, .deleteBucketTagging: try await bucketTagging(call)
        default: try await neverConfigured(call)
        }
    }

    /// Calls the semantics, and words what they refuse.
    func calling<Output>(_ body: () async throws(S3Error) -> Output) async throws(S3WireError) -> Output {
        do { return try await body() } catch { throw S3WireError(error) }
    }
}
