package import LabClock

/// CreateMultipartUpload.
package struct CreateMultipartUploadInput: Sendable {
    package var bucket: String
    package var key: ObjectKey
    package var metadata = ObjectMetadata()
    package var tags: [Tag] = []
    package var storageClass: String?
    /// `x-amz-checksum-algorithm`; nil: none declared, a CRC64NVME of the whole is computed.
    package var checksumAlgorithm: ChecksumAlgorithm?
    /// `x-amz-checksum-type`; nil: the algorithm's default (COMPOSITE for CRC32, CRC32C, SHA1, SHA256, FULL_OBJECT for
    /// CRC64NVME).
    package var checksumType: ChecksumType?

    package init(bucket: String, key: ObjectKey) {
        self.bucket = bucket
        self.key = key
    }
}

/// CreateMultipartUpload.
package struct CreateMultipartUploadOutput: Sendable {
    /// Opaque, URL-safe, never reused.
    package var uploadID: String
    /// Nil when none was declared.
    package var checksumAlgorithm: ChecksumAlgorithm?
    package var checksumType: ChecksumType?
}

/// UploadPart.
package struct UploadPartInput: Sendable {
    package var bucket: String
    package var key: ObjectKey
    package var uploadID: String
    package var partNumber: Int
    package var checks = BodyChecks()

    package init(bucket: String, key: ObjectKey, uploadID: String, partNumber: Int) {
        self.bucket = bucket
        self.key = key
        self.uploadID = uploadID
        self.partNumber = partNumber
    }
}

/// UploadPart.
package struct UploadPartOutput: Sendable {
    package var etag: ETag
    package var size: UInt64
    /// In the upload's algorithm, when the upload or the part declared one.
    package var checksum: Checksum?
}

/// UploadPartCopy.
package struct UploadPartCopyInput: Sendable {
    package var bucket: String
    package var key: ObjectKey
    package var uploadID: String
    package var partNumber: Int
    package var source: CopySource
    /// `x-amz-copy-source-range` as sent: only `bytes=first-last` within the source is taken.
    package var sourceRange: String?

    package init(bucket: String, key: ObjectKey, uploadID: String, partNumber: Int, source: CopySource) {
        self.bucket = bucket
        self.key = key
        self.uploadID = uploadID
        self.partNumber = partNumber
        self.source = source
    }
}

/// ListParts.
package struct ListPartsInput: Sendable {
    package var bucket: String
    package var key: ObjectKey
    package var uploadID: String
    package var maxParts: Int = S3Limits.pageMax
    package var partNumberMarker: Int = 0

    package init(bucket: String, key: ObjectKey, uploadID: String) {
        self.bucket = bucket
        self.key = key
        self.uploadID = uploadID
    }
}

/// One part of an upload in progress.
package struct ListedPart: Sendable, Hashable {
    package var number: Int
    package var lastModified: LabTime
    package var etag: ETag
    package var size: UInt64
    /// Present when the upload declared an algorithm.
    package var checksum: Checksum?
}

/// One page of an upload's parts in the order of their numbers.
package struct ListPartsOutput: Sendable {
    package var parts: [ListedPart]
    package var maxParts: Int
    package var isTruncated: Bool
    package var partNumberMarker: Int
    /// The last number of this page, 0 when it is empty.
    package var nextPartNumberMarker: Int
    package var ownerAccountID: String
    package var initiatorAccountID: String
    package var checksumAlgorithm: ChecksumAlgorithm?
    package var checksumType: ChecksumType?
}

/// ListMultipartUploads.
package struct ListMultipartUploadsInput: Sendable {
    package var bucket: String
    package var prefix: [UInt8] = []
    package var delimiter: [UInt8] = []
    package var keyMarker: [UInt8] = []
    /// Ignored without a key marker, as at AWS.
    package var uploadIDMarker: String?
    package var maxUploads: Int = S3Limits.pageMax

    package init(bucket: String) { self.bucket = bucket }
}

/// One upload in progress.
package struct ListedUpload: Sendable, Hashable {
    package var key: [UInt8]
    package var uploadID: String
    package var initiated: LabTime
    package var initiatorAccountID: String
    package var checksumAlgorithm: ChecksumAlgorithm?
    package var checksumType: ChecksumType?
}

/// One page of uploads, by key, then by initiation.
package struct ListMultipartUploadsOutput: Sendable {
    package var uploads: [ListedUpload]
    package var commonPrefixes: [[UInt8]]
    package var maxUploads: Int
    package var isTruncated: Bool
    package var nextKeyMarker: [UInt8]?
    package var nextUploadIDMarker: String?
    package var ownerAccountID: String
}

/// CompleteMultipartUpload.
package struct CompleteMultipartUploadInput: Sendable {
    /// One `<Part>`.
    package struct Part: Sendable {
        package var number: Int
        /// As sent, quoted or bare.
        package var etag: String
        package var checksum: Checksum?

        package init(number: Int, etag: String, checksum: Checksum? = nil) {
            self.number = number
            self.etag = etag
            self.checksum = checksum
        }
    }

    package var bucket: String
    package var key: ObjectKey
    package var uploadID: String
    package var parts: [Part]
    package var conditions = WriteConditions()
    /// `x-amz-checksum-…` of the object to be made.
    package var checksum: Checksum?
    /// `x-amz-checksum-type`, which must be the upload's.
    package var checksumType: ChecksumType?
    /// `x-amz-mp-object-size`.
    package var objectSize: UInt64?

    package init(bucket: String, key: ObjectKey, uploadID: String, parts: [Part]) {
        self.bucket = bucket
        self.key = key
        self.uploadID = uploadID
        self.parts = parts
    }
}

/// CompleteMultipartUpload.
package struct CompleteMultipartUploadOutput: Sendable {
    package var etag: ETag
    package var checksum: Checksum
}

/// AbortMultipartUpload.
package struct AbortMultipartUploadInput: Sendable {
    package var bucket: String
    package var key: ObjectKey
    package var uploadID: String
    /// `x-amz-if-match-initiated-time`, for directory buckets at AWS: compared in whole seconds when sent.
    package var ifMatchInitiated: LabTime?

    package init(bucket: String, key: ObjectKey, uploadID: String) {
        self.bucket = bucket
        self.key = key
        self.uploadID = uploadID
    }
}
