package import AWSWire

/// What a request is addressed to: the service, a bucket, or an object, with the decoded query.
package struct S3Target: Sendable {
    package var scope: S3Route.Scope
    /// Empty in the service's scope. Not validated: operations answer `NoSuchBucket` or `InvalidBucketName`.
    package var bucket: String
    /// The key's bytes, decoded once and never normalised; empty outside an object's scope.
    package var key: [UInt8]
    package var query: QueryItems

    /// Cuts bucket and key out of a decoded target.
    ///
    /// - Parameter hostBucket: the bucket that the host names, for virtual-hosted requests.
    /// - Throws: `InvalidURI` for text that is not UTF-8 and keys that climb above their root; `InvalidBucketName` for
    ///   an empty bucket.
    package init(_ target: RequestTarget, hostBucket: String?) throws(S3WireError) {
        query = target.query
        var path = target.path[...]
        guard path.first == UInt8(ascii: "/") else { throw S3WireError(.invalidURI) }
        path.removeFirst()
        if let hostBucket {
            bucket = hostBucket
        } else {
            let slash = path.firstIndex(of: UInt8(ascii: "/"))
            guard let name = String(validating: path[..<(slash ?? path.endIndex)], as: UTF8.self) else {
                throw S3WireError(.invalidURI)
            }
            bucket = name
            if name.isEmpty, slash != nil { throw S3WireError(.invalidBucketName).with("BucketName", "") }
            path = path[(slash.map { $0 + 1 } ?? path.endIndex)...]
        }
        key = Array(path)
        if Self.climbsAboveRoot(key) {
            throw S3WireError(.invalidURI, "The key holds more .. elements than other elements before them.")
        }
        scope = bucket.isEmpty ? .service : key.isEmpty ? .bucket : .object
    }

    /// Whether a key has more `..` elements than others to their left at some point. Such keys cannot be addressed at
    /// AWS either; keys that stay below their root are kept as they are.
    package static func climbsAboveRoot(_ key: [UInt8]) -> Bool {
        let dot = UInt8(ascii: ".")
        let slash = UInt8(ascii: "/")
        // Only a key with two dots in a row can climb: most keys are done after one pass.
        guard key.indices.dropFirst().contains(where: { key[$0] == dot && key[$0 - 1] == dot }) else { return false }
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
