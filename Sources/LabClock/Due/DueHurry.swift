/// When to look at the queue because of what is being added to it.
///
/// An entry is announced when it is put into a batch, which is not yet committed, so one look may come too early. After
/// an announcement the queue is looked at a few times more, with growing delays.
struct DueHurry {
    /// Delays of the looks after an announcement. A commit is through within the first as a rule; one that waits longer
    /// than all of them is met by the next look that there is anyway.
    private static let delaysNanoseconds: [Int64] = [5_000_000, 50_000_000, 1_000_000_000]

    /// What the runner waits for, in lab time; nil while it is looking.
    private var target: LabTime?
    /// The next of the delays; nil when nothing was announced since the last.
    private var step: Int?

    /// An entry is about to be added. Returns whether it is due before what is waited for.
    mutating func expect(_ time: LabTime) -> Bool {
        guard let target, time >= target else {
            let isWaiting = target != nil
            if isWaiting { target = time }
            step = 0
            return isWaiting
        }
        // It is due later, but perhaps comes to lie before what is there now.
        step = step ?? Self.delaysNanoseconds.count - 1
        return false
    }

    /// Somebody wants a look.
    mutating func hurry() { step = 0 }

    /// Waiting is about to be planned. Returns after which delay to look in any case.
    mutating func beginPlan() -> Int64? {
        target = nil
        guard let current = step else { return nil }
        step = current + 1 < Self.delaysNanoseconds.count ? current + 1 : nil
        return Self.delaysNanoseconds[current]
    }

    /// From now on the runner waits for `time`, or for nothing.
    mutating func plan(_ time: LabTime?) { target = time ?? .end }
}
