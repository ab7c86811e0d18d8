import Expressions
import Items

/// The values of a sort key between two ends, as the bytes that sort as they do.
struct KeyInterval {
    private struct End {
        let bytes: [UInt8]
        let isIncluded: Bool
    }

    private var lower: End?
    private var upper: End?

    /// Whether no value is in it.
    var isEmpty: Bool {
        guard let lower, let upper else { return false }
        return !Self.isReachable(lower, upper)
    }

    /// Takes out what does not fit a condition.
    mutating func intersect(_ condition: KeyCondition) {
        let bytes = condition.values.map { [UInt8]($0.keyBytes ?? UnsafeRawBufferPointer(start: nil, count: 0)) }
        switch condition.operator {
        case .equal:
            raise(to: bytes[0], isIncluded: true)
            limit(to: bytes[0], isIncluded: true)
        case .less: limit(to: bytes[0], isIncluded: false)
        case .lessOrEqual: limit(to: bytes[0], isIncluded: true)
        case .greater: raise(to: bytes[0], isIncluded: false)
        case .greaterOrEqual: raise(to: bytes[0], isIncluded: true)
        case .between:
            raise(to: bytes[0], isIncluded: true)
            limit(to: bytes[1], isIncluded: true)
        case .beginsWith:
            raise(to: bytes[0], isIncluded: true)
            if let end = Self.end(ofPrefix: bytes[0]) { limit(to: end, isIncluded: false) }
        }
    }

    /// Whether a value is in both.
    func overlaps(_ other: KeyInterval) -> Bool {
        var both = self
        if let lower = other.lower { both.raise(to: lower.bytes, isIncluded: lower.isIncluded) }
        if let upper = other.upper { both.limit(to: upper.bytes, isIncluded: upper.isIncluded) }
        return !both.isEmpty
    }

    private mutating func raise(to bytes: [UInt8], isIncluded: Bool) {
        if let lower {
            if bytes.lexicographicallyPrecedes(lower.bytes) { return }
            if bytes == lower.bytes, !lower.isIncluded { return }
        }
        lower = End(bytes: bytes, isIncluded: isIncluded)
    }

    private mutating func limit(to bytes: [UInt8], isIncluded: Bool) {
        if let upper {
            if upper.bytes.lexicographicallyPrecedes(bytes) { return }
            if bytes == upper.bytes, !upper.isIncluded { return }
        }
        upper = End(bytes: bytes, isIncluded: isIncluded)
    }

    private static func isReachable(_ lower: End, _ upper: End) -> Bool {
        if lower.bytes == upper.bytes { return lower.isIncluded && upper.isIncluded }
        return lower.bytes.lexicographicallyPrecedes(upper.bytes)
    }

    /// The first bytes that are behind all that begin with a prefix; nil when there are none.
    private static func end(ofPrefix prefix: [UInt8]) -> [UInt8]? {
        var end = prefix
        while let last = end.popLast() {
            if last < UInt8.max {
                end.append(last + 1)
                return end
            }
        }
        return nil
    }
}
