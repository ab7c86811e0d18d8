/// Where a look at the queue begins.
///
/// What was handled leaves deletes at the front of the queue until a merge drops them, and a look that began at the
/// front would pass them every time. So a look begins where the last one ended, or at what was announced since and lies
/// before that. An entry is announced when it is put into a batch, and its commit may come after several looks, so an
/// announcement counts for a while. From time to time a look is a whole one, and begins at the front.
struct DueSearch {
    /// Between whole looks at most, and for how long an announcement counts at least, of the machine's time: longer
    /// than commits take.
    static let wholeNanoseconds: Int64 = 10_000_000_000

    /// Nothing that can be handled lay before this at the last look; nil when that is not known.
    private var end: LabTime?
    /// The earliest that was announced in this interval, and in the one before.
    private var announced: LabTime?
    private var announcedBefore: LabTime?
    private var isWholeWanted = true
    /// The machine's time when this interval began, with a whole look.
    private var begunAtNanoseconds: Int64 = 0

    /// An entry is about to be added.
    mutating func announce(_ time: LabTime) { announced = min(announced ?? time, time) }

    /// The next look is to be a whole one.
    mutating func wantWhole() { isWholeWanted = true }

    /// Where the look that now begins has to begin; nil: at the front.
    mutating func begin(isWhole: Bool, atNanoseconds now: Int64) -> LabTime? {
        let age = now.subtractingReportingOverflow(begunAtNanoseconds)
        guard !age.overflow, (0..<Self.wholeNanoseconds).contains(age.partialValue) else {
            (announcedBefore, announced) = (announced, nil)
            begunAtNanoseconds = now
            isWholeWanted = false
            return nil
        }
        if let end, !isWhole, !isWholeWanted {
            return [announced, announcedBefore].compactMap { $0 }.reduce(end, min)
        }
        isWholeWanted = false
        return nil
    }

    /// A look has come to its end, having handled what is due at `time`; nil when it asked for no time.
    mutating func finish(at time: LabTime?) { end = time ?? end }

    /// What was known is no longer so.
    mutating func forget() { self = DueSearch() }

    /// What the next entry that is not due yet cannot lie before.
    var lower: LabTime? { end }
}
