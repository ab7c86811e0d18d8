/// What the range deletes of a keyspace hide, for a walk over its keys as of one snapshot. It keeps the stretch of keys
/// it was asked about last, so a walk pays for each stretch, not for each key. One user at a time.
final class RangeCover {
    private let maps: [RangeDeleteMap]
    private let index: RangeDeleteIndex?
    private let sequenceMax: UInt64
    private var isPlaced = false
    /// The keys asked about last, and the newest sequence that deletes them.
    private(set) var stretch = RangeStretch(lower: [], upper: nil, sequence: 0)

    /// Nil when there are no range deletes: the walk need not ask.
    init?(_ version: StoreVersion, _ keyspace: Keyspace, upTo sequenceMax: UInt64) {
        maps = version.memtables.compactMap { $0.memtable(keyspace).rangeDeletes }
        index = version.rangeDeletes(keyspace)
        self.sequenceMax = sequenceMax
        if maps.isEmpty, index == nil { return nil }
    }

    /// For a flush: the range deletes of one memtable, and those of tables.
    init?(_ map: RangeDeleteMap?, _ index: RangeDeleteIndex?) {
        maps = map.map { [$0] } ?? []
        self.index = index
        sequenceMax = MemtablePosition.sequenceMax
        if maps.isEmpty, index == nil { return nil }
    }

    /// The newest sequence that deletes `key`; 0 when none does.
    func sequence(at key: UnsafeRawBufferPointer) -> UInt64 {
        if !isPlaced || !contains(key) { place(key) }
        return stretch.sequence
    }

    private func contains(_ key: UnsafeRawBufferPointer) -> Bool {
        guard stretch.lower.withUnsafeBytes({ compareBytes($0, key) <= 0 }) else { return false }
        return stretch.upper.map { upper in upper.withUnsafeBytes { compareBytes(key, $0) < 0 } } ?? true
    }

    private func place(_ key: UnsafeRawBufferPointer) {
        isPlaced = true
        stretch = index?.stretch(at: key) ?? RangeStretch(lower: [], upper: nil, sequence: 0)
        for map in maps {
            let part = map.stretch(at: key, upTo: sequenceMax)
            stretch.sequence = max(stretch.sequence, part.sequence)
            if precedes(stretch.lower, part.lower) { stretch.lower = part.lower }
            guard let upper = part.upper else { continue }
            if stretch.upper.map({ precedes(upper, $0) }) ?? true { stretch.upper = upper }
        }
    }
}
