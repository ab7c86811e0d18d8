internal import Bytes

/// A commit names each key once: all its entries carry one sequence number, so two of one key could not be told apart.
extension WriteBatch {
    /// Up to this many entries, comparing each with each is cheaper than hashing them.
    private static let pairwiseMax = 16

    private struct Place: Hashable {
        var keyspace: Keyspace
        var key: [UInt8]

        /// All bytes at once: an array by itself is hashed byte by byte.
        func hash(into hasher: inout Hasher) {
            hasher.combine(keyspace)
            key.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    /// The entries with all mutations of one key made into one, and without those that a later range delete of the
    /// batch takes away. Range deletes come last, in order, disjoint: they hide nothing that has their own sequence.
    /// Keys with a stamp are known only later, and are taken for different ones.
    ///
    /// - Throws: `.overLimit`: too many range deletes, or one that begins or ends where a stamp is still to come.
    func foldedEntries() throws(StoreError) -> [Entry] {
        guard entries.count > 1 else { return entries }
        if !hasRangeDeletes, !hasRepeatedKey { return entries }
        var folded: [Entry?] = []
        folded.reserveCapacity(entries.count)
        var places: [Place: Int] = [:]
        var ranges: [Entry] = []
        for entry in entries {
            if case .deleteRange(let upper) = entry.operation {
                ranges.append(entry)
                for (index, earlier) in folded.enumerated() {
                    guard let earlier, earlier.keyspace == entry.keyspace,
                        try earlier.isDeleted(from: entry.key, to: upper)
                    else { continue }
                    folded[index] = nil
                    if earlier.keyStampOffset == nil {
                        places[Place(keyspace: earlier.keyspace, key: earlier.key)] = nil
                    }
                }
                continue
            }
            let place = Place(keyspace: entry.keyspace, key: entry.key)
            if entry.keyStampOffset == nil, let index = places[place], let first = folded[index] {
                folded[index] = Self.entry(first, then: entry)
                continue
            }
            if entry.keyStampOffset == nil { places[place] = folded.count }
            folded.append(entry)
        }
        guard ranges.count <= EngineLimits.rangeDeletesPerCommitMax else {
            throw .overLimit("a commit has at most \(EngineLimits.rangeDeletesPerCommitMax) range deletes")
        }
        return folded.compactMap { $0 } + Self.disjoint(ranges)
    }

    /// The same range deletes in order, those that meet made into one.
    private static func disjoint(_ ranges: [Entry]) -> [Entry] {
        var found: [Entry] = []
        let sorted = ranges.sorted {
            $0.keyspace == $1.keyspace ? precedes($0.key, $1.key) : $0.keyspace.rawValue < $1.keyspace.rawValue
        }
        for range in sorted {
            if let last = found.last, last.keyspace == range.keyspace,
                case .deleteRange(let end) = last.operation, case .deleteRange(let upper) = range.operation,
                !precedes(end, range.key)
            {
                if precedes(end, upper) { found[found.count - 1].operation = range.operation }
            } else {
                found.append(range)
            }
        }
        return found
    }

    /// Whether two mutations have one key.
    private var hasRepeatedKey: Bool {
        guard entries.count > Self.pairwiseMax else {
            return entries.indices.contains { isRepeated($0, amongst: 0..<$0) }
        }
        // Open addressing over twice as many places as there are keys: the numbers of entries, from 1 on.
        let placeCount = 1 << (Int.bitWidth - (entries.count * 2 - 1).leadingZeroBitCount)
        var places = [UInt32](repeating: 0, count: placeCount)
        for index in entries.indices where entries[index].keyStampOffset == nil {
            let hash = entries[index].key.withUnsafeBytes {
                KeyHash.hash($0, seed: UInt64(entries[index].keyspace.rawValue))
            }
            var place = Int(truncatingIfNeeded: hash) & (placeCount - 1)
            while places[place] != 0 {
                let other = Int(places[place]) - 1
                if isRepeated(index, amongst: other..<(other + 1)) { return true }
                place = (place + 1) & (placeCount - 1)
            }
            places[place] = UInt32(index + 1)
        }
        return false
    }

    private func isRepeated(_ index: Int, amongst others: Range<Int>) -> Bool {
        guard entries[index].keyStampOffset == nil else { return false }
        return others.contains {
            entries[$0].keyspace == entries[index].keyspace && entries[$0].keyStampOffset == nil
                && entries[$0].key == entries[index].key
        }
    }

    /// What two mutations of one key come to.
    private static func entry(_ first: Entry, then second: Entry) -> Entry {
        guard case .add(let delta) = second.operation else { return second }
        var sum = first
        switch first.operation {
        case .add(let earlier): sum.operation = .add(earlier &+ delta)
        case .delete: sum.operation = .put(counter(delta))
        case .deleteRange: preconditionFailure("range deletes are kept apart")
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

extension WriteBatch.Entry {
    /// Whether the key lies in `lower..<upper`.
    ///
    /// - Throws: `.overLimit` when that depends on the stamp that is still to come.
    fileprivate func isDeleted(from lower: [UInt8], to upper: [UInt8]) throws(StoreError) -> Bool {
        guard let offset = keyStampOffset else { return !precedes(key, lower) && precedes(key, upper) }
        var smallest = key
        var largest = key
        for index in offset..<min(offset + 8, key.count) {
            smallest[index] = 0
            largest[index] = 0xFF
        }
        if !precedes(smallest, lower), precedes(largest, upper) { return true }
        if precedes(largest, lower) || !precedes(smallest, upper) { return false }
        throw .overLimit("a range delete begins or ends at a key that waits for its stamp")
    }
}
