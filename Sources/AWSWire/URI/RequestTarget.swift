import Bytes

/// A request target split into its path and query, each decoded exactly once and never normalised: `//`, a trailing `/`
/// and `a/../b` are names like any other.
package struct RequestTarget: Sendable, Equatable {
    /// As sent, without the query.
    package let rawPath: Substring
    /// As sent, without the `?`; empty when there is none.
    package let rawQuery: Substring
    /// The path's bytes after percent-decoding; may hold any byte. Begins with `/` except for `OPTIONS *`.
    package let path: [UInt8]
    package let query: QueryItems

    /// Splits and decodes the target of a request line, in origin form or absolute form.
    ///
    /// - Throws: `.malformedPercentEncoding`, `.aboveRoot`; `.invalidUTF8` for the query only (the path is checked by
    ///   `pathText()`).
    package init(_ target: String) throws(RequestTargetError) {
        let local = Self.withoutAuthority(target)
        let questionMark = local.utf8.firstIndex(of: UInt8(ascii: "?"))
        rawPath = local[..<(questionMark ?? local.endIndex)]
        rawQuery = questionMark.map { local[local.utf8.index(after: $0)...] } ?? ""
        var pathText = rawPath
        guard let decoded = pathText.withUTF8({ URLCoding.decode($0, plusIsSpace: false) }) else {
            throw .malformedPercentEncoding
        }
        guard !Self.climbsAboveRoot(decoded) else { throw .aboveRoot }
        path = decoded
        query = try QueryItems(raw: rawQuery)
    }

    /// The decoded path as text.
    ///
    /// - Throws: `.invalidUTF8`, `.nulByte`.
    package func pathText() throws(RequestTargetError) -> String {
        try Self.text(path[...])
    }

    /// Part of the decoded path as text, for a caller that has cut bucket and key out of `path`.
    ///
    /// - Throws: `.invalidUTF8`, `.nulByte`.
    package static func text(_ bytes: ArraySlice<UInt8>) throws(RequestTargetError) -> String {
        guard !bytes.contains(0) else { throw .nulByte }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
        return text
    }

    /// The absolute form (`GET http://host/path`), which proxies send, without its scheme and authority.
    private static func withoutAuthority(_ target: String) -> Substring {
        guard !target.utf8.starts(with: "/".utf8), let scheme = target.end(ofScheme: ["http://", "https://"])
        else { return target[...] }
        let authority = target[scheme...]
        guard
            let end = authority.utf8.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") })
        else { return "/" }
        return authority[end...]
    }

    /// Whether at some point of the path more segments are `..` than are not. Such a path names nothing below its root.
    private static func climbsAboveRoot(_ path: [UInt8]) -> Bool {
        var depth = 0
        var start = 0
        while start < path.count {
            var end = start
            while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
            let length = end - start
            if length == 2, path[start] == UInt8(ascii: "."), path[start + 1] == UInt8(ascii: ".") {
                depth -= 1
                if depth < 0 { return true }
            } else if length > 0, !(length == 1 && path[start] == UInt8(ascii: ".")) {
                depth += 1
            }
            start = end + 1
        }
        return false
    }
}

extension String {
    /// The index after whichever of `schemes` the text begins with, in either case.
    fileprivate func end(ofScheme schemes: [String]) -> String.Index? {
        for scheme in schemes where utf8.count >= scheme.utf8.count {
            if utf8.lazy.map(ASCII.lowercase).starts(with: scheme.utf8) {
                return utf8.index(startIndex, offsetBy: scheme.utf8.count)
            }
        }
        return nil
    }
}

/// Why a request target names nothing.
package enum RequestTargetError: Error, Equatable, Sendable {
    /// A `%` without two hexadecimal digits behind it.
    case malformedPercentEncoding
    /// More `..` than segments to climb out of.
    case aboveRoot
    /// The decoded bytes are not UTF-8.
    case invalidUTF8
    /// The decoded path holds a zero byte.
    case nulByte
}
