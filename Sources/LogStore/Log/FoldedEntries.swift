internal import Bytes

/// A commit names each key once: all its entries carry one sequence number, so two of one key could not be told apart.
extension WriteBatch {
    /// Up to this many entries, comparing each with each is cheaper than hashing them.
    private static let pairwiseMax = 16

    private struct Place: Hashable {
        var keyspace: Keyspace
        var key: [UInt8]
    }

    /// The entries with all mutations of one key made into one. Keys with a stamp are known only later, and are taken
    /// for different ones.
    var foldedEntries: [Entry] {
        guard entries.count > 1 else { return entries }
        if entries.count <= Self.pairwiseMax, !hasRepeatedKey { return entries }
        var folded: [Entry] = []
        folded.reserveCapacity(entries.count)
        var places: [Place: Int] = [:]
        for entry in entries {
            guard entry.keyStampOffset == nil else {
                folded.append(entry)
                continue
            }
            let place = Place(keyspace: entry.keyspace, key: entry.key)
            if let index = places[place] {
                folded[index] = Self.entry(folded[index], then: entry)
            } else {
                places[place] = folded.count
                folded.append(entry)
            }
        }
        return folded
    }

    private var hasRepeatedKey: Bool {
        for (index, entry) in entries.enumerated() where entry.keyStampOffset == nil {
            for other in entries[..<index]
            where other.keyspace == entry.keyspace && other.keyStampOffset == nil && other.key == entry.key {
                return true
            }
        }
        return false
    }

    /// What two mutations of one key come to.
    private static func entry(_ first: Entry, then second: Entry) -> Entry {
        guard case .add(let delta) = second.operation else { return second }
        var sum = first
        switch first.operation {
        case .add(let earlier): sum.operation = .add(earlier &+ delta)
        case .delete: sum.operation = .put(counter(delta))
        case .put(let value):
            precondition(value.head.count == 8, "an add stands over a counter")
            sum.operation = .put(counter(value.head.withUnsafeBytes { $0.counterDelta } &+ delta))
        }
        return sum
    }

    private static func counter(_ value: Int64) -> StoredValue {
        var head: [UInt8] = []
        head.appendLittleEndian(value)
        return StoredValue(head: head)
    }
}
