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

    /// Whether the commit ends more than the little that it writes: it removes a table, say, and notes that. On a full
    /// disk it is let in as deletes are.
    package var makesRoom = false

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    /// Writes a value. A stamp offset names eight bytes of the key or of the head which the pipeline fills in with the
    /// commit's sequence number, big-endian: ids that are unique and ordered without being read first.
    package mutating func put(
        _ keyspace: Keyspace, _ key: [UInt8], _ value: StoredValue,
        keyStampOffset: Int? = nil, headStampOffset: Int? = nil
    ) {
        forgetAdd(keyspace, key)
        entries.append(
            Entry(
                keyspace: keyspace, key: key, operation: .put(value),
                keyStampOffset: keyStampOffset, headStampOffset: headStampOffset))
    }

    package mutating func delete(_ keyspace: Keyspace, _ key: [UInt8]) {
        forgetAdd(keyspace, key)
        entries.append(
            Entry(keyspace: keyspace, key: key, operation: .delete, keyStampOffset: nil, headStampOffset: nil))
    }

    /// Deletes every key from `lower` up to and without `upper`, those that this batch has written before included;
    /// what it writes later stays. One entry in the log, however many keys there are. A range without keys is ignored.
    package mutating func deleteRange(_ keyspace: Keyspace, from lower: [UInt8], to upper: [UInt8]) {
        guard precedes(lower, upper) else { return }
        hasRangeDeletes = true
        recentAdds = []
        entries.append(
            Entry(
                keyspace: keyspace, key: lower, operation: .deleteRange(upper: upper), keyStampOffset: nil,
                headStampOffset: nil))
    }

    /// Adds to a counter.
    package mutating func add(_ keyspace: Keyspace, _ key: [UInt8], _ delta: Int64) {
        if let place = recentAdd(keyspace, key), case .add(let earlier) = entries[place].operation {
            entries[place].operation = .add(earlier &+ delta)
            return
        }
        if recentAdds.count == Self.recentAddsMax { recentAdds.removeFirst() }
        recentAdds.append(entries.count)
        entries.append(
            Entry(keyspace: keyspace, key: key, operation: .add(delta), keyStampOffset: nil, headStampOffset: nil))
    }

    /// Whoever writes many things in one batch counts each of them in the same few counters.
    private static let recentAddsMax = 16

    /// Places of the last additions, each to a counter that nothing else has touched since.
    private var recentAdds: [Int] = []

    private func recentAdd(_ keyspace: Keyspace, _ key: [UInt8]) -> Int? {
        recentAdds.last { entries[$0].keyspace == keyspace && entries[$0].key == key }
    }

    private mutating func forgetAdd(_ keyspace: Keyspace, _ key: [UInt8]) {
        guard let place = recentAdd(keyspace, key) else { return }
        recentAdds.removeAll { $0 == place }
    }
}
