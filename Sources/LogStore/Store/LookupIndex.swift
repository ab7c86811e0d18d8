internal import Bytes

/// A keyspace's tables as a point lookup needs them, side by side: which table of each run may hold a key, told from a
/// few cache lines and without touching the tables, nor counting references to them. Most tables do not hold it.
///
/// Unchecked: the memory is written in `init` only.
final class LookupIndex: @unchecked Sendable {
    /// What decides about one table.
    fileprivate struct Entry {
        let largestKey: UnsafeRawBufferPointer
        /// Nil when every key may be in the table.
        let filter: BloomLines?
        let table: Unmanaged<Table>
    }

    /// Keeps the tables alive.
    private let runs: [SortedRun]
    private let keys: UnsafeMutableRawBufferPointer
    /// What lookups use: it lives as long as the index.
    let view: View

    init(_ runs: [SortedRun]) {
        self.runs = runs
        let tables = runs.flatMap(\.tables)
        keys = .allocate(byteCount: tables.reduce(0) { $0 + $1.properties.largestKey.count }, alignment: 1)
        let heads = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: tables.count)
        let entries = UnsafeMutableBufferPointer<Entry>.allocate(capacity: tables.count)
        let ends = UnsafeMutableBufferPointer<Int>.allocate(capacity: runs.count)
        var keysEnd = 0
        for (place, table) in tables.enumerated() {
            let largest = table.properties.largestKey
            let key = UnsafeMutableRawBufferPointer(rebasing: keys[keysEnd..<(keysEnd + largest.count)])
            key.copyBytes(from: largest)
            keysEnd += largest.count
            heads.initializeElement(at: place, to: KeyHead.head(of: UnsafeRawBufferPointer(key)))
            entries.initializeElement(
                at: place,
                to: Entry(
                    largestKey: UnsafeRawBufferPointer(key), filter: table.filterLines,
                    table: Unmanaged.passUnretained(table)))
        }
        var end = 0
        for (place, run) in runs.enumerated() {
            end += run.tables.count
            ends.initializeElement(at: place, to: end)
        }
        view = View(
            heads: UnsafeBufferPointer(heads), entries: UnsafeBufferPointer(entries), ends: UnsafeBufferPointer(ends),
            surplusRuns: ReadHints.surplusRuns(runs))
    }

    deinit {
        keys.deallocate()
        view.heads.deallocate()
        view.entries.deallocate()
        view.ends.deallocate()
    }
}

extension LookupIndex {
    /// The index without a reference to it.
    struct View {
        /// The first bytes of the largest keys, run after run.
        fileprivate let heads: UnsafeBufferPointer<UInt64>
        fileprivate let entries: UnsafeBufferPointer<Entry>
        /// Where each run's tables end.
        fileprivate let ends: UnsafeBufferPointer<Int>
        /// Runs that a lookup would not have to look at if level 0 were merged downward.
        let surplusRuns: UInt64

        var runCount: Int { ends.count }

        /// The table of a run that may hold a key; nil when none does. It lives as long as the index.
        ///
        /// - Parameter head: `KeyHead.head(of: key)`.
        @inline(__always)
        func table(
            inRun run: Int, mayHold key: UnsafeRawBufferPointer, head: UInt64, hash: UInt64
        ) -> Unmanaged<Table>? {
            var lower = run == 0 ? 0 : ends[run - 1]
            let end = ends[run]
            var upper = end
            // The first table whose largest key is at or above the key.
            while lower < upper {
                let middle = (lower + upper) >> 1
                let other = heads[middle]
                let isBelow = other != head ? other < head : compareBytes(entries[middle].largestKey, key) < 0
                if isBelow { lower = middle + 1 } else { upper = middle }
            }
            guard lower < end else { return nil }
            let entry = entries[lower]
            if let filter = entry.filter, !filter.mayContain(hash) { return nil }
            return entry.table
        }
    }
}
