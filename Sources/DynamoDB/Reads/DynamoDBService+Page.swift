import Expressions
import Items
import LogStore

/// What a page turned out to be.
struct PageOutcome {
    /// Items in the answer.
    var count = 0
    /// Items looked at.
    var scanned = 0
    /// Their bytes, as DynamoDB reckons them: in the table or the index that was read.
    var bytes = 0
    /// Units of items fetched from the table for entries of an index, each charged apart, as of a strong read.
    var fetchedUnits = 0
    /// Where the next page starts, as a key item; nil when there is nothing more.
    var lastKey: [UInt8]?
}

extension DynamoDBService {
    /// Reads one page and hands its items to `body`, already filtered but not projected.
    ///
    /// Ends when `limit` items were looked at, or with the one whose bytes make a page full. All of a page is of one
    /// moment.
    func readPage(
        _ request: PageRequest, _ body: (ItemView) -> Void
    ) async throws(DynamoDBError) -> PageOutcome {
        let target = request.target
        let snapshot = store.snapshot()
        let cursor = store.cursor(
            target.keyspace, lower: request.range.lower, upper: request.range.upper, at: snapshot)
        if !request.range.isForward { cursor.seekToLast() }
        var outcome = PageOutcome()
        while true {
            let entry: Cursor.Entry?
            do {
                entry = try await request.range.isForward ? cursor.next() : cursor.previous()
            } catch { throw .store(error) }
            guard let entry else { return outcome }
            var item = entry.value.head
            outcome.scanned += 1
            outcome.bytes += item.reading { ItemView($0).size }
            if request.fetchesItems {
                item = try await fetched(item, in: target.table, at: snapshot)
                outcome.fetchedUnits += Int(CapacityUnits.read(bytes: item.reading { ItemView($0).size }, .strong))
            }
            let filtered = request.filtersEntries ? entry.value.head : item
            if filtered.reading({ request.filter?.holds(of: ItemView($0)) ?? true }) {
                outcome.count += 1
                item.reading { body(ItemView($0)) }
            }
            if outcome.scanned == request.limit || outcome.bytes >= DynamoDBLimits.pageBytesMax {
                outcome.lastKey = entry.value.head.reading { target.pageKey(of: ItemView($0)) }
                return outcome
            }
        }
    }

    /// The whole item of an index's entry. The entry itself where a delayed index is ahead of the table's deletes.
    private func fetched(
        _ entry: [UInt8], in table: Table, at snapshot: Snapshot
    ) async throws(DynamoDBError) -> [UInt8] {
        let place = entry.reading { table.itemKey(of: ItemView($0)) }
        return try await read(.items, place.key, at: snapshot)?.head ?? entry
    }
}

extension ReadTarget {
    /// The start key of the page behind an item.
    func pageKey(of item: ItemView) -> [UInt8] {
        var builder = ValueBuilder(capacity: 128)
        var key = builder.beginItem()
        for attribute in pageKeyAttributes {
            guard let value = item[attribute.name] else { continue }
            builder.appendName(attribute.name, in: &key)
            builder.append(value)
        }
        guard let range = builder.endItem(key) else { preconditionFailure("A key has an attribute twice") }
        return builder.output.copyBytes(range)
    }
}
