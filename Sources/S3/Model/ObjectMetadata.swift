package import LabClock

/// What the writer says about an object besides its bytes.
package struct ObjectMetadata: Sendable, Hashable {
    /// Nil: `binary/octet-stream` is answered.
    package var contentType: String?
    package var cacheControl: String?
    package var contentDisposition: String?
    /// Without `aws-chunked`, which is the transfer's and stripped by the wire.
    package var contentEncoding: String?
    package var contentLanguage: String?
    /// Kept and answered as sent.
    package var expires: String?
    /// `x-amz-meta-…`, names in lower case without the prefix, in the order sent; equal names joined with a comma by
    /// the wire.
    package var user: [UserMetadata] = []

    package init() {}
}

/// One `x-amz-meta-` header.
package struct UserMetadata: Sendable, Hashable {
    /// Lower case, without `x-amz-meta-`.
    package var name: String
    /// UTF-8, after RFC 2047 decoding where the header was encoded so.
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// What reads tell about an object.
package struct ObjectDescription: Sendable, Hashable {
    package var etag: ETag
    /// Bytes of the whole object.
    package var size: UInt64
    /// Milliseconds; the wire cuts to seconds.
    package var lastModified: LabTime
    package var metadata: ObjectMetadata
    package var tagCount: Int
    /// The object's checksum: every object has one.
    package var checksum: Checksum
    /// Parts of a multipart object, 0 otherwise.
    package var partCount: Int
}
