import Bytes
import LogStore

/// The keys of the history keyspace: a table's item keys, each with the commit that superseded what the value holds.
enum HistoryKeys {
    static func table(_ id: UInt64) -> [UInt8] { DynamoDBKeys.items(id) }

    /// Behind an item's key.
    static let stampSize = 8
}

extension Table {
    /// Keeps what an item was before a change: an empty value for no item.
    func appendHistory(_ change: ItemChange, to batch: inout WriteBatch) {
        let key = change.place.key + [UInt8](repeating: 0, count: HistoryKeys.stampSize)
        batch.put(.history, key, StoredValue(head: change.old ?? []), keyStampOffset: change.place.key.count)
    }
}
