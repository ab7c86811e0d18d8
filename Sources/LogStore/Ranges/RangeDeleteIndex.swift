/// Range deletes put together: for each key the newest sequence that deletes it. Immutable.
///
/// Between two neighbouring boundaries that sequence is one and the same. A look-up costs O(log n) comparisons.
final class RangeDeleteIndex: Sendable {
    /// Ascending.
    private let boundaries: [[UInt8]]
    /// For each boundary what holds from it up to the next; 0 where nothing is deleted, and behind the last.
    private let sequences: [UInt64]

    init(_ deletes: [RangeDelete]) {
        var all: [[UInt8]] = []
        all.reserveCapacity(deletes.count * 2)
        for delete in deletes {
            all.append(delete.lower)
            all.append(delete.upper)
        }
        all.sort { precedes($0, $1) }
        var distinct: [[UInt8]] = []
        distinct.reserveCapacity(all.count)
        for boundary in all where distinct.last != boundary { distinct.append(boundary) }
        var painted = [UInt64](repeating: 0, count: distinct.count)
        for delete in deletes {
            var place = Self.place(of: delete.lower, in: distinct)
            while precedes(distinct[place], delete.upper) {
                painted[place] = max(painted[place], delete.sequence)
                place += 1
            }
        }
        // A boundary at which nothing changes is none.
        var boundaries: [[UInt8]] = []
        var sequences: [UInt64] = []
        for (place, boundary) in distinct.enumerated() where painted[place] != sequences.last ?? 0 {
            boundaries.append(boundary)
            sequences.append(painted[place])
        }
        self.boundaries = boundaries
        self.sequences = sequences
    }

    private static func place(of key: [UInt8], in boundaries: [[UInt8]]) -> Int {
        var lower = 0
        var upper = boundaries.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if precedes(boundaries[middle], key) { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }

    /// The number of boundaries at or below `key`.
    private func rank(of key: UnsafeRawBufferPointer) -> Int {
        var lower = 0
        var upper = boundaries.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if boundaries[middle].withUnsafeBytes({ compareBytes($0, key) <= 0 }) {
                lower = middle + 1
            } else {
                upper = middle
            }
        }
        return lower
    }

    /// The newest sequence that deletes `key`; 0 when none does.
    func sequence(at key: UnsafeRawBufferPointer) -> UInt64 {
        let rank = rank(of: key)
        return rank == 0 ? 0 : sequences[rank - 1]
    }

    /// The stretch of keys around `key` in which the answer is the same.
    func stretch(at key: UnsafeRawBufferPointer) -> RangeStretch {
        let rank = rank(of: key)
        return RangeStretch(
            lower: rank == 0 ? [] : boundaries[rank - 1], upper: rank == boundaries.count ? nil : boundaries[rank],
            sequence: rank == 0 ? 0 : sequences[rank - 1])
    }

    /// Whether every key from `smallest` to `largest`, both included, is deleted by something newer than `sequence`.
    func covers(from smallest: [UInt8], through largest: [UInt8], newerThan sequence: UInt64) -> Bool {
        var rank = smallest.withUnsafeBytes { self.rank(of: $0) }
        guard rank > 0 else { return false }
        while sequences[rank - 1] > sequence {
            if rank == boundaries.count { return false }
            if precedes(largest, boundaries[rank]) { return true }
            rank += 1
        }
        return false
    }

    /// The deleted stretches, or what of them lies in `lower..<upper` (nil: unbounded), in order.
    func rangeDeletes(from lower: [UInt8]?, to upper: [UInt8]?) -> [RangeDelete] {
        var found: [RangeDelete] = []
        let first = lower.map { lower in lower.withUnsafeBytes { rank(of: $0) } } ?? 0
        for place in max(0, first - 1)..<max(first, boundaries.count) where place + 1 < boundaries.count {
            if let upper, !precedes(boundaries[place], upper) { break }
            guard sequences[place] > 0 else { continue }
            let whole = RangeDelete(
                lower: boundaries[place], upper: boundaries[place + 1], sequence: sequences[place])
            if let part = whole.clipped(from: lower, to: upper) { found.append(part) }
        }
        return found
    }
}

/// Neighbouring keys that the same range delete, or none, hides.
struct RangeStretch: Sendable, Equatable {
    var lower: [UInt8]
    /// Exclusive; nil: to the end.
    var upper: [UInt8]?
    /// 0: nothing is deleted.
    var sequence: UInt64
}
