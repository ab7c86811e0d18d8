import Bytes
import LogStore

/// The items of a table that were changed between two of its states, and what they were then.
struct ChangedItems: Sendable {
    let tableID: UInt64
    /// The two states.
    let lower: UInt64
    let upper: UInt64

    /// An item that changed.
    struct Change: Sendable {
        /// Nil where there was, or is, no item.
        let old: [UInt8]?
        let new: [UInt8]?
        /// The last commit between the states that changed it, of those that are still known.
        let stamp: UInt64
    }

    /// Some of the changes, in the order of the items' keys.
    struct Piece: Sendable {
        var changes: [Change] = []
        /// Where the next piece begins; nil behind the last.
        var next: [UInt8]?
    }

    /// Changes from a position on, until so many items were looked at, or so many bytes found. Reads the table's
    /// history only, and the items in it.
    func piece(
        from start: [UInt8]?, countMax: Int, bytesMax: Int, _ store: LogStore
    ) async throws(DynamoDBError) -> Piece {
        while true {
            do throws(StoreError) {
                return try await read(from: start, countMax, bytesMax, store)
            } catch {
                if error != .tooOld { throw .store(error) }
            }
        }
    }

    /// What an item's history says of the two states.
    private struct Entries {
        /// The first at or above the lower bound: what the item was.
        var first: (stamp: UInt64, image: [UInt8])?
        /// The last commit below the upper bound.
        var last: UInt64 = 0
        /// The first at or above the upper bound: what the item became.
        var behind: [UInt8]?
    }

    private func read(
        from start: [UInt8]?, _ countMax: Int, _ bytesMax: Int, _ store: LogStore
    ) async throws(StoreError) -> Piece {
        let prefix = HistoryKeys.table(tableID)
        let snapshot = store.snapshot()
        let history = store.cursor(
            .history, lower: start ?? prefix, upper: OrderedKey.end(ofPrefix: prefix), at: snapshot)
        var piece = Piece()
        var (count, bytes) = (0, 0)
        var entry = try await history.next()
        while let present = entry {
            let item = HistoryKeys.read(present.key).item
            let entries = try await entries(of: item, &entry, history)
            count += 1
            if let first = entries.first, first.stamp < upper {
                var new = entries.behind
                if new == nil { new = try await store.get(.items, item, at: snapshot)?.head }
                let change = Change(
                    old: first.image.isEmpty ? nil : first.image, new: new?.isEmpty ?? true ? nil : new,
                    stamp: entries.last)
                // What came and went leaves nothing to tell.
                if change.old != nil || change.new != nil { piece.changes.append(change) }
                bytes += (change.old?.count ?? 0) + (change.new?.count ?? 0)
            }
            if count == countMax || bytes >= bytesMax {
                if entry != nil { piece.next = item + HistoryKeys.end }
                break
            }
        }
        return piece
    }

    /// Reads an item's entries, however many there are. Leaves `entry` at the next item's.
    private func entries(
        of item: [UInt8], _ entry: inout Cursor.Entry?, _ history: Cursor
    ) async throws(StoreError) -> Entries {
        var entries = Entries()
        var steps = 0
        while let present = entry, present.key.starts(with: item) {
            let stamp = HistoryKeys.read(present.key).stamp
            if stamp >= lower, entries.first == nil { entries.first = (stamp, present.value.head) }
            if stamp >= upper, entries.behind == nil { entries.behind = present.value.head }
            if stamp < upper { entries.last = stamp }
            steps += 1
            if steps == HistoryKeys.stepsMax {
                steps = 0
                if entries.first == nil {
                    history.seek(HistoryKeys.key(item, stamp: lower))
                } else if entries.behind == nil {
                    history.seek(HistoryKeys.key(item, stamp: upper))
                    // The last one below is wanted, too.
                    _ = try await history.previous()
                } else {
                    history.seek(item + HistoryKeys.end)
                }
            }
            entry = try await history.next()
        }
        return entries
    }
}
