private import Synchronization

/// Word that readers leave for the background, by keyspace: that a scan had to pass many deletes, and what reads have
/// paid for having several runs of level 0 to look at. Thread-safe.
///
/// So merges come when reads have a use for them, and a store that is only written merges in large batches.
final class ReadHints: Sendable {
    /// A step of a scan that passes more deletes than this has cost about as much as a read from the disk.
    static let passedDeletesMax = Int(CompactionPolicy.denseDeletesMin)
    /// What reads may pay before level 0 goes down: one look at a run more for so many bytes that the merge takes.
    /// Reading and writing these costs about sixteen times as much as such a look, but in the background.
    static let mergeBytesPerLook: UInt64 = 64
    /// A lookup looks at a filter; of so many lookups one is counted, and for all of them.
    static let lookupsPerSample: UInt64 = 64
    /// A seek reads index and block, a step compares a key: in looks.
    static let looksPerSeek: UInt64 = 8
    static let stepsPerLook: UInt64 = 4

    private final class Hints: Sendable {
        let hasPassedDeletes = Atomic<Bool>(false)
        /// Looks at runs of level 0 since it last went down, beside the one that every read needs.
        let looks = Atomic<UInt64>(0)
        /// When level 0 should go down.
        let looksMax = Atomic<UInt64>(.max)
    }

    private let hints = Keyspace.allCases.map { _ in Hints() }
    private let driver: any StoreDriver

    init(driver: any StoreDriver) { self.driver = driver }

    private subscript(keyspace: Keyspace) -> Hints { hints[keyspace.index] }

    // MARK: Deletes

    func notePassedDeletes(_ keyspace: Keyspace) {
        if !self[keyspace].hasPassedDeletes.exchange(true, ordering: .relaxed) { driver.backgroundIsWaiting() }
    }

    func hasPassedDeletes(_ keyspace: Keyspace) -> Bool { self[keyspace].hasPassedDeletes.load(ordering: .relaxed) }

    /// Nothing is left to do about them.
    func forgetPassedDeletes(_ keyspace: Keyspace) { self[keyspace].hasPassedDeletes.store(false, ordering: .relaxed) }

    // MARK: Runs of level 0

    /// A point lookup, before it goes through the runs. Costs nothing for nearly all hashes.
    @inline(__always)
    func noteLookup(_ keyspace: Keyspace, _ runs: LookupIndex.View, hash: UInt64) {
        if hash & (Self.lookupsPerSample - 1) == 0 {
            noteLooks(keyspace, Self.lookupsPerSample * runs.surplusRuns)
        }
    }

    func noteLooks(_ keyspace: Keyspace, _ count: UInt64) {
        let hints = self[keyspace]
        if count == 0 { return }
        let (before, after) = hints.looks.wrappingAdd(count, ordering: .relaxed)
        let limit = hints.looksMax.load(ordering: .relaxed)
        if before < limit, after >= limit { driver.backgroundIsWaiting() }
    }

    /// Runs that a read would not have to look at if level 0 were merged downward.
    static func surplusRuns(_ runs: [SortedRun]) -> UInt64 {
        let level0 = runs.count { $0.level == 0 }
        return UInt64(level0 < runs.count ? level0 : max(1, level0) - 1)
    }

    /// Whether reads have paid enough for level 0.
    func wantsLevel0Merged(_ keyspace: Keyspace) -> Bool {
        self[keyspace].looks.load(ordering: .relaxed) >= self[keyspace].looksMax.load(ordering: .relaxed)
    }

    /// The runs of a keyspace have changed.
    func noteRuns(_ keyspace: Keyspace, _ runs: [SortedRun]) {
        let level0 = runs.prefix { $0.level == 0 }
        guard level0.count >= CompactionPolicy.hintedRunsMin else {
            self[keyspace].looksMax.store(.max, ordering: .relaxed)
            return forgetLooks(keyspace)
        }
        let bytes = runs.prefix(level0.count + 1).reduce(0) { $0 + $1.byteCount }
        self[keyspace].looksMax.store(max(1, bytes / Self.mergeBytesPerLook), ordering: .relaxed)
    }

    /// Level 0 goes down, or cannot.
    func forgetLooks(_ keyspace: Keyspace) { self[keyspace].looks.store(0, ordering: .relaxed) }

    /// Whether there is something to do for any keyspace.
    var isEmpty: Bool {
        Keyspace.allCases.allSatisfy { !hasPassedDeletes($0) && !wantsLevel0Merged($0) }
    }
}
