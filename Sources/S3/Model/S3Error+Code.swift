import LogStore

extension S3Error {
    /// AWS's code; nil for `source`, whose error has its own.
    package var code: String? {
        switch self {
        case .noSuchBucket: "NoSuchBucket"
        case .bucketAlreadyExists: "BucketAlreadyExists"
        case .bucketAlreadyOwnedByYou: "BucketAlreadyOwnedByYou"
        case .bucketNotEmpty: "BucketNotEmpty"
        case .invalidBucketName: "InvalidBucketName"
        case .tooManyBuckets: "TooManyBuckets"
        case .invalidLocationConstraint: "InvalidLocationConstraint"
        case .illegalLocationConstraint: "IllegalLocationConstraintException"
        case .noSuchTagSet: "NoSuchTagSet"
        case .operationAborted: "OperationAborted"
        case .noSuchKey: "NoSuchKey"
        case .invalidURI: "InvalidURI"
        case .keyTooLong: "KeyTooLongError"
        case .metadataTooLarge: "MetadataTooLarge"
        case .entityTooLarge: "EntityTooLarge"
        case .invalidTag: "InvalidTag"
        case .tooManyTags: "BadRequest"
        case .invalidStorageClass: "InvalidStorageClass"
        case .invalidRange: "InvalidRange"
        case .invalidPartNumber: "InvalidPartNumber"
        case .preconditionFailed: "PreconditionFailed"
        case .notModified: "NotModified"
        case .incompleteBody: "IncompleteBody"
        case .missingContentLength: "MissingContentLength"
        case .badDigest, .badChecksum: "BadDigest"
        case .invalidChecksum, .unsupportedChecksum, .invalidRequest: "InvalidRequest"
        case .noSuchUpload: "NoSuchUpload"
        case .invalidPart: "InvalidPart"
        case .invalidPartOrder: "InvalidPartOrder"
        case .entityTooSmall: "EntityTooSmall"
        case .accessDenied: "AccessDenied"
        case .invalidArgument: "InvalidArgument"
        case .malformedXML: "MalformedXML"
        case .notImplemented: "NotImplemented"
        case .source: nil
        case .store(.noSpace): "InsufficientStorage"
        case .store(.restored), .store(.tooOld): "ServiceUnavailable"
        case .store, .damagedRecord: "InternalError"
        }
    }

    /// The message where it depends on the occasion; nil: the catalogue's standard message of the code.
    package var message: String? {
        switch self {
        case .invalidTag(let message), .invalidArgument(_, _, let message), .invalidRequest(let message): message
        case .badChecksum(let algorithm): "The \(algorithm) you specified did not match the calculated checksum."
        case .invalidChecksum(let algorithm):
            "Value for x-amz-checksum-\(algorithm.lowercased()) header is invalid."
        case .unsupportedChecksum(let algorithm): "Checksum algorithm \(algorithm) is not supported."
        case .tooManyTags(let max):
            "\(max == S3Limits.objectTagsMax ? "Object" : "Bucket") tags cannot be greater than \(max)"
        case .notImplemented(let what): "A request that you sent implies functionality that is not implemented: \(what)"
        case .illegalLocationConstraint(let constraint):
            "The \(constraint) location constraint is incompatible for the region specific endpoint "
                + "this request was sent to."
        default: nil
        }
    }
}
