/// Numbers of the wire.
package enum DynamoDBWireLimits {
    /// A request's body, as sent and expanded. (AWS: 16 MB, of a BatchWriteItem.)
    package static let bodyBytesMax = 16 << 20

    /// The shortest answer that is compressed for clients that take it. (AWS's.)
    package static let compressedBytesMin = 4096
}
