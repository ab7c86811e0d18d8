import LabClock
import LogStore

extension DynamoDBService {
    func restoreTableToPointInTime(
        _ call: Call<API.RestoreTableToPointInTimeInput>
    ) async throws(DynamoDBError) -> API.RestoreTableToPointInTimeOutput {
        let input = call.input
        guard let source = input.sourceTableARN ?? input.sourceTableName else {
            throw .validation("SourceTableName or SourceTableArn must be specified")
        }
        let isLatest = input.useLatestRestorableTime ?? false
        guard isLatest != (input.restoreDateTime != nil) else {
            throw .validation("Exactly one of RestoreDateTime and UseLatestRestorableTime must be specified")
        }
        let settings = try RestoreSettings(input)
        let target = try call.tableName(input.targetTableName)
        let name = try call.tableName(source)
        let handle = try await existingHandle(name, "Source table not found: \(name.table)")
        let jobID = randomID()
        let uuid = uuid()
        try await holdPast(of: handle) { (table, now) throws(DynamoDBError) in
            let second = try Self.second(isLatest ? nil : input.restoreDateTime, at: now)
            // Behind the gate: what was acknowledged has its second's entry in the published state.
            let bound = try await WrittenSeconds.bound(of: table.id, atEndOf: second, in: self.store)
            let time = LabTime(millisecondsSinceEpoch: second * 1000)
            let definition = try settings.target(
                of: table.definition, target, uuid: uuid,
                RestoreSummary(sourceBackupARN: nil, sourceTableARN: table.name.arn, time: time), at: now)
            let job = RestoreJob(
                id: jobID, sourceID: table.id, source: table.name, hold: jobID, target: target, targetUUID: uuid)
            return { transaction, batch in
                try await self.checkReadable(second, of: table, at: now, transaction, .invalidRestoreTime)
                HistoryHold.put(table.id, job.hold, bound: bound, into: &batch)
                try await self.begin(job, building: definition, transaction, &batch)
            }
        }
        guard let built = try await self.handle(target).table else { throw .resourceNotFound }
        return API.RestoreTableToPointInTimeOutput(tableDescription: try await describe(built))
    }

    /// Makes a hold, with what it is for, in the commit that says in the table's record that there is one.
    typealias Holding = @Sendable (Transaction, inout WriteBatch) async throws -> Void

    /// Plans what reads the past of a table with recovery, behind the gate of its writes, and commits it.
    ///
    /// - Parameter plan: answers nil when there is nothing to do.
    /// - Throws: `PointInTimeRecoveryUnavailableException`.
    func holdPast(
        of handle: TableHandle, _ plan: (Table, LabTime) async throws(DynamoDBError) -> Holding?
    ) async throws(DynamoDBError) {
        try Self.checkRecovery(handle)
        try await handle.change { (table) throws(DynamoDBError) in
            try Self.checkRecovery(handle)
            guard let holding = try await plan(table, self.clock.now()) else { return table }
            return try await self.hold(table, handle, holding)
        }
    }

    /// Commits what holds a state of a table, behind its gate. Returns the table from then on.
    func hold(
        _ table: Table, _ handle: TableHandle, _ holding: Holding
    ) async throws(DynamoDBError) -> Table {
        var definition = table.definition
        definition.isHeld = true
        let changed = definition
        let restoreCount = handle.restoreCount
        try await transact { transaction, batch in
            batch.restoreCount = restoreCount
            changed.put(into: &batch)
            try await holding(transaction, &batch)
        }
        return table.changed(to: changed)
    }

    private static func checkRecovery(_ handle: TableHandle) throws(DynamoDBError) {
        if handle.table?.definition.recovery == nil {
            throw DynamoDBError(
                .pointInTimeRecoveryUnavailableException,
                "Point in time recovery is not enabled for table '\(handle.name.table)'")
        }
    }

    /// The second that a time of a request lies in.
    static func second(_ seconds: Double?, at now: LabTime) throws(DynamoDBError) -> Int64 {
        guard let seconds else { return now.second }
        // Far outside of all times that there are: refused by whoever compares it.
        return Int64(max(-1e15, min(1e15, seconds.rounded(.down))))
    }

    /// - Throws: the refusal when a table's state at the end of a second is not to be had.
    func checkReadable(
        _ second: Int64, of table: Table, at now: LabTime, _ transaction: Transaction, _ refusal: DynamoDBError
    ) async throws {
        guard let record = try await transaction.get(.catalog, HistoryTrim.recordKey(table.id))?.head,
            let earliest = table.definition.recovery?.earliest(
                at: now, trimmed: try HistoryRecord.decode(record).trimmed)
        else { throw DynamoDBError.damagedRecord("history") }
        guard (earliest...max(earliest, now.second)).contains(second) else { throw refusal }
    }

    /// Adds the table that a restore builds, and the work of it.
    ///
    /// - Throws: `TableAlreadyExistsException`, `TableInUseException`; as `add`.
    func begin(
        _ job: RestoreJob, building definition: TableDefinition, _ transaction: Transaction, _ batch: inout WriteBatch
    ) async throws {
        try await Self.checkAbsent(definition.name, transaction)
        try await add(definition, tags: [], transaction, &batch)
        job.put(into: &batch)
        due.add(DueEntry(time: JobTurns.first, kind: .restore, id: job.entryID), to: &batch)
    }

    private static func checkAbsent(_ name: TableName, _ transaction: Transaction) async throws {
        guard let record = try await transaction.get(.catalog, DynamoDBKeys.table(name))?.head else { return }
        if try TableRecord.decode(record).isBuilding {
            throw DynamoDBError(.tableInUseException, "Table is being created: \(name.table)")
        }
        throw DynamoDBError(.tableAlreadyExistsException, "Table already exists: \(name.table)")
    }
}

extension DynamoDBError {
    fileprivate static let invalidRestoreTime = DynamoDBError(
        .invalidRestoreTimeException,
        "An invalid restore time was specified. RestoreDateTime must be between EarliestRestorableDateTime and "
            + "LatestRestorableDateTime.")
}
