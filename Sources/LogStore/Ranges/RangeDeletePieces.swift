/// Range deletes on their way into the tables of one output, cut where those are cut. Asked for ascending keys.
///
/// A table owns the keys from where the one before ended up to behind its own last entry, so that tables stay disjoint
/// whatever range deletes lie between their entries.
struct RangeDeletePieces {
    /// Disjoint, in order.
    private let deletes: [RangeDelete]
    private let countMax: Int
    /// The first that is not handed out as a whole.
    private var first = 0
    /// What lies below is handed out.
    private var start: [UInt8]?
    /// The first that begins at or behind the last key asked for.
    private var passed = 0

    /// - Parameter countMax: about so many go into one table.
    init(_ deletes: [RangeDelete] = [], countMax: Int = EngineLimits.rangeDeletesPerTableMax) {
        self.deletes = deletes
        self.countMax = countMax
    }

    /// Whether all is handed out.
    var isEmpty: Bool { first == deletes.count }

    /// Whether what lies between the start of the present table and `key` is too much for one table.
    mutating func isFull(before key: UnsafeRawBufferPointer) -> Bool {
        while passed < deletes.count, deletes[passed].lower.withUnsafeBytes({ compareBytes($0, key) < 0 }) {
            passed += 1
        }
        return passed - first > countMax
    }

    /// The pieces below `end`, for a table that ends there.
    mutating func take(upTo end: [UInt8]) -> [RangeDelete] {
        var taken: [RangeDelete] = []
        while first < deletes.count, let piece = deletes[first].clipped(from: start, to: nil) {
            if let part = piece.clipped(from: nil, to: end) { taken.append(part) }
            guard !precedes(end, piece.upper) else { break }
            first += 1
        }
        start = end
        return taken
    }

    /// The next pieces for a table, as many as go into one. All of them lie before `limit` (nil: no limit); those that
    /// begin below `past` are among them in any case.
    mutating func takeChunk(before limit: [UInt8]?, past: [UInt8] = []) -> [RangeDelete] {
        var taken: [RangeDelete] = []
        while first < deletes.count, let piece = deletes[first].clipped(from: start, to: nil) {
            if let limit, !precedes(piece.largestKey, limit) { break }
            // Two that touch would make the key ranges of two tables meet.
            let touches = taken.last.map { !precedes($0.largestKey, piece.lower) } ?? false
            if taken.count >= countMax, !touches, !precedes(piece.lower, past) { break }
            taken.append(piece)
            first += 1
        }
        // One that touches what does not go along stays with it.
        while let last = taken.last, first < deletes.count, !precedes(last.largestKey, deletes[first].lower) {
            taken.removeLast()
            first -= 1
        }
        if let last = taken.last { start = last.upper }
        return taken
    }
}
