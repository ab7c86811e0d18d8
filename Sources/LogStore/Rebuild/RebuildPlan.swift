/// What a lost manifest said, as far as the tables and the segments of the log tell: a pure function of them.
///
/// The table that was finished last holds the manifest of that moment. Only the job that it belongs to, and a merge
/// that waited for it, can have changed more since: for these the files that are left say whether they had taken
/// effect.
struct RebuildPlan {
    /// A segment of the log with a valid header.
    struct Segment {
        var number: UInt64
        var startPosition: UInt64
    }

    private(set) var state = ManifestState()
    /// What the store had and what cannot be found or read.
    private(set) var losses: [String] = []
    private(set) var notes: [String] = []

    private let tables: [UInt64: TableSummary]
    private let unreadable: [UInt64]
    private let extents: Set<UInt64>
    private let segments: [Segment]
    /// Whether a job's tables have taken the place of what it removed, and its last one was not found.
    private var lacksLastTable = false
    private var checkpoints: [Checkpoint] = []
    private var places: [UInt64: TablePlace] = [:]

    /// - Parameters:
    ///   - storeID: the store's own; a branch has tables of others too.
    ///   - tables: all that can be read, by file number.
    ///   - unreadable: those of which nothing can be read.
    ///   - extents: the extent files that are there.
    ///   - segments: by ascending number.
    /// - Throws: `.cannot` when no table says enough.
    init(
        storeID: UInt64, tables: [UInt64: TableSummary], unreadable: [UInt64], extents: Set<UInt64>, segments: [Segment]
    ) throws(ManifestRebuild.Failure) {
        self.tables = tables
        self.unreadable = unreadable
        self.extents = extents
        self.segments = segments
        let own = tables.values.filter { $0.name.storeID == storeID }
        let histories = own.compactMap(\.history)
        if let newest = histories.max(by: { $0.stamp < $1.stamp }) {
            begin(with: newest)
            let removedByFlush = settleFlush(newest)
            for job in [newest.waitingJob, newest.source == .merge ? newest.job : 0] where job != 0 {
                settleMerge(job, removedByFlush: removedByFlush)
            }
        } else if own.isEmpty, !tables.isEmpty {
            throw .cannot("the store is a branch that has written no table of its own yet")
        } else if !tables.isEmpty {
            throw .cannot("no table says what the store consisted of: all were written by an older version")
        }
        claim()
        claimCheckpoints()
        let numbers = Array(tables.keys) + unreadable + histories.map(\.stamp)
        state.nextFile = (numbers.max() ?? 0) + 1
        // A segment ends where the next begins.
        for (segment, next) in zip(segments, segments.dropFirst())
        where segment.number >= state.logStart.segment && next.number == segment.number + 1 {
            state.cuts[segment.number] = next.startPosition
        }
    }

    private mutating func begin(with newest: TableHistory) {
        state.lastSequence = newest.lastSequence
        state.generation = newest.generation
        state.logStart = newest.logStart
        for member in newest.members { places[member.file] = member }
        state.origins = newest.origins
        checkpoints = newest.checkpoints
    }

    mutating func raiseNextFile(above number: UInt64) { state.nextFile = max(state.nextFile, number + 1) }

    private func outputs(of job: UInt64) -> [TableSummary] {
        tables.values.filter { $0.history?.job == job }.sorted { $0.name.number < $1.name.number }
    }

    /// A flush that had not taken effect has left its part of the log; then the log is read instead. Returns what the
    /// flush removed.
    private mutating func settleFlush(_ newest: TableHistory) -> Set<UInt64> {
        guard case .flush(let lastSequence, let logEnd) = newest.source,
            let last = segments.last(where: { $0.startPosition <= logEnd })
        else { return [] }
        let present = Set(segments.map(\.number))
        let start = newest.logStart.segment
        if start <= last.number, (start...last.number).allSatisfy(present.contains) {
            notes.append("the commits of the last flush are read from the log")
            return []
        }
        let removed = take(outputs(of: newest.job))
        state.lastSequence = lastSequence
        state.logStart = (logEnd, last.number)
        return removed
    }

    /// Inputs go when a merge has taken effect, and not before.
    private mutating func settleMerge(_ job: UInt64, removedByFlush: Set<UInt64>) {
        let outputs = outputs(of: job)
        let inputs = Set(outputs.compactMap(\.history).flatMap(\.removed))
        // A flush that took inputs away has ended the merge.
        guard inputs.isDisjoint(with: removedByFlush) else { return }
        var gone = inputs.filter { tables[$0] == nil && !unreadable.contains($0) }
        if gone.isEmpty, isWhole(outputs) {
            // Files go in any order as far as a power cut is concerned.
            gone = inputs.filter { input in
                tables[input]?.properties.extentReferences.contains { !extents.contains($0.file) } ?? false
            }
        }
        guard !gone.isEmpty else { return }
        _ = take(outputs)
        if lacksLastTable, unreadable.isEmpty { losses.append("the last table that a merge wrote is missing") }
        notes.append("a merge into \(outputs.count) tables is taken for finished: \(gone.count) of its inputs are gone")
    }

    /// Whether all tables of a job are there.
    private func isWhole(_ outputs: [TableSummary]) -> Bool {
        let histories = outputs.compactMap(\.history)
        return histories.contains(where: \.isLast) && histories.flatMap(\.siblings).allSatisfy { tables[$0] != nil }
    }

    /// Puts a job's tables in the place of those that it removed, and returns these.
    private mutating func take(_ outputs: [TableSummary]) -> Set<UInt64> {
        if !outputs.contains(where: { $0.history?.isLast ?? false }) { lacksLastTable = true }
        var removed: Set<UInt64> = []
        var siblings: Set<UInt64> = []
        for output in outputs {
            guard let history = output.history else { continue }
            let number = output.name.number
            places[number] = TablePlace(file: number, level: history.level, run: history.run)
            removed.formUnion(history.removed)
            siblings.formUnion(history.siblings)
        }
        for file in removed { places[file] = nil }
        for file in siblings.sorted() where tables[file] == nil {
            losses.append("table \(file), written by the last merge or flush, is missing or cannot be read")
        }
        return removed
    }

    private func record(_ table: TableSummary, level: UInt8, run: UInt64) -> ManifestEdit.TableRecord {
        ManifestEdit.TableRecord(
            keyspace: table.keyspace, level: level, run: run, file: table.name.number, length: table.length,
            properties: table.properties)
    }

    private mutating func claimCheckpoints() {
        let live = Set(state.tables.map(\.file))
        for checkpoint in checkpoints {
            if let missing = checkpoint.members.first(where: { tables[$0.file] == nil }) {
                losses.append("snapshot \(checkpoint.name) lacks table \(missing.file)")
                continue
            }
            state.checkpoints.add(checkpoint)
            for member in checkpoint.members where !live.contains(member.file) {
                guard let table = tables[member.file] else { continue }
                state.checkpoints.pin(record(table, level: member.level, run: member.run))
            }
        }
    }

    private mutating func claim() {
        for place in places.values.sorted(by: { $0.file < $1.file }) {
            guard let table = tables[place.file] else {
                let what = unreadable.contains(place.file) ? "cannot be read" : "is missing"
                losses.append("table \(place.file) of level \(place.level) \(what)")
                continue
            }
            state.tables.append(record(table, level: place.level, run: place.run))
        }
        for file in unreadable where places[file] == nil {
            if lacksLastTable {
                losses.append("table \(file) cannot be read: whether the last merge or flush needs it is not known")
            } else {
                // Whatever it was to replace is still there.
                notes.append("table \(file) cannot be read and is not needed: it was perhaps never finished")
            }
        }
    }
}
