import AWSWire
import Bytes
import LabClock
import LogStore
import NIOHTTP1

extension S3WireError {
    /// What the semantics refused, as the wire tells it: AWS's code and the details that its documents carry.
    ///
    /// `notModified` becomes a 304 with its headers, which is sent without a document.
    package init(_ error: S3Error) {
        switch error {
        case .source(let inner):
            self = (inner as? S3WireError) ?? (inner as? AWSError).map(S3WireError.init) ?? .unexplained
        case .notModified(let etag, let lastModified):
            self.init(AWSError(code: "NotModified", status: .notModified, message: ""))
            headers = [
                ("ETag", etag.quoted),
                ("Last-Modified", lastModified.httpDate),
            ]
        default:
            let code = error.code.flatMap(S3ErrorCode.init(rawValue:)) ?? .internalError
            self.init(code, Self.message(of: error))
            self.error.fields = Self.fields(of: error)
            if case .invalidRange(_, let size) = error { headers = [("Content-Range", "bytes */\(size)")] }
        }
    }

    private static let unexplained = S3WireError(.internalError)

    private static func message(of error: S3Error) -> String? {
        switch error {
        case .damagedRecord(let what): "A stored record is damaged: \(what)"
        case .store(let store): message(of: store)
        default: error.message
        }
    }

    private static func fields(of error: S3Error) -> [AWSError.Field] {
        func list(_ pairs: (String, String)...) -> [AWSError.Field] { pairs.map { .init($0.0, $0.1) } }
        switch error {
        case .noSuchBucket(let name), .bucketAlreadyExists(let name), .bucketAlreadyOwnedByYou(let name),
            .bucketNotEmpty(let name), .invalidBucketName(let name), .noSuchTagSet(let name):
            return list(("BucketName", name))
        case .invalidLocationConstraint(let region): return list(("LocationConstraint", region))
        case .noSuchKey(let key): return list(("Key", key.description))
        // A key that cannot be may hold what XML cannot.
        case .invalidURI(let uri): return list(("URI", URLCoding.encode(uri, preservingSlash: true)))
        case .keyTooLong(let size, let most): return list(("Size", "\(size)"), ("MaxSizeAllowed", "\(most)"))
        case .metadataTooLarge(let size, let most): return list(("Size", "\(size)"), ("MaxSizeAllowed", "\(most)"))
        case .entityTooLarge(let size, let most):
            return list(("ProposedSize", "\(size)"), ("MaxSizeAllowed", "\(most)"))
        case .invalidStorageClass(let name): return list(("StorageClassRequested", name))
        case .invalidRange(let requested, let size):
            return list(("RangeRequested", requested), ("ActualObjectSize", "\(size)"))
        case .invalidPartNumber(let requested, let actual):
            return list(("PartNumberRequested", "\(requested)"), ("ActualPartCount", "\(actual)"))
        case .preconditionFailed(let condition): return list(("Condition", condition))
        case .incompleteBody(let expected, let received):
            return list(("NumberBytesExpected", "\(expected)"), ("NumberBytesProvided", "\(received)"))
        case .badDigest(let expected, let calculated):
            return list(
                ("ExpectedDigest", Base64.encode(expected)), ("CalculatedDigest", Base64.encode(calculated)))
        case .noSuchUpload(let id), .invalidPartOrder(let id): return list(("UploadId", id))
        case .invalidPart(let id, let number, let etag):
            return list(("UploadId", id), ("PartNumber", "\(number)"), ("ETag", etag))
        case .entityTooSmall(let size, let least, let number, let etag):
            return list(
                ("ProposedSize", "\(size)"), ("MinSizeAllowed", "\(least)"), ("PartNumber", "\(number)"),
                ("ETag", etag.description))
        case .invalidArgument(let name, let value, _): return list(("ArgumentName", name), ("ArgumentValue", value))
        default: return []
        }
    }

    /// What a failure of the engine is called: enough to act on, without the paths of the server.
    private static func message(of error: StoreError) -> String {
        switch error {
        case .noSpace: S3ErrorCode.insufficientStorage.message
        case .poisoned: "The store takes no writes since one failed. Reads go on; reopening the store recovers it."
        case .unknownOutcome: "The store failed while this request was committed: it may or may not have happened."
        case .damaged(let file, let offset, let what):
            "Stored bytes are damaged (\(what) in \(file) at \(offset)). Other objects are not affected."
        case .closed: "The server is shutting down."
        case .restored: "The store was restored to an earlier state meanwhile. Please try again."
        case .overLimit(let what): "A limit of the store was passed: \(what)"
        case .tooOld: "What this request was reading was replaced while it was slow. Please try again."
        case .locked, .unsupportedFormat, .conflict, .disk: S3ErrorCode.internalError.message
        }
    }
}
