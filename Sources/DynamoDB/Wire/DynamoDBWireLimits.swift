/// Numbers of the wire.
package enum DynamoDBWireLimits {
    /// A request's body, as sent and expanded. (AWS: 16 MB, of a BatchWriteItem.)
    package static let bodyBytesMax = 16 << 20

    /// The longest body that is dealt with on the connection's event loop: its digest, its JSON and its commit keep the
    /// other connections of the loop waiting for about a millisecond. (Of 16 MB it would be a hundred.)
    package static let loopBytesMax = 256 << 10

    /// The longest answer that is compressed on the connection's event loop: that takes two milliseconds.
    package static let compressedOnLoopBytesMax = 32 << 10

    /// What is written at once of an answer above `loopBytesMax`: a tenth of a millisecond's work.
    package static let pieceBytes = 256 << 10

    /// The shortest answer that is compressed for clients that take it. (AWS's.)
    package static let compressedBytesMin = 4096
}
