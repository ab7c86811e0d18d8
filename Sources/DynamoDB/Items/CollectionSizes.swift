import Items
import LogStore

/// How large the item collections become that a request writes to: those of one partition key in a table with local
/// indexes, their entries included.
struct CollectionSizes {
    private var sizes: [[UInt8]: Int] = [:]

    /// Takes a write into account.
    ///
    /// - Throws: `ItemCollectionSizeLimitExceededException` when it grows a collection beyond its limit.
    mutating func add(
        _ cost: WriteCost, at place: ItemPlace, in table: Table, _ service: DynamoDBService
    ) async throws(DynamoDBError) {
        guard cost.collectionGrowth != 0 else { return }
        let key = table.collectionKey(of: place)
        let before = if let known = sizes[key] { known } else { try await service.count(.catalog, key) }
        sizes[key] = before + cost.collectionGrowth
        try service.checkCollection(before: before, growth: cost.collectionGrowth)
    }
}

extension DynamoDBService {
    /// - Throws: `ItemCollectionSizeLimitExceededException` when a collection would grow beyond its limit. What makes
    ///   it smaller, or leaves its size, is always allowed.
    func checkCollection(before: Int, growth: Int) throws(DynamoDBError) {
        if growth > 0, before + growth > itemCollectionBytesMax {
            throw DynamoDBError(.itemCollectionSizeLimitExceededException, "Item collection size limit exceeded.")
        }
    }

    /// The bytes of all items of an item's partition key, entries of local indexes included; nil in a table without
    /// local indexes, where nobody counts them.
    func collectionBytes(of place: ItemPlace, in table: Table) async throws(DynamoDBError) -> Int? {
        guard table.hasLocalIndexes else { return nil }
        return try await count(.catalog, table.collectionKey(of: place))
    }
}

extension Table {
    /// Where the size of an item's collection is kept.
    func collectionKey(of place: ItemPlace) -> [UInt8] {
        DynamoDBKeys.collectionSize(id, place.key[8..<collectionEnd(place.key)])
    }
}
