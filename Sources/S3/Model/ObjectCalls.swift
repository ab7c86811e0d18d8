package import LabClock
package import NIOCore

/// PutObject.
package struct PutObjectInput: Sendable {
    package var bucket: String
    package var key: ObjectKey
    package var metadata = ObjectMetadata()
    package var tags: [Tag] = []
    package var conditions = WriteConditions()
    package var checks = BodyChecks()
    /// `x-amz-storage-class`; nil is STANDARD.
    package var storageClass: String?

    package init(bucket: String, key: ObjectKey) {
        self.bucket = bucket
        self.key = key
    }
}

/// What a write made: PutObject.
package struct PutObjectOutput: Sendable {
    package var etag: ETag
    package var size: UInt64
    package var checksum: Checksum
    package var lastModified: LabTime
}

/// GetObject and HeadObject.
package struct GetObjectInput: Sendable {
    package var bucket: String
    package var key: ObjectKey
    /// `null` names the object; anything else does not exist in a bucket without versions.
    package var versionID: String?
    package var range: ByteRange?
    package var partNumber: Int?
    package var conditions = ReadConditions()

    package init(bucket: String, key: ObjectKey) {
        self.bucket = bucket
        self.key = key
    }
}

/// What HeadObject answers, and GetObject beside the bytes.
package struct ReadObjectOutput: Sendable {
    package var object: ObjectDescription
    /// Set when a part of the object is answered (206).
    package var range: ResolvedRange?
    /// Bytes of the answer's body.
    package var contentLength: UInt64
    /// What may be sent as `x-amz-checksum-…` with this answer: the object's for the whole object, the part's for a
    /// `partNumber`, nil for a range.
    package var checksum: Checksum?
    /// `x-amz-mp-parts-count`: set only for a `partNumber` of a multipart object.
    package var partsCount: Int?
}

/// GetObject.
package struct GetObjectOutput: Sendable {
    package var read: ReadObjectOutput
    package var body: ObjectBody
}

/// The bytes of a GetObject.
package enum ObjectBody: Sendable {
    /// All bytes, already read and verified: every answer up to 256 KiB.
    case whole(ByteBuffer)
    /// More: pulled piece by piece. Overwriting or deleting the object does not disturb it.
    case stream(ObjectReader)
}

/// DeleteObject.
package struct DeleteObjectInput: Sendable {
    package var bucket: String
    package var key: ObjectKey
    package var versionID: String?
    package var conditions = DeleteConditions()

    package init(bucket: String, key: ObjectKey) {
        self.bucket = bucket
        self.key = key
    }
}

/// DeleteObjects.
package struct DeleteObjectsInput: Sendable {
    /// One key of the batch. The key is unchecked text: a bad one is its own error in the answer.
    package struct Entry: Sendable {
        package var key: [UInt8]
        package var versionID: String?
        package var conditions: DeleteConditions

        package init(key: [UInt8], versionID: String? = nil, conditions: DeleteConditions = DeleteConditions()) {
            self.key = key
            self.versionID = versionID
            self.conditions = conditions
        }
    }

    package var bucket: String
    package var entries: [Entry]

    package init(bucket: String, entries: [Entry]) {
        self.bucket = bucket
        self.entries = entries
    }
}

/// What became of each key of a DeleteObjects, in the order asked.
package struct DeleteObjectsOutput: Sendable {
    package struct Outcome: Sendable {
        package var entry: DeleteObjectsInput.Entry
        /// Nil: deleted, or was not there.
        package var error: S3Error?
    }

    package var outcomes: [Outcome]
}

/// Where a copy comes from.
package struct CopySource: Sendable {
    package var bucket: String
    package var key: ObjectKey
    package var versionID: String?
    /// `x-amz-copy-source-if-…`.
    package var conditions: ReadConditions

    package init(
        bucket: String, key: ObjectKey, versionID: String? = nil, conditions: ReadConditions = ReadConditions()
    ) {
        self.bucket = bucket
        self.key = key
        self.versionID = versionID
        self.conditions = conditions
    }
}

/// CopyObject.
package struct CopyObjectInput: Sendable {
    package var bucket: String
    package var key: ObjectKey
    package var source: CopySource
    /// Set for the directive REPLACE; nil copies the source's.
    package var metadata: ObjectMetadata?
    /// Set for the tagging directive REPLACE; nil copies the source's.
    package var tags: [Tag]?
    package var storageClass: String?
    /// `x-amz-checksum-algorithm`: recomputed when the source has another.
    package var checksumAlgorithm: ChecksumAlgorithm?
    package var conditions = WriteConditions()

    package init(bucket: String, key: ObjectKey, source: CopySource) {
        self.bucket = bucket
        self.key = key
        self.source = source
    }
}

/// CopyObject and UploadPartCopy.
package struct CopyOutput: Sendable {
    package var etag: ETag
    package var lastModified: LabTime
    package var checksum: Checksum
}

/// GetObjectAttributes.
package struct GetObjectAttributesInput: Sendable {
    package var bucket: String
    package var key: ObjectKey
    package var versionID: String?
    /// Clamped to 1,000; nil is 1,000.
    package var maxParts: Int?
    package var partNumberMarker: Int?

    package init(bucket: String, key: ObjectKey) {
        self.bucket = bucket
        self.key = key
    }
}

/// All attributes; the wire sends those that were asked for.
package struct GetObjectAttributesOutput: Sendable {
    package struct Part: Sendable {
        package var number: Int
        package var size: UInt64
        package var checksum: Checksum?
    }

    /// `ObjectParts`, for multipart objects only.
    package struct Parts: Sendable {
        package var total: Int
        package var partNumberMarker: Int
        package var nextPartNumberMarker: Int
        package var maxParts: Int
        package var isTruncated: Bool
        /// Empty for objects uploaded without a declared checksum algorithm, as at AWS.
        package var parts: [Part]
    }

    package var object: ObjectDescription
    package var parts: Parts?
}
