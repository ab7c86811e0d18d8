import Bytes

/// The keys that DynamoDB's records lie under: see `docs/format/dynamodb-keys.md`.
enum DynamoDBKeys {
    // First bytes in the catalog keyspace; DynamoDB owns 0x20 to 0x3F.
    private static let tableByName: UInt8 = 0x20
    private static let tally: UInt8 = 0x21
    private static let tags: UInt8 = 0x22
    private static let partition: UInt8 = 0x23
    private static let transactionToken: UInt8 = 0x24
    private static let collectionSize: UInt8 = 0x25
    private static let stream: UInt8 = 0x26
    private static let shard: UInt8 = 0x27
    private static let trimPoint: UInt8 = 0x28
    private static let tableByID: UInt8 = 0x29

    /// Ends an account, a region or a name: none of them has a zero byte, so order and parsing are sound.
    /// Of exports and imports.
    private static let jobToken: UInt8 = 0x31
    private static let terminator: UInt8 = 0x00

    // MARK: Catalog

    /// Where the id of a table stands in keys of what belongs to it.
    static let tableIDOffset = 1

    /// The prefix of an account's tables in a region, which are in the order of their names.
    static func tables(account: String, region: String) -> [UInt8] {
        [tableByName] + account.utf8 + [terminator] + region.utf8 + [terminator]
    }

    static func table(_ name: TableName) -> [UInt8] {
        tables(account: name.account, region: name.region) + name.table.utf8
    }

    /// The prefix of all tables, of all accounts.
    static let allTables: [UInt8] = [tableByName]

    static func tags(_ tableID: UInt64) -> [UInt8] { catalog(tags, tableID) }

    /// What is counted of a table, or of an index.
    enum Tally: UInt8 {
        case items = 0
        case bytes = 1
    }

    /// - Parameter ordinal: 0 for the table itself.
    static func tally(_ tally: Tally, _ tableID: UInt64, _ ordinal: UInt16) -> [UInt8] {
        var key = catalog(self.tally, tableID)
        key.appendBigEndian(ordinal)
        key.append(tally.rawValue)
        return key
    }

    static func tallies(_ tableID: UInt64) -> [UInt8] { catalog(tally, tableID) }

    static func partitions(_ tableID: UInt64) -> [UInt8] { catalog(partition, tableID) }

    static func partition(_ tableID: UInt64, _ id: UInt64) -> [UInt8] {
        var key = catalog(partition, tableID)
        key.appendBigEndian(id)
        return key
    }

    /// The counter of the bytes of all items of one partition key.
    ///
    /// - Parameter partitionKey: hash and partition key, as in the items' keys.
    static func collectionSize(_ tableID: UInt64, _ partitionKey: ArraySlice<UInt8>) -> [UInt8] {
        catalog(collectionSize, tableID) + partitionKey
    }

    static func collectionSizes(_ tableID: UInt64) -> [UInt8] { catalog(collectionSize, tableID) }

    static func clientToken(_ kind: ClientToken.Kind, account: String, region: String, token: String) -> [UInt8] {
        let (first, behindRegion): (UInt8, [UInt8]) =
            switch kind {
            case .transaction: (transactionToken, [terminator])
            case .export: (jobToken, [terminator, 1])
            case .import: (jobToken, [terminator, 2])
            }
        return [first] + account.utf8 + [terminator] + region.utf8 + behindRegion + token.utf8
    }

    /// - Parameter id: of a table, or of a stream.
    private static func catalog(_ kind: UInt8, _ id: UInt64) -> [UInt8] {
        var key: [UInt8] = [kind]
        key.reserveCapacity(32)
        key.appendBigEndian(id)
        return key
    }

    // MARK: Streams and what is due

    /// The prefix of the streams of an account's tables in a region, by table, then by label.
    static func streams(account: String, region: String) -> [UInt8] {
        [stream] + account.utf8 + [terminator] + region.utf8 + [terminator]
    }

    /// The prefix of the streams that tables of one name have had, by age.
    static func streams(of table: TableName) -> [UInt8] {
        streams(account: table.account, region: table.region) + table.table.utf8 + [terminator]
    }

    static func stream(of table: TableName, label: String) -> [UInt8] { streams(of: table) + label.utf8 }

    /// The prefix of a stream's shards, by age.
    static func shards(_ streamID: UInt64) -> [UInt8] { catalog(shard, streamID) }

    static func shard(_ streamID: UInt64, _ partitionID: UInt64) -> [UInt8] {
        var key = shards(streamID)
        key.appendBigEndian(partitionID)
        return key
    }

    /// The prefix of how far a stream's shards are trimmed.
    static func trimPoints(_ streamID: UInt64) -> [UInt8] { catalog(trimPoint, streamID) }

    static func trimPoint(_ streamID: UInt64, _ partitionID: UInt64) -> [UInt8] {
        var key = trimPoints(streamID)
        key.appendBigEndian(partitionID)
        return key
    }

    /// The name of a table: what is due knows its id only.
    static func tableName(_ tableID: UInt64) -> [UInt8] { catalog(tableByID, tableID) }

    // MARK: Items and indexes

    /// The prefix of a table's items.
    static func items(_ tableID: UInt64) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(64)
        key.appendBigEndian(tableID)
        return key
    }

    /// Stands where an index's ordinal does, before changes of indexes that are still to be done.
    private static let pendingOrdinal: UInt16 = 0

    /// The prefix of all changes of a table's indexes that are still to be done.
    static func pendingChanges(_ tableID: UInt64) -> [UInt8] { index(tableID, pendingOrdinal) }

    /// The prefix of those that follow from one item's, by commit.
    ///
    /// - Parameter item: the item's key.
    static func pendingChanges(ofItem item: [UInt8]) -> [UInt8] {
        var key = Array(item.prefix(8))
        key.reserveCapacity(item.count + 10)
        key.appendBigEndian(pendingOrdinal)
        key.append(contentsOf: item.dropFirst(8))
        return key
    }

    /// The prefix of an index's entries.
    static func index(_ tableID: UInt64, _ ordinal: UInt16) -> [UInt8] {
        var key = items(tableID)
        key.appendBigEndian(ordinal)
        return key
    }
}
