import AWSWire
import NIOHTTP1

extension S3HTTPService {
    /// ListBuckets.
    func listBuckets(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let input = ListBucketsInput(
            maxBuckets: try call.integer("max-buckets"), continuationToken: call.parameter("continuation-token"),
            prefix: call.parameter("prefix"), region: call.parameter("bucket-region"))
        let page = try await calling { () async throws(S3Error) in
            try await service.listBuckets(input, call.context)
        }
        var xml = XMLWriter(result: "ListAllMyBucketsResult", capacity: 512 + page.buckets.count * 160)
        S3Owner(accountID: call.context.accountID, identities: identities).append("Owner", to: &xml)
        xml.start("Buckets")
        for bucket in page.buckets {
            xml.start("Bucket")
            xml.element("Name", bucket.name)
            xml.time("CreationDate", bucket.created)
            xml.element("BucketRegion", bucket.region)
            xml.end("Bucket")
        }
        xml.end("Buckets")
        xml.element("ContinuationToken", ifPresent: page.nextContinuationToken)
        xml.element("Prefix", ifPresent: input.prefix)
        xml.end("ListAllMyBucketsResult")
        return S3Reply(xml: xml)
    }

    /// CreateBucket.
    func createBucket(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let configuration = try await BucketConfiguration.read(self, call)
        let input = CreateBucketInput(
            bucket: call.bucket, locationConstraint: configuration.locationConstraint, tags: configuration.tags)
        _ = try await calling { () async throws(S3Error) in
            try await service.createBucket(input, call.context)
        }
        return S3Reply(headers: ["Location": "/\(call.bucket)"])
    }

    /// HeadBucket.
    func headBucket(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        // The region is among what every answer about a bucket carries.
        _ = try await describe(call)
        return S3Reply(headers: ["x-amz-access-point-alias": "false", "Content-Type": "application/xml"])
    }

    /// DeleteBucket.
    func deleteBucket(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        try await calling { () async throws(S3Error) in
            try await service.deleteBucket(call.bucket, call.context)
        }
        return S3Reply(.noContent)
    }

    /// GetBucketLocation: us-east-1 is told by saying nothing.
    func getBucketLocation(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let bucket = try await describe(call)
        var xml = XMLWriter(result: "LocationConstraint")
        if bucket.region != "us-east-1" { xml.text(bucket.region) }
        xml.end("LocationConstraint")
        return S3Reply(xml: xml)
    }

    /// The bucket of a request: it exists, and the caller may know of it.
    func describe(_ call: S3Call) async throws(S3WireError) -> BucketDescription {
        try await calling { () async throws(S3Error) in
            try await service.headBucket(call.bucket, call.context)
        }
    }

    /// The three operations on a bucket's tags.
    func bucketTagging(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        switch call.operation {
        case .putBucketTagging:
            let tags = try await TaggingDocument.read(self, call)
            try await calling { () async throws(S3Error) in
                try await service.putBucketTagging(call.bucket, tags: tags, call.context)
            }
            return S3Reply(.noContent)
        case .deleteBucketTagging:
            try await calling { () async throws(S3Error) in
                try await service.deleteBucketTagging(call.bucket, call.context)
            }
            return S3Reply(.noContent)
        default:
            let tags = try await calling { () async throws(S3Error) in
                try await service.getBucketTagging(call.bucket, call.context)
            }
            return S3Reply(xml: TaggingDocument.write(tags))
        }
    }

    /// The three operations on an object's tags.
    func objectTagging(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let key = try call.key()
        let version = try call.versionID()
        switch call.operation {
        case .putObjectTagging:
            let tags = try await TaggingDocument.read(self, call)
            try await calling { () async throws(S3Error) in
                try await service.putObjectTagging(
                    bucket: call.bucket, key: key, versionID: version, tags: tags, call.context)
            }
            return S3Reply()
        case .deleteObjectTagging:
            try await calling { () async throws(S3Error) in
                try await service.deleteObjectTagging(
                    bucket: call.bucket, key: key, versionID: version, call.context)
            }
            return S3Reply(.noContent)
        default:
            let tags = try await calling { () async throws(S3Error) in
                try await service.getObjectTagging(
                    bucket: call.bucket, key: key, versionID: version, call.context)
            }
            return S3Reply(xml: TaggingDocument.write(tags))
        }
    }
}
