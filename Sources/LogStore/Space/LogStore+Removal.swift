internal import Disk
internal import Synchronization

/// Taking away files that nothing refers to any more.
extension LogStore {
    /// Removes one file that is small enough to go at once; sets larger ones aside. False when there is none.
    func removeStep() throws(StoreError) -> Bool {
        if let released = registry.takeReleased(byteCounts: 0...Removal.stepBytes) {
            try remove(registry.name(released.number))
            return true
        }
        guard let name = janitor.takeDiscarded() else { return false }
        // The manifest has the last word: a table may have come back to life by a restore, or be kept by a checkpoint.
        guard mayUnlink(name) else { return true }
        guard let removal = try Removal(name, on: disk) else { return true }
        if removal.isLarge {
            janitor.setAside(name)
        } else {
            try remove(name)
        }
        return true
    }

    /// Gives back a piece of a large file that is on its way out, and its name with the last. False when there is none,
    /// or commits come first: see `ChorePace`.
    func cutStep() throws(StoreError) -> Bool {
        guard hasLargeRemovals, mayDisturbCommits else { return false }
        janitor.withPace { $0.noteStep(logWrites: counters.logWrites.load(ordering: .relaxed)) }
        var next = janitor.removal
        if next == nil { next = try nextRemoval() }
        guard var removal = next else { return true }
        if removal.isLarge {
            try removal.cut()
            janitor.removal = removal
            noteFreeSpace()
            wakeWaiters()
        } else {
            janitor.removal = nil
            try remove(removal.name)
        }
        return true
    }

    /// Whether large files wait for `cutStep`.
    var hasLargeRemovals: Bool {
        janitor.removal != nil || janitor.hasSetAside || registry.hasReleased(byteCountMin: Removal.stepBytes + 1)
    }

    /// Whether what can wait may run now. While space is short nothing waits.
    var mayDisturbCommits: Bool {
        let writes = counters.logWrites.load(ordering: .relaxed)
        return janitor.withPace { $0.allowsStep(logWrites: writes) } || core.withLock { $0.isNearlyLowOnSpace }
    }

    /// Whether no commit was written between the driver's last two pauses.
    var isIdle: Bool {
        let writes = counters.logWrites.load(ordering: .relaxed)
        return janitor.withPace { $0.isIdle(logWrites: writes) }
    }

    /// Whether that has been so for several pauses.
    var isQuiet: Bool {
        let writes = counters.logWrites.load(ordering: .relaxed)
        return janitor.withPace { $0.isQuiet(logWrites: writes) }
    }

    /// The driver has let some milliseconds pass, as `StoreDriver.backgroundMayPause` asks for; background steps should
    /// follow.
    package func notePause() {
        let writes = counters.logWrites.load(ordering: .relaxed)
        janitor.withPace { $0.notePause(logWrites: writes) }
    }

    private func nextRemoval() throws(StoreError) -> Removal? {
        let name =
            janitor.takeSetAside()
            ?? registry.takeReleased(byteCounts: 0...(.max)).map { registry.name($0.number) }
        guard let name else { return nil }
        return try Removal(name, on: disk)
    }

    private func remove(_ name: String) throws(StoreError) {
        do { try disk.remove(name) } catch .notFound {
            // Named by a commit that was overwritten before its file was gone from the log.
        } catch { throw .disk(error) }
        counters.unlinkedFiles.wrappingAdd(1, ordering: .relaxed)
        noteFreeSpace()
        wakeWaiters()
    }
}
