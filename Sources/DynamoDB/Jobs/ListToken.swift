import Bytes
import LogStore

/// The tokens of lists of exports and imports: the last key, in the form that AWS's model demands of them.
enum ListToken {
    /// Digits in groups of sixteen, and at least so many groups.
    private static let groupBytes = 8
    private static let groupsMin = 7

    static func encode(_ key: [UInt8]) -> String {
        // Keys have no zero byte at their end.
        let groups = max(groupsMin, (key.count + groupBytes - 1) / groupBytes)
        return Hex.encode(key + [UInt8](repeating: 0, count: groups * groupBytes - key.count))
    }

    /// - Throws: `ValidationException` for what is no token.
    static func decode(_ token: String) throws(DynamoDBError) -> [UInt8] {
        guard var key = Hex.decode(token) else { throw .validation("Invalid NextToken") }
        while key.last == 0 { key.removeLast() }
        return key
    }
}

extension DynamoDBService {
    /// Calls `body` with a page of records of the catalog, in the order of their keys.
    ///
    /// - Parameter token: of the page before; nil for the first.
    /// - Returns: the token of the next page; nil behind the last.
    func page(
        _ prefix: [UInt8], _ token: String?, limit: Int, _ body: ([UInt8]) throws(DynamoDBError) -> Void
    ) async throws(DynamoDBError) -> String? {
        var start: [UInt8]?
        if let token {
            let key = try ListToken.decode(token)
            guard key.starts(with: prefix) else { throw .validation("Invalid NextToken") }
            start = key + [0]
        }
        var count = 0
        var last: [UInt8] = []
        var hasMore = false
        try await forEach(.catalog, prefix: prefix, from: start) { (key, value) throws(DynamoDBError) in
            hasMore = count == limit
            guard !hasMore else { return false }
            try body(value.head)
            last = key
            count += 1
            return true
        }
        return hasMore ? ListToken.encode(last) : nil
    }
}
