internal import DynamoDB
private import NIOCore
internal import S3

/// The objects that DynamoDB exports to and imports from: those of our own S3, called without HTTP, as the account that
/// asked for the export or import.
struct S3Objects: ObjectStorage {
    let service: S3Service

    func put(_ object: ObjectAddress, _ bytes: [UInt8]) async throws(ObjectStorageError) {
        do throws(S3Error) {
            let input = PutObjectInput(bucket: object.bucket.name, key: try ObjectKey(object.key))
            _ = try await service.putObject(
                input, body: BufferSource(ByteBuffer(bytes: bytes)), Self.context(object.bucket))
        } catch {
            throw Self.refusal(error)
        }
    }

    func read(
        _ object: ObjectAddress, version: String, from offset: UInt64, count: Int
    ) async throws(ObjectStorageError) -> [UInt8] {
        guard count > 0 else { return [] }
        do throws(S3Error) {
            var input = GetObjectInput(bucket: object.bucket.name, key: try ObjectKey(object.key))
            input.range = .bounded(first: offset, last: offset + UInt64(count) - 1)
            input.conditions = ReadConditions(ifMatch: .tags([version]))
            switch try await service.getObject(input, Self.context(object.bucket)).body {
            case .whole(let buffer): return Array(buffer.readableBytesView)
            case .stream(let reader):
                var bytes: [UInt8] = []
                while let piece = try await reader.next() { bytes += piece.readableBytesView }
                return bytes
            }
        } catch {
            // Behind the object's end.
            if case .invalidRange = error { return [] }
            throw Self.refusal(error)
        }
    }

    func list(
        _ bucket: BucketAddress, prefix: String, after marker: String?, limit: Int
    ) async throws(ObjectStorageError) -> [StoredObject] {
        var input = ListObjectsV2Input(bucket: bucket.name)
        input.prefix = Array(prefix.utf8)
        input.startAfter = Array((marker ?? "").utf8)
        input.maxKeys = limit
        do throws(S3Error) {
            return try await service.listObjectsV2(input, Self.context(bucket)).objects.map {
                StoredObject(
                    key: String(decoding: $0.key, as: UTF8.self), size: $0.size, version: $0.etag.description)
            }
        } catch {
            throw Self.refusal(error)
        }
    }

    private static func context(_ bucket: BucketAddress) -> S3.CallContext {
        S3.CallContext(
            accountID: bucket.account, region: bucket.region, expectedBucketOwner: bucket.expectedOwner)
    }

    private static func refusal(_ error: S3Error) -> ObjectStorageError {
        switch error {
        case .noSuchBucket, .invalidBucketName: .noSuchBucket
        case .noSuchKey: .noSuchKey
        case .accessDenied: .accessDenied
        case .preconditionFailed: .changed
        default: .failed("\(error)")
        }
    }
}
