import Bytes
import LogStore

/// A table as it was below a commit, readable beside writes for as long as its history is kept.
///
/// An item was what its first history entry at or above the bound says, or, without one, what it is now. Both sides are
/// walked at one snapshot, and since the answer is the same at every later one, a walk goes on at another whenever the
/// engine gives one up.
struct PastState: Sendable {
    let tableID: UInt64
    /// Commits below it have happened, the others have not.
    let bound: UInt64

    /// An item, and where it lay.
    struct Item: Sendable {
        let key: [UInt8]
        let image: [UInt8]
    }

    /// A part of the items, in the order of their keys.
    struct Piece: Sendable {
        var items: [Item] = []
        /// Where the next piece begins; nil behind the last.
        var next: [UInt8]?
    }

    /// The items from a position on, until there are so many, or so many bytes of them, or keys were looked at without
    /// finding any.
    ///
    /// - Parameters:
    ///   - start: nil for the first.
    ///   - countMax: of keys looked at.
    func piece(
        from start: [UInt8]?, countMax: Int, bytesMax: Int, _ store: LogStore
    ) async throws(DynamoDBError) -> Piece {
        while true {
            do throws(StoreError) {
                return try await read(from: start, countMax, bytesMax, store)
            } catch {
                // Held too long: as good at a new snapshot.
                if error != .tooOld { throw .store(error) }
            }
        }
    }

    private func read(
        from start: [UInt8]?, _ countMax: Int, _ bytesMax: Int, _ store: LogStore
    ) async throws(StoreError) -> Piece {
        let prefix = DynamoDBKeys.items(tableID)
        let snapshot = store.snapshot()
        let upper = OrderedKey.end(ofPrefix: prefix)
        let items = store.cursor(.items, lower: start ?? prefix, upper: upper, at: snapshot)
        let history = store.cursor(.history, lower: start ?? prefix, upper: upper, at: snapshot)
        var piece = Piece()
        var bytes = 0
        var count = 0
        var item = try await items.next()
        var entry = try await history.next()
        while item != nil || entry != nil {
            let position: [UInt8]
            var image: [UInt8]?
            let changed = entry.map { HistoryKeys.read($0.key).item }
            if let changed, item.map({ !$0.key.lexicographicallyPrecedes(changed) }) ?? true {
                position = changed
                if item?.key == changed {
                    image = item?.value.head
                    item = try await items.next()
                }
                if let old = try await oldImage(of: changed, &entry, history) { image = old.isEmpty ? nil : old }
            } else if let present = item {
                position = present.key
                image = present.value.head
                item = try await items.next()
            } else {
                break
            }
            count += 1
            if let image {
                piece.items.append(Item(key: position, image: image))
                bytes += image.count
            }
            if count == countMax || bytes >= bytesMax {
                if item != nil || entry != nil { piece.next = position + HistoryKeys.end }
                break
            }
        }
        return piece
    }

    /// The image of an item's first history entry at or above the bound; nil when there is none. Leaves `entry` at the
    /// next item's.
    private func oldImage(
        of item: [UInt8], _ entry: inout Cursor.Entry?, _ history: Cursor
    ) async throws(StoreError) -> [UInt8]? {
        var found: [UInt8]?
        var steps = 0
        while let present = entry, present.key.starts(with: item) {
            if found == nil, HistoryKeys.read(present.key).stamp >= bound { found = present.value.head }
            steps += 1
            if steps == HistoryKeys.stepsMax {
                history.seek(found == nil ? HistoryKeys.key(item, stamp: bound) : item + HistoryKeys.end)
                steps = 0
            }
            entry = try await history.next()
        }
        return found
    }
}
