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
    /// moment; one that is read so slowly, or on so full a disk, that the store gives its snapshot up, goes on with a
    /// new one.
    func readPage(
        _ request: PageRequest, _ body: (ItemView) -> Void
    ) async throws(DynamoDBError) -> PageOutcome {
        var outcome = PageOutcome()
        var last: [UInt8]?
        while true {
            do throws(StoreError) {
                try await readOn(request, behind: &last, &outcome, body)
                return outcome
            } catch {
                if error != .tooOld { throw .store(error) }
            }
        }
    }

    /// The same of one snapshot.
    ///
    /// - Parameter last: the key of the last entry that was looked at.
    private func readOn(
        _ request: PageRequest, behind last: inout [UInt8]?, _ outcome: inout PageOutcome, _ body: (ItemView) -> Void
    ) async throws(StoreError) {
        let target = request.target
        var range = request.range
        if let last { range.start(behind: last) }
        let snapshot = store.snapshot()
        let cursor = store.cursor(target.keyspace, lower: range.lower, upper: range.upper, at: snapshot)
        if !range.isForward { cursor.seekToLast() }
        while let entry = try await range.isForward ? cursor.next() : cursor.previous() {
            var item = entry.value.head
            if request.fetchesItems {
                item = try await fetched(item, in: target.table, at: snapshot)
                outcome.fetchedUnits += Int(CapacityUnits.read(bytes: item.reading { ItemView($0).size }, .strong))
            }
            last = entry.key
            outcome.scanned += 1
            outcome.bytes += entry.value.head.reading { ItemView($0).size }
            let filtered = request.filtersEntries ? entry.value.head : item
            if filtered.reading({ request.filter?.holds(of: ItemView($0)) ?? true }) {
                outcome.count += 1
                item.reading { body(ItemView($0)) }
            }
            if outcome.scanned == request.limit || outcome.bytes >= DynamoDBLimits.pageBytesMax {
                outcome.lastKey = entry.value.head.reading { target.pageKey(of: ItemView($0)) }
                return
            }
        }
    }

    /// The whole item of an index's entry. The entry itself where a delayed index is ahead of the table's deletes.
    private func fetched(
        _ entry: [UInt8], in table: Table, at snapshot: Snapshot
    ) async throws(StoreError) -> [UInt8] {
        let place = entry.reading { table.itemKey(of: ItemView($0)) }
        return try await store.get(.items, place.key, at: snapshot)?.head ?? entry
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
