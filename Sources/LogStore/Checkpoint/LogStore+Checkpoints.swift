/// Checkpoints: saved states of the whole store.
///
/// A checkpoint is a flush whose edit of the manifest also names the tables that there are then, so its time depends on
/// what is in memory and not on what is on disk. A restore is a flush whose edit keeps what there is under a name and
/// puts a checkpoint's tables in its place. `docs/engine.md`, "Checkpoints".
extension LogStore {
    /// Saves everything that was committed before the call. Commits go on meanwhile.
    ///
    /// - Parameter createdMilliseconds: what the list is to say of its time.
    /// - Throws: `.invalidName`, `.alreadyExists`, `.tooMany`, `.store`.
    package func saveCheckpoint(
        named name: String, createdMilliseconds: UInt64
    ) async throws(CheckpointError) -> CheckpointInfo {
        _ = try await orderSave(named: name, createdMilliseconds: createdMilliseconds).wait()
        guard let info = checkpoints().first(where: { $0.name == name }) else { throw .notFound(name) }
        return info
    }

    /// Puts a saved state in the place of the present one, which is kept as a checkpoint of its own.
    ///
    /// Commits wait while it happens and then go on against the restored state; transactions and updates that had read
    /// the old one run again. Snapshots and cursors of before throw `.restored`; content that is open stays readable.
    /// Sequence numbers go on rising.
    ///
    /// - Returns: the name under which the state before was kept.
    /// - Throws: `.notFound`, `.tooMany`, `.store`; nothing has changed then, unless the store is poisoned.
    package func restoreCheckpoint(
        named name: String, createdMilliseconds: UInt64
    ) async throws(CheckpointError) -> String {
        guard pins.retain(name) else { throw .notFound(name) }
        defer { pins.release(name) }
        // What takes time is done before commits have to wait: opening tables, and flushing most of what is in memory.
        let tables = try await openTables(ofCheckpoint: name)
        _ = try await enqueue(CheckpointOrder(.flush)).wait()
        let order = CheckpointOrder(
            .restore(.init(name: name, tables: tables), milliseconds: createdMilliseconds))
        while let epoch = try tryFencing(order) {
            do { try await waitForRoom(since: epoch) } catch { throw .store(error) }
        }
        return try await order.wait()
    }

    /// Removes a checkpoint. The space that it alone held comes back.
    ///
    /// - Throws: `.notFound`, `.inUse`, `.store`.
    package func removeCheckpoint(named name: String) async throws(CheckpointError) {
        _ = try await orderRemoval(named: name).wait()
    }

    // MARK: Orders

    /// `saveCheckpoint`, for whoever drives the background himself.
    func orderSave(named name: String, createdMilliseconds: UInt64) throws(CheckpointError) -> CheckpointOrder {
        if let problem = Checkpoint.nameProblem(name) { throw .invalidName(name, why: problem) }
        if manifest.current.checkpoints[name] != nil { throw .alreadyExists(name) }
        return try enqueue(CheckpointOrder(.save(name: name, milliseconds: createdMilliseconds)))
    }

    func orderRemoval(named name: String) throws(CheckpointError) -> CheckpointOrder {
        if let refusal = core.withLock({ $0.isOpenForCommits }) { throw .store(refusal) }
        let order = CheckpointOrder(.drop(name: name))
        janitor.drop(order)
        // Whoever poisons or closes the store meanwhile may have missed it.
        if let refusal = core.withLock({ $0.isOpenForCommits }) { failCheckpointOrders(refusal) }
        return order
    }

    /// Cuts the memtables here: the flush of what is in them carries the order out.
    private func enqueue(_ order: CheckpointOrder) throws(CheckpointError) -> CheckpointOrder {
        if let refusal = core.withLock({ cut(for: order, in: &$0) }) { throw .store(refusal) }
        driver.backgroundIsWaiting()
        return order
    }

    /// The same with a fence around everybody's commits, which stands until the order has its outcome.
    ///
    /// - Returns: nil when it stands; the epoch to wait from while somebody else's does.
    func tryFencing(_ order: CheckpointOrder) throws(CheckpointError) -> UInt64? {
        let (epoch, refusal) = core.withLock { core -> (UInt64?, StoreError?) in
            if core.fenceOwner != nil, core.isOpenForCommits == nil { return (core.epoch, nil) }
            if let refusal = cut(for: order, in: &core) { return (nil, refusal) }
            core.fenceOwner = ObjectIdentifier(order)
            return (nil, nil)
        }
        if let refusal { throw .store(refusal) }
        if epoch == nil { driver.backgroundIsWaiting() }
        return epoch
    }

    private func cut(for order: CheckpointOrder, in core: inout StoreCore) -> StoreError? {
        if let refusal = core.isOpenForCommits { return refusal }
        // No frame spans two sets.
        if core.openGroup.commitCount > 0 {
            core.sealedGroups.append(core.openGroup)
            core.openGroup = CommitGroup(buffer: core.spareBuffers.popLast() ?? GroupBuffer())
        }
        let set = freezeActiveSet(&core)
        set.order = order
        // What is on its way to the log ends the set when it has arrived.
        if !core.isCommitting, core.sealedGroups.isEmpty { set.logEnd = core.logPosition }
        return nil
    }

    /// Opens the tables of a checkpoint that the store does not have open.
    func openTables(
        ofCheckpoint name: String
    ) async throws(CheckpointError) -> [(record: ManifestEdit.TableRecord, table: Table)] {
        let state = manifest.current
        guard let checkpoint = state.checkpoints[name], let records = state.tables(of: checkpoint) else {
            throw .notFound(name)
        }
        var open: [UInt64: Table] = [:]
        for table in core.withLock({ $0.version }).allTables { open[table.number] = table }
        let present = open
        do {
            return try await driver.offload { () throws(StoreError) in
                var tables: [(record: ManifestEdit.TableRecord, table: Table)] = []
                for record in records {
                    if let table = present[record.file] {
                        tables.append((record, table))
                    } else {
                        tables.append((record, try self.openTable(record.file, record: record)))
                    }
                }
                return tables
            }
        } catch {
            throw .store(error)
        }
    }

    /// Ends an order, and the fence that stands for it.
    func finish(_ order: CheckpointOrder, _ outcome: CheckpointOrder.Outcome) {
        let waiters = core.withLock { core -> [RoomWaiter] in
            guard core.fenceOwner == ObjectIdentifier(order) else { return [] }
            core.fenceOwner = nil
            return core.takeWaiters()
        }
        order.complete(outcome)
        for waiter in waiters { waiter.resume() }
    }

    func failOrder(of set: MemtableSet, _ error: StoreError) {
        let order = core.withLock { _ in
            defer { set.order = nil }
            return set.order
        }
        if let order { finish(order, .failure(.store(error))) }
    }

    /// Nothing that waits will be done any more.
    func failCheckpointOrders(_ error: StoreError) {
        failFlushOrders(error)
        while let order = janitor.takeDrop() { finish(order, .failure(.store(error))) }
    }

    /// The frozen sets are flushed all the same, some time, without what was wanted besides.
    func failFlushOrders(_ error: StoreError) {
        let orders = core.withLock { core in
            core.version.memtables.compactMap { set -> CheckpointOrder? in
                defer { set.order = nil }
                return set.order
            }
        }
        for order in orders { finish(order, .failure(.store(error))) }
    }
}
