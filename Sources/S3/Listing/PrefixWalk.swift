import Bytes
import LogStore

/// Walks keys in order, rolls those behind a delimiter up into common prefixes, and steps over each of those with one
/// seek.
struct PrefixWalk {
    /// One result of a listing.
    enum Item {
        case entry(key: [UInt8], value: StoredValue)
        case commonPrefix([UInt8])
    }

    let prefix: [UInt8]
    let delimiter: [UInt8]

    /// The common prefix that a key rolls up into; nil when it is listed itself.
    func commonPrefix(of key: [UInt8]) -> [UInt8]? {
        guard !delimiter.isEmpty, let end = Self.end(of: delimiter, in: key, from: prefix.count) else { return nil }
        return Array(key[..<end])
    }

    /// Where the first occurrence of `needle` at or behind `start` ends.
    private static func end(of needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= start + needle.count else { return nil }
        if needle.count == 1 {
            return bytes[start...].firstIndex(of: needle[0]).map { $0 + 1 }
        }
        for index in start...(bytes.count - needle.count) where bytes[index...].starts(with: needle) {
            return index + needle.count
        }
        return nil
    }

    /// The first key that a page behind `marker` may hold. A marker that is itself a common prefix stands for all keys
    /// under it.
    func start(after marker: [UInt8]) -> [UInt8]? {
        if !marker.isEmpty, marker.starts(with: prefix), commonPrefix(of: marker) == marker {
            return OrderedKey.end(ofPrefix: marker)
        }
        // The next key in byte order: every key that is greater is at or behind it.
        return marker.isEmpty ? [] : marker + [0]
    }

    /// The later of two keys.
    static func later(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] { a.lexicographicallyPrecedes(b) ? b : a }
}
