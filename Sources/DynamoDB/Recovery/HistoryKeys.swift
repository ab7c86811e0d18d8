import Bytes
import LabClock
import LogStore

/// The keys of the history keyspace: see `docs/format/dynamodb-history.md`.
enum HistoryKeys {
    /// The prefix of a table's old items: item keys, each with the commit that superseded what the value holds.
    static func table(_ id: UInt64) -> [UInt8] { DynamoDBKeys.items(id) }

    /// Behind an item's key.
    static let stampSize = 8

    /// Entries of one item that are stepped over before a search goes straight to the right one.
    static let stepsMax = 4

    /// Above every stamp: behind it lies nothing of the same item.
    static let end = [UInt8](repeating: 0xFF, count: stampSize + 1)

    static func key(_ item: [UInt8], stamp: UInt64) -> [UInt8] {
        var key = item
        key.appendBigEndian(stamp)
        return key
    }

    /// Takes a key apart.
    static func read(_ key: [UInt8]) -> (item: [UInt8], stamp: UInt64) {
        (Array(key.dropLast(stampSize)), UInt64(bigEndianBytes: key.suffix(stampSize)))
    }

    /// The prefix of the seconds in which a table was written: behind all tables' old items, since ids are numbers of
    /// commits.
    static func seconds(_ id: UInt64) -> [UInt8] { DynamoDBKeys.items(id | 1 << 63) }

    /// - Parameter second: since 1970, possibly before.
    static func second(_ id: UInt64, _ second: Int64) -> [UInt8] {
        var key = seconds(id)
        key.appendBigEndian(UInt64(bitPattern: second) ^ 1 << 63)
        return key
    }

    /// The second of a key of `second`.
    static func readSecond(_ key: [UInt8]) -> Int64 { Int64(bitPattern: read(key).stamp ^ 1 << 63) }
}

extension Table {
    /// Keeps what an item was before a change: an empty value for no item.
    func appendHistory(_ change: ItemChange, to batch: inout WriteBatch) {
        batch.put(
            .history, HistoryKeys.key(change.place.key, stamp: 0), StoredValue(head: change.old ?? []),
            keyStampOffset: change.place.key.count)
    }
}

extension LabTime {
    /// The whole second that it lies in.
    var second: Int64 {
        let (quotient, remainder) = millisecondsSinceEpoch.quotientAndRemainder(dividingBy: 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
