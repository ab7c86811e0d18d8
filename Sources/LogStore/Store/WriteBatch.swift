/// The mutations of one commit, applied all or none, in order.
package struct WriteBatch: Sendable {
    package enum Operation: Sendable {
        case put(StoredValue)
        case delete
        /// Adds to a signed 64-bit counter that starts at 0. Commutes: never a conflict. The key must hold nothing
        /// else.
        case add(Int64)
        /// Deletes all keys from the entry's key up to and without this one.
        case deleteRange(upper: [UInt8])
    }

    /// A key of the batch. With a stamp, the pipeline overwrites eight bytes at `stampOffset` with the commit's
    /// sequence number, big-endian.
    package struct Entry: Sendable {
        package var keyspace: Keyspace
        package var key: [UInt8]
        package var operation: Operation
        package var keyStampOffset: Int?
        package var headStampOffset: Int?
    }

    package private(set) var entries: [Entry] = []

    /// Whether there is a range delete among them.
    private(set) var hasRangeDeletes = false

    /// What `LogStore.restoreCount` was when what the batch rests on was read; nil when it rests on nothing. Restored
    /// since, the store does not take it: `.restored`. Transactions and updates know by themselves what they have read,
    /// and need this only for what their caller read before.
    package var restoreCount: Int?

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    /// Writes a value. A stamp offset names eight bytes of the key or of the head which the pipeline fills in with the
    /// commit's sequence number, big-endian: ids that are unique and ordered without being read first.
    package mutating func put(
        _ keyspace: Keyspace, _ key: [UInt8], _ value: StoredValue,
        keyStampOffset: Int? = nil, headStampOffset: Int? = nil
    ) {
        entries.append(
            Entry(
                keyspace: keyspace, key: key, operation: .put(value),
                keyStampOffset: keyStampOffset, headStampOffset: headStampOffset))
    }

    package mutating func delete(_ keyspace: Keyspace, _ key: [UInt8]) {
        entries.append(
            Entry(keyspace: keyspace, key: key, operation: .delete, keyStampOffset: nil, headStampOffset: nil))
    }

    /// Deletes every key from `lower` up to and without `upper`, those that this batch has written before included;
    /// what it writes later stays. One entry in the log, however many keys there are. A range without keys is ignored.
    package mutating func deleteRange(_ keyspace: Keyspace, from lower: [UInt8], to upper: [UInt8]) {
        guard precedes(lower, upper) else { return }
        hasRangeDeletes = true
        entries.append(
            Entry(
                keyspace: keyspace, key: lower, operation: .deleteRange(upper: upper), keyStampOffset: nil,
                headStampOffset: nil))
    }

    /// Adds to a counter.
    package mutating func add(_ keyspace: Keyspace, _ key: [UInt8], _ delta: Int64) {
        if let (index, earlier) = recentAdd(keyspace, key) {
            entries[index].operation = .add(earlier &+ delta)
            return
        }
        entries.append(
            Entry(keyspace: keyspace, key: key, operation: .add(delta), keyStampOffset: nil, headStampOffset: nil))
    }

    /// How many entries `add` looks back at. Whoever writes many things in one batch counts each of them in the same
    /// few counters, and behind each.
    private static let addsLookedBack = 16

    /// An earlier addition to a counter that nothing has touched since.
    private func recentAdd(_ keyspace: Keyspace, _ key: [UInt8]) -> (index: Int, delta: Int64)? {
        for index in entries.indices.suffix(Self.addsLookedBack).reversed() {
            switch entries[index].operation {
            case .deleteRange: return nil
            case .add(let delta):
                if entries[index].keyspace == keyspace, entries[index].key == key { return (index, delta) }
            case .put, .delete:
                if entries[index].keyspace == keyspace, entries[index].key == key { return nil }
            }
        }
        return nil
    }
}
