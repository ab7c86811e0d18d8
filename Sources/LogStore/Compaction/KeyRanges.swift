internal import Bytes

/// A set of keys made of ranges, both ends included.
struct KeyRanges: Sendable, Equatable {
    struct Range: Sendable, Equatable {
        var smallest: [UInt8]
        var largest: [UInt8]
    }

    /// Disjoint and in order.
    private(set) var ranges: [Range] = []
    /// Where one of the tables begins, and where the set goes on without a key: ascending. An output table must not
    /// reach over one of them.
    private(set) var boundaries: [[UInt8]] = []
    /// For each boundary, whether the keys behind it are in the set.
    private var isHeldBehind: [Bool] = []

    init() {}

    /// The keys of some tables.
    init(_ tables: some Sequence<TableShape>) {
        let sorted = tables.sorted { precedes($0.smallestKey, $1.smallestKey) }
        for table in sorted {
            if let last = ranges.last, !precedes(last.largest, table.smallestKey) {
                if precedes(last.largest, table.largestKey) { ranges[ranges.count - 1].largest = table.largestKey }
            } else {
                if let last = ranges.last { addBoundary(last.largest + [0], isHeld: false) }
                ranges.append(Range(smallest: table.smallestKey, largest: table.largestKey))
            }
            addBoundary(table.smallestKey, isHeld: true)
        }
        if let last = ranges.last { addBoundary(last.largest + [0], isHeld: false) }
    }

    private mutating func addBoundary(_ key: [UInt8], isHeld: Bool) {
        if boundaries.last == key {
            isHeldBehind[boundaries.count - 1] = isHeld
        } else {
            boundaries.append(key)
            isHeldBehind.append(isHeld)
        }
    }

    /// How many boundaries lie at or before a key.
    func section(of key: [UInt8]) -> Int { boundaries.partitioningIndex { precedes(key, $0) } }

    /// Whether the keys between a boundary and the next are in the set.
    func isHeld(section: Int) -> Bool { section > 0 && isHeldBehind[section - 1] }

    /// Range deletes, disjoint and in order, cut in two wherever they meet a boundary.
    func divide(_ deletes: [RangeDelete]) -> [RangeDelete] {
        if boundaries.isEmpty { return deletes }
        var parts: [RangeDelete] = []
        for delete in deletes {
            var rest = delete
            for boundary in boundaries where precedes(rest.lower, boundary) {
                if precedes(rest.upper, boundary) { break }
                // Not up to the boundary itself: where a range delete ends, its table does, and the next begins there.
                if let part = rest.clipped(from: nil, to: boundary.keyBefore + [0]) { parts.append(part) }
                rest.lower = boundary
            }
            if precedes(rest.lower, rest.upper) { parts.append(rest) }
        }
        return parts
    }

    var isEmpty: Bool { ranges.isEmpty }

    /// The first range that does not end before a key.
    private func index(notBelow key: [UInt8]) -> Int { ranges.partitioningIndex { !precedes($0.largest, key) } }

    func contains(_ key: [UInt8]) -> Bool {
        let index = index(notBelow: key)
        return index < ranges.count && !precedes(key, ranges[index].smallest)
    }

    /// Whether all keys of `smallest...largest` are in the set.
    func covers(_ smallest: [UInt8], _ largest: [UInt8]) -> Bool {
        let index = index(notBelow: smallest)
        return index < ranges.count && !precedes(smallest, ranges[index].smallest)
            && !precedes(ranges[index].largest, largest)
    }

    /// Whether some key of `smallest...largest` is in the set.
    func overlaps(_ smallest: [UInt8], _ largest: [UInt8]) -> Bool {
        let index = index(notBelow: smallest)
        return index < ranges.count && !precedes(largest, ranges[index].smallest)
    }
}
