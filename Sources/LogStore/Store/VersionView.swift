internal import Bytes

/// What point lookups need of a version, side by side: a few addresses. It neither keeps the version alive nor counts
/// references, which processors that read at once would pass to and fro; whoever uses it holds the version.
///
/// Unchecked: what it points to is written before the version is.
struct VersionView: @unchecked Sendable {
    /// A keyspace's part.
    struct Part {
        /// Newest first; the first one is being written.
        let memtables: UnsafeBufferPointer<MemtableTree>
        let runs: LookupIndex.View
        /// What the tables' range deletes hide; nil when there are none.
        let rangeDeletes: Unmanaged<RangeDeleteIndex>?
    }

    private let parts: UnsafeBufferPointer<Part>

    subscript(keyspace: Keyspace) -> Part { parts[keyspace.index] }

    /// The memory behind the view of one version.
    ///
    /// Unchecked: as the view.
    final class Memory: @unchecked Sendable {
        private let trees: UnsafeMutableBufferPointer<MemtableTree>
        private let parts: UnsafeMutableBufferPointer<Part>

        /// - Parameters: `indexes` and `rangeDeletes` by keyspace; the caller keeps them, and the memtables.
        init(memtables: [MemtableSet], indexes: [LookupIndex], rangeDeletes: [RangeDeleteIndex?]) {
            trees = .allocate(capacity: Keyspace.allCases.count * memtables.count)
            parts = .allocate(capacity: Keyspace.allCases.count)
            for keyspace in Keyspace.allCases {
                let place = keyspace.index
                let first = place * memtables.count
                for (age, set) in memtables.enumerated() {
                    trees.initializeElement(at: first + age, to: set.memtable(keyspace).tree)
                }
                parts.initializeElement(
                    at: place,
                    to: Part(
                        memtables: UnsafeBufferPointer(rebasing: trees[first..<(first + memtables.count)]),
                        runs: indexes[place].view,
                        rangeDeletes: rangeDeletes[place].map { Unmanaged.passUnretained($0) }))
            }
        }

        deinit {
            trees.deallocate()
            parts.deallocate()
        }

        var view: VersionView { VersionView(parts: UnsafeBufferPointer(parts)) }
    }
}
