/// What a transaction has read, to be checked against what was committed since.
struct ReadSet: Sendable {
    /// Everything up to here was visible to the reads.
    var sequence: UInt64
    private(set) var keys: [(keyspace: Keyspace, key: [UInt8])] = []
    private(set) var ranges: [(keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?)] = []

    init(sequence: UInt64) { self.sequence = sequence }

    /// Makes room for keys.
    mutating func reserve(_ count: Int) { keys.reserveCapacity(keys.count + count) }

    mutating func add(_ keyspace: Keyspace, _ key: [UInt8]) { keys.append((keyspace, key)) }

    /// The range from `lower` up to and without `upper`.
    mutating func add(_ keyspace: Keyspace, from lower: [UInt8], to upper: [UInt8]?) {
        ranges.append((keyspace, lower, upper))
    }

    /// Whether nothing that was read has been written since. Looks at memtables only: they hold every commit newer than
    /// `floor`, so they are the validation window.
    ///
    /// - Throws: `.conflict`, or `.tooOld` when commits newer than the reads may have left the memtables.
    func validate(against sets: [MemtableSet], floor: UInt64) throws(StoreError) {
        guard sequence >= floor else { throw .tooOld }
        for set in sets {
            if let last = set.lastSequence, last <= sequence { continue }
            for (keyspace, key) in keys {
                let newest = key.withUnsafeBytes { Self.newestWrite(set.memtable(keyspace), $0) }
                if newest > sequence { throw .conflict }
            }
            for (keyspace, lower, upper) in ranges {
                if Self.hasWrite(set.memtable(keyspace), lower, upper, after: sequence) { throw .conflict }
            }
        }
    }

    /// The last commit that wrote or deleted a key; 0 when the memtable knows of none.
    private static func newestWrite(_ memtable: Memtable, _ key: UnsafeRawBufferPointer) -> UInt64 {
        let last = MemtablePosition.sequenceMax
        return max(
            memtable.newestEntry(of: key, upTo: last)?.sequence ?? 0,
            memtable.rangeDeletes?.sequence(at: key, upTo: last) ?? 0)
    }

    private static func hasWrite(
        _ memtable: Memtable, _ lower: [UInt8], _ upper: [UInt8]?, after sequence: UInt64
    ) -> Bool {
        if memtable.rangeDeletes?.hasDelete(from: lower, to: upper, after: sequence) ?? false { return true }
        var entry = lower.withUnsafeBytes { memtable.firstEntry(from: MemtablePosition(key: $0, sequence: .max >> 8)) }
        while let found = entry {
            if let upper, upper.withUnsafeBytes({ compareBytes(found.key, $0) >= 0 }) { return false }
            if found.sequence > sequence { return true }
            entry = memtable.firstEntry(from: MemtablePosition(key: found.key, sequence: 0))
        }
        return false
    }
}
