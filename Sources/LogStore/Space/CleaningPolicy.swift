internal import Bytes

/// Which extent files to empty next, and by rewriting which table. A pure function of what is wanted of them.
///
/// Cleaning costs the copying of what is still wanted: the more of a file is dead, the cheaper. So while commits come,
/// a third of the space may be dead; an idle store is cleaned until little is. The disk's being full comes before both.
struct CleaningPolicy {
    /// Dead bytes may be this part of the wanted ones while the store is idle.
    private static let idlePart: UInt64 = 8
    /// The same while commits are written.
    private static let busyPart: UInt64 = 2

    /// An extent file is sealed past so many bytes.
    let fileBytes: UInt64
    var space = SpaceState.enough
    /// What may be copied before anything comes back.
    var freeBytes = UInt64.max

    /// Dead bytes that are left alone, whatever the size of the store: less is not worth a job.
    func deadBytesAllowed(referencedBytes: UInt64, isIdle: Bool) -> UInt64 {
        guard space == .enough else { return fileBytes / 64 }
        return isIdle
            ? max(fileBytes / 8, referencedBytes / Self.idlePart) : max(fileBytes / 2, referencedBytes / Self.busyPart)
    }

    /// Bytes that one job may copy: bounds how long other maintenance waits for it.
    var budgetBytes: UInt64 { min(fileBytes / 2, freeBytes / 2) }

    /// Whether too much is dead.
    func isDue(_ liveness: ExtentLiveness, isIdle: Bool) -> Bool {
        liveness.cleanableBytes > deadBytesAllowed(referencedBytes: liveness.referencedBytes, isIdle: isIdle)
    }

    /// The files to empty; none when no cleaning is due.
    func sources(_ liveness: ExtentLiveness, isIdle: Bool) -> Set<UInt64> {
        guard isDue(liveness, isIdle: isIdle) else { return [] }
        let candidates = liveness.files.filter { $0.isCleanable && $0.deadBytes > 0 }
        // Near a full disk, one at a time: what it takes comes back before more is taken.
        guard space == .enough else {
            let fitting = candidates.filter { $0.referencedBytes <= freeBytes / 2 }
            return fitting.max { $0.deadBytes < $1.deadBytes }.map { [$0.number] } ?? []
        }
        let goal = deadBytesAllowed(referencedBytes: liveness.referencedBytes, isIdle: isIdle) / 2
        var left = liveness.cleanableBytes
        var chosen: Set<UInt64> = []
        for file in candidates.sorted(by: { ($0.deadShare, $1.number) > ($1.deadShare, $0.number) }) where left > goal {
            chosen.insert(file.number)
            left -= file.deadBytes
        }
        return chosen
    }

    /// Whether a file that rests, open for its next writer, should be closed so that it can be cleaned or die.
    ///
    /// - Parameter writtenBytes: what has been written to it.
    func shouldSeal(writtenBytes: UInt64, referencedBytes: UInt64, isIdle: Bool) -> Bool {
        let dead = writtenBytes - min(writtenBytes, referencedBytes + UInt64(FileHeader.byteCount))
        return isIdle
            ? dead > fileBytes / 64 && dead > writtenBytes / 4 : dead > fileBytes / 8 && dead > writtenBytes / 2
    }

    /// The table whose rewriting empties most for its cost; nil when none names a source.
    func choose(_ tables: some Sequence<Table>, sources: Set<UInt64>) -> Table? {
        var best: (table: Table, gain: Double)?
        for table in tables {
            let bytes = table.properties.extentReferences.reduce(UInt64(0)) {
                sources.contains($1.file) ? $0 + $1.storedBytes : $0
            }
            guard bytes > 0 else { continue }
            let gain = Double(bytes) / Double(bytes + table.length)
            if gain > best?.gain ?? 0 { best = (table, gain) }
        }
        return best?.table
    }
}

/// What the need for cleaning depends on beside the store's version.
struct CleaningConditions: Sendable, Equatable {
    var isIdle: Bool
    var space: SpaceState
}
