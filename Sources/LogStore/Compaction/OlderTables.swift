internal import Bytes

/// Tells whether any of some runs may hold a key; asked for ascending keys.
///
/// Where none does, nothing is left that a delete could hide, and it is dropped.
struct OlderTables {
    private let runs: [SortedRun]
    /// In each run, the first table that does not end before the last key asked for.
    private var positions: [Int]

    init(_ runs: [SortedRun]) {
        self.runs = runs
        positions = runs.map { _ in 0 }
    }

    mutating func mayHold(_ key: UnsafeRawBufferPointer) -> Bool {
        for index in runs.indices {
            let tables = runs[index].tables
            while positions[index] < tables.count,
                tables[positions[index]].properties.largestKey.withUnsafeBytes({ compareBytes($0, key) < 0 })
            {
                positions[index] += 1
            }
            guard positions[index] < tables.count else { continue }
            let smallest = tables[positions[index]].properties.smallestKey
            if smallest.withUnsafeBytes({ compareBytes($0, key) <= 0 }) { return true }
        }
        return false
    }
}
