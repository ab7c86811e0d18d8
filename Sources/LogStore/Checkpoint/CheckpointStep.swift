/// What a flush does for the checkpoint order of its set, beside what every flush does.
struct CheckpointStep {
    let store: LogStore
    let order: CheckpointOrder
    /// The checkpoint that the edit makes.
    var made: Checkpoint?
    /// With a restore: what the store consists of afterwards, and the sequence number that the restore has itself.
    var restored: (restoration: CheckpointOrder.Restoration, sequence: UInt64)?

    /// Once the edit is durable: holds the files of what was made.
    func pin() {
        if let made { store.pin(made) }
    }

    /// In the same turn in which the flush puts its tables in place: replaces them by the restored ones.
    func install(in core: inout StoreCore) {
        guard let restored else { return }
        precondition(
            core.nextSequence == restored.sequence && core.version.memtables.count == 1 && core.activeSet.isEmpty,
            "nobody commits behind the fence of a restore")
        // The restore has a number of its own, so that what was read before it is older than what it shows.
        core.nextSequence = restored.sequence + 1
        core.published = restored.sequence
        core.validationFloor = restored.sequence
        // What snapshots show is not a past of what the store holds from now on.
        core.pin.markRestored()
        for state in core.olderStates { state.pin.markRestored() }
        store.restores.increment()
        let empty = Dictionary(uniqueKeysWithValues: Keyspace.allCases.map { ($0, [SortedRun]()) })
        let runs = SortedRun.all(of: restored.restoration.tables)
        core.version = core.version.replacing(runs: empty.merging(runs) { $1 })
        for keyspace in Keyspace.allCases { store.noteMergeDebt(keyspace, in: &core) }
    }

    func finish() {
        if restored != nil {
            // Its inputs are no longer what the store consists of.
            store.janitor.compaction?.output.abandon()
            store.janitor.compaction = nil
        }
        store.finish(order, .success(made?.name ?? ""))
    }
}

extension LogStore {
    /// Adds to a flush's edit what the set's order wants. Nil when there is none, or it cannot be: it has been told so.
    func checkpointStep(
        of set: MemtableSet, at sequence: UInt64, adding edit: inout ManifestEdit
    ) -> CheckpointStep? {
        guard let order = core.withLock({ _ in set.order }) else { return nil }
        var step = CheckpointStep(store: self, order: order)
        let state = manifest.state
        var after = state
        after.apply(edit)
        if case .flush = order.kind { return step }
        guard state.checkpoints.all.count < EngineLimits.checkpointsMax else {
            finish(order, .failure(.tooMany))
            return nil
        }
        switch order.kind {
        case .flush, .drop: return step
        case .save(let name, let milliseconds):
            guard state.checkpoints[name] == nil else {
                finish(order, .failure(.alreadyExists(name)))
                return nil
            }
            let made = Checkpoint(
                name: name, sequence: sequence, createdMilliseconds: milliseconds, tables: after.tables)
            edit.records.append(.checkpoint(made))
            step.made = made
        case .restore(let restoration, let milliseconds):
            guard let checkpoint = state.checkpoints[restoration.name],
                checkpoint.members.map(\.file) == restoration.tables.map(\.table.number)
            else {
                finish(order, .failure(.notFound(restoration.name)))
                return nil
            }
            let made = Checkpoint(
                name: keptName(state), sequence: sequence, createdMilliseconds: milliseconds, tables: after.tables)
            edit.records.append(.checkpoint(made))
            edit.records.append(.restored(name: restoration.name))
            edit.records.append(
                .counters(nextFile: numbers.upcoming, lastSequence: sequence + 1, generation: state.generation + 1))
            step.made = made
            step.restored = (restoration, sequence + 1)
        }
        return step
    }

    /// A name that no checkpoint has, for what a restore replaces.
    private func keptName(_ state: ManifestState) -> String {
        var number = state.generation + 1
        while state.checkpoints["before-restore-\(number)"] != nil { number += 1 }
        return "before-restore-\(number)"
    }

    /// Carries a removal out. False when none waits.
    func dropCheckpoint() throws(StoreError) -> Bool {
        guard let order = janitor.takeDrop() else { return false }
        guard case .drop(let name) = order.kind else { preconditionFailure("only removals are queued") }
        let before = manifest.state.checkpoints
        guard let checkpoint = before[name] else {
            finish(order, .failure(.notFound(name)))
            return true
        }
        guard pins.beginRemoval(name) else {
            finish(order, .failure(.inUse(name)))
            return true
        }
        do {
            try manifest.append(
                ManifestEdit([.dropCheckpoint(name: name), countersRecord(lastSequence: 0)]), numbers: numbers)
        } catch {
            pins.endRemoval(name, isGone: false)
            guard error == .noSpace else {
                finish(order, .failure(.store(.unknownOutcome(reason: "\(error)"))))
                throw error
            }
            finish(order, .failure(.store(.noSpace)))
            return true
        }
        pins.endRemoval(name, isGone: true)
        janitor.forgetClean()
        for member in checkpoint.members where !manifest.state.names(table: member.file) {
            janitor.discard(identity.name(member.file, .table))
        }
        // What snapshots have let go of since the tables last changed goes too.
        boundSnapshots()
        finish(order, .success(name))
        return true
    }

    /// Whether nothing that the manifest names is in the file of a name. To be asked in the maintenance turn.
    func mayUnlink(_ name: String) -> Bool {
        guard let file = FileName(name), file.kind == .table, identity.owns(file),
            !options.makes(.checkpointsUnpinned)
        else { return true }
        return !manifest.state.names(table: file.number)
    }

    /// Holds the extents of a checkpoint. Somebody must hold them already, or nobody unlink yet.
    func pin(_ checkpoint: Checkpoint) {
        let records = manifest.state.tables(of: checkpoint) ?? []
        let numbers = Set(records.flatMap { table in table.properties.extentReferences.map(\.file) })
        pins.pin(checkpoint.name, numbers.sorted().map { registry.file($0) })
    }

    /// The same for all there are, when a store is opened.
    func pinCheckpoints() {
        for checkpoint in manifest.state.checkpoints.all { pin(checkpoint) }
    }
}
