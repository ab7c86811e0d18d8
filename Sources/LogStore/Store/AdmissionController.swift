/// Decides how fast commits are let in, from what the background still owes: the one place where writers are slowed.
///
/// Below the soft marks commits pay nothing. Above, a commit is let in for credits, which background progress hands
/// out: for each byte flushed, merged or laid out, several bytes of commits just above the soft marks, a small part of
/// one at the hard ones. So writers go at a pace that follows the background's own, falling smoothly as the debt grows,
/// and never to nothing while it moves; there is no clock. When the background finds nothing to do, no debt can shrink
/// and commits are let in.
///
/// Under the store's lock. What has no room at all (log, memtables) waits for that, whatever this says.
struct AdmissionController: Sendable {
    /// What one kind of debt costs: nothing up to `soft`, everything at `hard`.
    struct Marks: Sendable {
        var soft: Double
        var hard: Double

        /// 0 at the soft mark or on its good side, 1 at the hard one or beyond.
        func pressure(of value: Double) -> Double { min(1, max(0, (value - soft) / (hard - soft))) }
    }

    /// What the background owes, and what is left.
    struct Debt: Sendable {
        /// Runs of level 0 in the keyspace that has most: what a read has to look at.
        var level0Runs = 0
        /// Bytes that merges have to rewrite until every level has its size.
        var pendingBytes: UInt64 = 0
        /// Bytes of memtables, frozen ones included.
        var memtableBytes = 0
        /// Log bytes that can be promised.
        var logRoomBytes: UInt64 = .max
        /// Bytes that cleaning has to copy.
        var cleaningBytes: UInt64 = 0
        /// Free space beyond the reserve.
        var spareBytes: UInt64 = .max
    }

    /// A commit that looks at all the debt comes once in so many bytes.
    private static let lookBytes = 64 << 10
    /// Credits do not pile up beyond this: a burst.
    private static let creditsMax = 256 << 10
    /// Bytes of commits for a byte of progress at the soft mark, and how many times that halves up to the hard one.
    private static let rateAtSoft = 4.0
    private static let halvings = 9

    private let level0Marks: Marks
    private let pendingMarks: Marks
    private let memtableMarks: Marks
    private let logMarks: Marks
    private let cleaningMarks: Marks
    private let spareMarks: Marks

    /// Written by whoever changes a part of it.
    var debt = Debt()
    /// From 0 (no commit waits) to 1, as of the last look.
    private(set) var pressure = 0.0
    private var credits = Self.creditsMax
    private var sinceLook = 0
    private var isBackgroundResting = true
    /// Times that a commit was sent to wait.
    private(set) var delays = 0
    /// Whether somebody was sent to wait since this was last taken.
    private var hasDelayed = false

    init(options: StoreOptions) {
        let settings = options.compactionSettings
        level0Marks = Marks(soft: Double(settings.level0RunsMax), hard: Double(2 * settings.level0RunsMax))
        let base = Double(settings.levelBaseBytes)
        // Merging works with fewer bytes the more there is to merge at once; more than this takes reads and space too
        // long to recover from.
        pendingMarks = Marks(soft: 5 * base, hard: 20 * base)
        let memtable = Double(options.memtableBytesMax)
        memtableMarks = Marks(soft: 2 * memtable, hard: Double(options.memtableBytesTotalMax))
        logMarks = Marks(soft: Double(options.segmentBytes) / 2, hard: 0)
        cleaningMarks = Marks(soft: 8 * Double(options.extentFileBytes), hard: 64 * Double(options.extentFileBytes))
        spareMarks = Marks(soft: Double(SpaceReserve.marginBytes), hard: 0)
    }

    /// Looks at the debt anew.
    mutating func look() {
        pressure = max(
            level0Marks.pressure(of: Double(debt.level0Runs)), pendingMarks.pressure(of: Double(debt.pendingBytes)),
            memtableMarks.pressure(of: Double(debt.memtableBytes)), logMarks.pressure(of: Double(debt.logRoomBytes)),
            cleaningMarks.pressure(of: Double(debt.cleaningBytes)),
            spareMarks.pressure(of: Double(debt.spareBytes)))
        sinceLook = 0
    }

    /// Whether the debt should be brought up to date and looked at before the next commit.
    var isDueToLook: Bool { sinceLook >= Self.lookBytes }

    /// Lets a commit of so many bytes in, or sends it to wait for progress. Deletes go first: they pay, and do not
    /// wait.
    mutating func admit(_ bytes: Int, makesRoom: Bool) -> Bool {
        if pressure > 0, !isBackgroundResting, !makesRoom, credits <= 0 {
            delays += 1
            hasDelayed = true
            return false
        }
        sinceLook += bytes
        // A large commit leaves a debt that those behind it wait for.
        if pressure > 0 { credits -= bytes }
        return true
    }

    /// The background has worked on so many bytes. True when those who were sent to wait should try again.
    mutating func earn(_ bytes: Int) -> Bool {
        credits = pressure > 0 ? min(Self.creditsMax, credits + Int(Double(bytes) * rate)) : Self.creditsMax
        return credits > 0 && takeDelayed()
    }

    private mutating func takeDelayed() -> Bool {
        defer { hasDelayed = false }
        return hasDelayed
    }

    /// Bytes of commits for a byte of progress.
    private var rate: Double {
        let exact = pressure * Double(Self.halvings)
        let whole = Int(exact)
        // Between two powers a straight line.
        let upper = Self.rateAtSoft / Double(1 << whole)
        return upper * (1 - (exact - Double(whole)) / 2)
    }

    /// The background begins a step.
    mutating func noteBackgroundStep() { isBackgroundResting = false }

    /// The background has found nothing to do. True when those who were sent to wait should try again.
    mutating func noteBackgroundRests() -> Bool {
        isBackgroundResting = true
        credits = Self.creditsMax
        return takeDelayed()
    }
}
