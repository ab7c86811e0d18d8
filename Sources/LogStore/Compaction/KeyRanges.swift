internal import Bytes

/// A set of keys made of ranges, both ends included.
struct KeyRanges: Sendable, Equatable {
    struct Range: Sendable, Equatable {
        var smallest: [UInt8]
        var largest: [UInt8]
    }

    /// Disjoint and in order.
    private(set) var ranges: [Range] = []
    /// Where the tables begin, in order.
    private var starts: [[UInt8]] = []

    init() {}

    /// The keys of some tables.
    init(_ tables: some Sequence<TableShape>) {
        let sorted = tables.sorted { precedes($0.smallestKey, $1.smallestKey) }
        starts = sorted.map(\.smallestKey)
        for table in sorted {
            guard let last = ranges.last, !precedes(last.largest, table.smallestKey) else {
                ranges.append(Range(smallest: table.smallestKey, largest: table.largestKey))
                continue
            }
            if precedes(last.largest, table.largestKey) { ranges[ranges.count - 1].largest = table.largestKey }
        }
    }

    /// How many of the tables begin at or before a key: an output table must not reach over one of them.
    func startCount(upTo key: [UInt8]) -> Int { starts.partitioningIndex { precedes(key, $0) } }

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
