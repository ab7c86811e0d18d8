/// What a request is addressed to: the service, a bucket, or an object, with the decoded query.
package struct S3Target: Sendable {
    package var scope: S3Route.Scope
    /// Empty in the service's scope. Not validated: operations answer `NoSuchBucket` or `InvalidBucketName`.
    package var bucket: String
    /// The key's bytes, decoded once and never normalised; empty outside an object's scope.
    package var key: [UInt8]
    package var query: S3Query

    /// Splits and decodes a request target.
    ///
    /// - Parameters:
    ///   - target: exactly as sent: undecoded path, then `?` and the undecoded query.
    ///   - hostBucket: the bucket that the host names, for virtual-hosted requests.
    /// - Throws: `InvalidURI` for broken escapes, text that is not UTF-8, and keys that climb above their root.
    package init(target: String, hostBucket: String?) throws(S3WireError) {
        let bytes = target.utf8
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
        if let mark {
            query = try S3Query(encoded: Substring(target)[bytes.index(after: mark)...].utf8)
        } else {
            query = S3Query()
        }
        var path = Substring(target)[..<(mark ?? target.endIndex)].utf8
        guard path.first == UInt8(ascii: "/") else { throw S3WireError(.invalidURI) }
        path.removeFirst()
        if let hostBucket {
            bucket = hostBucket
        } else {
            let slash = path.firstIndex(of: UInt8(ascii: "/"))
            bucket = try Self.decodeBucket(path[..<(slash ?? path.endIndex)])
            if bucket.isEmpty, slash != nil { throw S3WireError(.invalidBucketName).with("BucketName", "") }
            path = path[(slash.map { path.index(after: $0) } ?? path.endIndex)...]
        }
        key = try Self.decodeKey(path)
        scope = bucket.isEmpty ? .service : key.isEmpty ? .bucket : .object
    }

    private static func decodeBucket(_ bytes: Substring.UTF8View) throws(S3WireError) -> String {
        guard let decoded = PercentDecoding.decode(bytes, plusIsSpace: false),
            let text = String(validating: decoded, as: UTF8.self)
        else { throw S3WireError(.invalidURI) }
        return text
    }

    /// Decodes a key; the key's own rules (length, UTF-8, NUL) are `ObjectKey`'s.
    package static func decodeKey(_ bytes: Substring.UTF8View) throws(S3WireError) -> [UInt8] {
        guard let key = PercentDecoding.decode(bytes, plusIsSpace: false) else { throw S3WireError(.invalidURI) }
        if climbsAboveRoot(key) {
            throw S3WireError(.invalidURI, "The key holds more .. elements than elements before them.")
        }
        return key
    }

    /// Whether a path has more `..` elements than others to their left at some point. Such keys cannot be addressed at AWS either; keys that
    /// stay below their root are kept as they are.
    package static func climbsAboveRoot(_ key: [UInt8]) -> Bool {
        let dot = UInt8(ascii: ".")
        let slash = UInt8(ascii: "/")
        // Most keys hold no dot after a slash: one pass decides.
        var depth = 0
        var start = 0
        for index in 0...key.count where index == key.count || key[index] == slash {
            let isParent = index - start == 2 && key[start] == dot && key[start + 1] == dot
            let isSelf = index - start == 1 && key[start] == dot
            if isParent { depth -= 1 } else if !isSelf { depth += 1 }
            if depth < 0 { return true }
            start = index + 1
        }
        return false
    }
}
