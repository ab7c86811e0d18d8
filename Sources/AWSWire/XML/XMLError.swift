/// Why a request's document was refused. Services answer `MalformedXML` for all of them.
package enum XMLError: Error, Equatable, Sendable {
    /// Not well-formed; `offset` is the byte where that shows.
    case malformed(offset: Int)
    /// A document type, or an entity other than the five of XML itself: refused, since both can make small documents
    /// huge.
    case forbidden(offset: Int)
    /// More elements inside each other than `XMLLimits.depthMax`.
    case tooDeep
    /// More bytes than `XMLLimits.byteCountMax`.
    case tooLarge
}

/// What a request's document may be.
package struct XMLLimits: Sendable {
    /// The largest body that AWS takes, CompleteMultipartUpload with 10,000 parts and checksums, is under 3 MB.
    package var byteCountMax = 4 << 20
    /// The deepest of S3's bodies, bucket notification and replication, are below ten.
    package var depthMax = 32

    package init() {}
}
