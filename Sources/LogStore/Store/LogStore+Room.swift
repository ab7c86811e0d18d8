/// Waiting for room: in the log, in memory, on the disk.
extension LogStore {
    // MARK: Disk

    /// While free space is below the reserve, only deletes are let in. Looks again each time, so that space which came
    /// back is noticed.
    func refuseWhenSpaceIsLow() throws(StoreError) {
        guard noteFreeSpace() else {
            driver.backgroundIsWaiting()
            throw .noSpace
        }
    }

    /// Compares free space with the reserve. True when there is enough.
    @discardableResult
    func noteFreeSpace() -> Bool {
        reserve.require(core.withLock { reserveBytes($0) })
        let isLow = reserve.isShort
        pool.setSpaceIsShort(isLow)
        let isNearlyLow = reserve.isNearlyShort
        let spareBytes = reserve.spareBytes
        core.withLock { core in
            core.admission.debt.spareBytes = spareBytes
            core.isLowOnSpace = isLow
            core.isNearlyLowOnSpace = isNearlyLow
        }
        return !isLow
    }

    /// Space that puts leave free: one flush of everything in memory with the extents it separates, the largest
    /// compaction, a segment of the log if none is laid out ahead, and the manifest with the remainders of blocks.
    private func reserveBytes(_ core: borrowing StoreCore) -> UInt64 {
        let settings = options.compactionSettings
        let compaction = Keyspace.allCases.reduce(UInt64(0)) { largest, keyspace in
            max(largest, settings.largestJobBytes(core.version.runs(keyspace)))
        }
        let segment = core.freeSegments.isEmpty ? options.segmentBytes : 0
        return UInt64(options.memtableBytesTotalMax) + compaction + segment + StoreOptions.reserveSlackBytes
    }

    // MARK: Memory

    /// Whether the memtables take one more commit.
    func hasMemtableRoom(_ core: borrowing StoreCore, makesRoom: Bool) -> Bool {
        var bytes = 0
        for set in core.version.memtables { bytes += set.allocatedBytes }
        return bytes < memtableRoom(besides: bytes) * (makesRoom ? 2 : 1)
    }

    /// Memory for the memtables that are written or wait for their flush, which have `bytes` of it now. What only
    /// readers hold has its part, as far as writers keep enough to go on while a set is flushed.
    func memtableRoom(besides bytes: Int) -> Int {
        let heldByReaders = max(0, memtableMemory.usedBytes - bytes)
        return max(options.memtableBytesTotalMax - heldByReaders, options.memtableBytesMax / 2 * 3)
    }

    // MARK: Waiting

    /// Waits until the background or the committer has made a difference.
    ///
    /// - Throws: `.noSpace` when it cannot: there is no space for another segment or for a flush.
    func waitForRoom(since epoch: UInt64) async throws(StoreError) {
        try refuseWhenStuck(since: epoch)
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let waiter = RoomWaiter.task(continuation)
            if !joinWaiters(waiter, since: epoch) { waiter.resume() }
        }
    }

    /// The same for a thread.
    func waitForRoomBlocking(since epoch: UInt64) throws(StoreError) {
        try refuseWhenStuck(since: epoch)
        let gate = Gate()
        if joinWaiters(.thread(gate), since: epoch) { gate.wait() }
    }

    private func refuseWhenStuck(since epoch: UInt64) throws(StoreError) {
        if janitor.isStuck(free: reserve.freeBytes), core.withLock({ $0.fenceOwner == nil && $0.epoch == epoch }) {
            throw .noSpace
        }
    }

    /// False when something has changed already.
    private func joinWaiters(_ waiter: RoomWaiter, since epoch: UInt64) -> Bool {
        core.withLock { core in
            if core.isOpenForCommits != nil || core.epoch != epoch { return false }
            core.waiters.append(waiter)
            return true
        }
    }

    /// Lets everybody who waits for room look again.
    func wakeWaiters() {
        let waiters = core.withLock { $0.takeWaiters() }
        for waiter in waiters { waiter.resume() }
    }
}
