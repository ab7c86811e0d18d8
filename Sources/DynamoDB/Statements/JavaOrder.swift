/// The order in which the service's lists come that it keeps in a hash set of Java's.
enum JavaOrder {
    private static let bucketCountMin = 16

    /// The strings, each once, in the order of such a set to which they were added one by one.
    static func set(_ strings: [String]) -> [String] {
        var distinct: [String] = []
        for string in strings where !distinct.contains(string) { distinct.append(string) }
        // A set is filled to three quarters.
        var bucketCount = bucketCountMin
        while distinct.count * 4 > bucketCount * 3 { bucketCount *= 2 }
        let buckets = distinct.map { bucket($0, of: bucketCount) }
        let order = distinct.indices.sorted { (buckets[$0], $0) < (buckets[$1], $1) }
        return order.map { distinct[$0] }
    }

    private static func bucket(_ string: String, of count: Int) -> Int {
        let hash = string.utf16.reduce(into: UInt32(0)) { $0 = $0 &* 31 &+ UInt32($1) }
        return Int((hash ^ (hash >> 16)) & UInt32(count - 1))
    }
}
