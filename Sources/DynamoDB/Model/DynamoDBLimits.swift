/// DynamoDB's limits: those that its documentation states, unless said otherwise.
package enum DynamoDBLimits {
    /// Tables of one account in one region.
    package static let tablesMax = 2500
    package static let localIndexesMax = 5
    package static let globalIndexesMax = 20
    /// Attributes of one part of a global index's key.
    package static let indexKeyAttributesMax = 4
    /// Non-key attributes that all of a table's indexes together may project by name.
    package static let projectedNamesMax = 100
    package static let tagsMax = 50
    /// Bytes of items that a Query or Scan reads for one page.
    package static let pageBytesMax = 1 << 20
    package static let batchWritesMax = 25
    package static let batchReadsMax = 100
    /// Bytes of items that one BatchGetItem answers.
    package static let batchReadBytesMax = 16 << 20
    /// Bytes of a long answer after which others have its thread, for a moment. Ours.
    package static let pauseBytes = 256 << 10
    package static let transactionBytesMax = 4 << 20
    /// Bytes after which what may be several commits is: large enough to share a sync, small beside what a commit may
    /// have, so that one more item of any size fits in.
    static let pieceBytes = 4 << 20
    /// How long a transaction's idempotency token is remembered.
    package static let idempotencySeconds: Int64 = 600
    /// Bytes that a write unit pays for.
    package static let writeUnitBytes = 1024
    /// Bytes that a read unit pays for.
    package static let readUnitBytes = 4096
    /// Bytes of all items of one partition key, in a table with local indexes.
    package static let itemCollectionBytesMax = 10 << 30
    /// How far global indexes may be set to lag behind: a day of lab time, by our choice.
    package static let indexDelayMillisecondsMax: Int64 = 86_400_000
    /// How long time to live stays as it was set, in lab time.
    package static let timeToLiveChangeMilliseconds: Int64 = 3_600_000
    /// How far in the past a time to live may lie to be heeded: five years.
    package static let expiryAgeMilliseconds: Int64 = 5 * 365 * 86_400_000
    /// How long a stream keeps a record, and how long it stays after it was disabled, in lab time.
    package static let streamRetentionMilliseconds: Int64 = 86_400_000
    /// How long a shard iterator is good for, in lab time.
    package static let shardIteratorMilliseconds: Int64 = 900_000
    /// Streams that one ListStreams answers, and shards that one DescribeStream does.
    package static let streamsPageMax = 100
    /// Records that one GetRecords answers.
    package static let streamRecordsMax = 1000
    /// Bytes of records that one GetRecords answers, unless a single one has more.
    package static let streamRecordsBytesMax = 1 << 20
    /// Read units a second that a table on demand can take at once from the beginning. (AWS.)
    static let onDemandWarmReads = 12_000
    /// Write units a second, likewise. (AWS.)
    static let onDemandWarmWrites = 4_000
}
