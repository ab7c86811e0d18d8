/// One range of a `Range` header.
package enum ByteRange: Sendable, Hashable {
    /// `bytes=first-last`, both included; `last` may lie beyond the end.
    case bounded(first: UInt64, last: UInt64)
    /// `bytes=first-`.
    case from(first: UInt64)
    /// `bytes=-count`.
    case suffix(count: UInt64)

    /// Reads a `Range` header. Nil when it is not one well-formed byte range: such a header is ignored and the whole
    /// object answered.
    package init?(header: some StringProtocol) {
        let text = Substring(header)
        guard text.hasPrefix("bytes=") else { return nil }
        let spec = text.dropFirst(6)
        guard let dash = spec.firstIndex(of: "-") else { return nil }
        let first = Self.number(spec[..<dash])
        let last = Self.number(spec[spec.index(after: dash)...])
        switch (first, last) {
        case (.value(let first), .value(let last)) where first <= last: self = .bounded(first: first, last: last)
        case (.value(let first), .absent): self = .from(first: first)
        case (.absent, .value(let count)): self = .suffix(count: count)
        default: return nil
        }
    }

    /// The bytes that this range selects of an object, or nil when it selects none (416).
    package func resolve(size: UInt64) -> ResolvedRange? {
        guard size > 0 else { return nil }
        switch self {
        case .bounded(let first, let last):
            return first < size ? ResolvedRange(first: first, last: min(last, size - 1), size: size) : nil
        case .from(let first):
            return first < size ? ResolvedRange(first: first, last: size - 1, size: size) : nil
        case .suffix(let count):
            return count > 0 ? ResolvedRange(first: size - min(count, size), last: size - 1, size: size) : nil
        }
    }

    private enum Number {
        case absent
        case value(UInt64)
        case malformed
    }

    private static func number(_ text: Substring) -> Number {
        if text.isEmpty { return .absent }
        guard text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return .malformed }
        // Digits that overflow are a number beyond every object.
        return .value(UInt64(text) ?? UInt64.max)
    }
}

/// The bytes that are sent: what `Content-Range` says.
package struct ResolvedRange: Sendable, Hashable {
    package var first: UInt64
    /// Included.
    package var last: UInt64
    /// Of the whole object.
    package var size: UInt64

    /// Bytes selected.
    package var length: UInt64 { last - first + 1 }
}

extension ByteRange: CustomStringConvertible {
    /// As in the header.
    package var description: String {
        switch self {
        case .bounded(let first, let last): "bytes=\(first)-\(last)"
        case .from(let first): "bytes=\(first)-"
        case .suffix(let count): "bytes=-\(count)"
        }
    }
}
