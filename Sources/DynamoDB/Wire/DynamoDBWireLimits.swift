/// Numbers of the wire.
package enum DynamoDBWireLimits {
    /// A request's body, as sent and expanded. (AWS: 16 MB, of a BatchWriteItem.)
    package static let bodyBytesMax = 16 << 20

    /// The shortest answer that is compressed for clients that take it. (AWS compresses larger answers only, and does
    /// not say from where on; 4 KB is what its engineers have named.)
    package static let gzipBytesMin = 4096
}
