internal import Bytes

/// The deletion of every key from `lower` up to and without `upper`. It hides what is older than its sequence; what its
/// own commit wrote is not hidden.
struct RangeDelete: Sendable, Equatable {
    var lower: [UInt8]
    var upper: [UInt8]
    var sequence: UInt64

    /// A key at or above all those deleted, as small as can be told: an inclusive bound for key ranges.
    var largestKey: [UInt8] { upper.last == 0 ? Array(upper.dropLast()) : upper }

    /// The part within `lower..<upper` (nil: unbounded); nil when there is none.
    func clipped(from lower: [UInt8]?, to upper: [UInt8]?) -> RangeDelete? {
        var part = self
        if let lower, precedes(part.lower, lower) { part.lower = lower }
        if let upper, precedes(upper, part.upper) { part.upper = upper }
        return precedes(part.lower, part.upper) ? part : nil
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendLengthPrefixed(lower)
        bytes.appendLengthPrefixed(upper)
        bytes.appendVarint(sequence)
    }

    init(lower: [UInt8], upper: [UInt8], sequence: UInt64) {
        self.lower = lower
        self.upper = upper
        self.sequence = sequence
    }

    /// - Throws: `.malformed`, also for a range without keys.
    init(reading reader: inout ByteReader) throws(ByteReaderError) {
        lower = try reader.readLengthPrefixedBytes()
        upper = try reader.readLengthPrefixedBytes()
        sequence = try reader.readVarint(upTo: FormatLimits.sequenceMax)
        // A piece may end behind a key: one byte more.
        guard precedes(lower, upper), max(lower.count, upper.count) <= EngineLimits.keyBytesMax + 1 else {
            throw .malformed
        }
    }
}

extension [RangeDelete] {
    /// The same deletion in disjoint pieces in order of key, each with the newest sequence that deletes it, and as few
    /// as can be.
    var disjoint: [RangeDelete] { count < 2 ? self : RangeDeleteIndex(self).rangeDeletes(from: nil, to: nil) }
}

extension [UInt8] {
    /// The last key that lies before this one, which must not be empty. There is one, since no key is longer than
    /// `EngineLimits.keyBytesMax`.
    var keyBefore: [UInt8] {
        guard let last else { preconditionFailure("no key lies before the empty one") }
        let start = dropLast()
        if last == 0 { return [UInt8](start) }
        return start + [last - 1] + [UInt8](repeating: 0xFF, count: Swift.max(0, EngineLimits.keyBytesMax - count))
    }
}
