import Bytes
import LabClock
import LogStore

extension DynamoDBService {
    func createBackup(_ call: Call<API.CreateBackupInput>) async throws(DynamoDBError) -> API.CreateBackupOutput {
        let handle = try await backedUpHandle(try call.tableName(call.input.tableName))
        let name = call.input.backupName ?? ""
        var made: BackupRecord?
        try await handle.change { (table) throws(DynamoDBError) in
            let now = self.clock.now()
            let backup = try await self.backup(of: table, name, .user, at: now)
            made = backup
            return try await self.hold(table, handle) { transaction, batch in
                try await self.add(backup, transaction, &batch)
            }
        }
        return API.CreateBackupOutput(backupDetails: made?.details(status: "CREATING"))
    }

    /// A backup of a table as it is, behind the gate of its writes.
    func backup(
        of table: Table, _ name: String, _ kind: BackupRecord.Kind, at now: LabTime
    ) async throws(DynamoDBError) -> BackupRecord {
        BackupRecord(
            id: TimedID(.backup, of: table.name, at: now, random: random(TimedID.randomSize)), name: name, kind: kind,
            created: now, expires: kind == .system ? now.adding(milliseconds: BackupExpiry.lifetimeMilliseconds) : nil,
            table: table.definition, sizeBytes: try await count(.catalog, DynamoDBKeys.tally(.bytes, table.id, 0)),
            itemCount: try await count(.catalog, DynamoDBKeys.tally(.items, table.id, 0)), hold: randomID())
    }

    /// Adds a backup of the state before the batch's commit.
    func add(_ backup: BackupRecord, _ transaction: Transaction, _ batch: inout WriteBatch) async throws {
        backup.put(into: &batch)
        HistoryHold.put(backup.table.id, backup.hold, bound: nil, into: &batch)
        try await HistoryTrim.begin(
            backup.table.id, backup.table.name, chain: backup.hold, at: backup.created, due, transaction, &batch)
        if let expires = backup.expires {
            due.add(DueEntry(time: expires, kind: .backupExpiry, id: backup.id.key), to: &batch)
        }
    }

    // MARK: Looking

    func describeBackup(
        _ call: Call<API.DescribeBackupInput>
    ) async throws(DynamoDBError) -> API.DescribeBackupOutput {
        let backup = try await backup(try TimedID(.backup, arn: call.input.backupARN ?? "", call.context))
        return API.DescribeBackupOutput(backupDescription: backup.description())
    }

    /// - Throws: `BackupNotFoundException`.
    func backup(_ id: TimedID) async throws(DynamoDBError) -> BackupRecord {
        guard let record = try await read(.catalog, id.key) else { throw .backupNotFound(id) }
        return try BackupRecord.decode(record.head)
    }

    func listBackups(_ call: Call<API.ListBackupsInput>) async throws(DynamoDBError) -> API.ListBackupsOutput {
        let input = call.input
        let prefix: [UInt8]
        if let table = input.tableName {
            prefix = TimedID.prefix(.backup, of: try call.tableName(table))
        } else {
            prefix = TimedID.prefix(.backup, account: call.context.accountID, region: call.context.region)
        }
        var start: [UInt8]?
        if let arn = input.exclusiveStartBackupARN {
            let key = try TimedID(.backup, arn: arn, call.context).key + [0]
            // One of another table: what lies behind it of the one that is asked for.
            start = key.lexicographicallyPrecedes(prefix) ? prefix : key
        }
        let limit = input.limit ?? Self.backupsPageMax
        let lower = input.timeRangeLowerBound ?? -.infinity
        let upper = input.timeRangeUpperBound ?? .infinity
        var summaries: [API.BackupSummary] = []
        var hasMore = false
        try await forEach(.catalog, prefix: prefix, from: start) { (_, value) throws(DynamoDBError) in
            let backup = try BackupRecord.decode(value.head)
            let seconds = backup.created.seconds
            guard seconds >= lower, seconds < upper, backup.kind.isListed(input.backupType) else { return true }
            hasMore = summaries.count == limit
            if !hasMore { summaries.append(backup.summary) }
            return !hasMore
        }
        return API.ListBackupsOutput(
            backupSummaries: summaries, lastEvaluatedBackupARN: hasMore ? summaries.last?.backupARN : nil)
    }

    /// Backups that one ListBackups answers.
    private static let backupsPageMax = 100

    // MARK: Ending

    func deleteBackup(_ call: Call<API.DeleteBackupInput>) async throws(DynamoDBError) -> API.DeleteBackupOutput {
        let backup = try await backup(try TimedID(.backup, arn: call.input.backupARN ?? "", call.context))
        try await remove(backup) { _ in }
        return API.DeleteBackupOutput(backupDescription: backup.description(status: "DELETED"))
    }

    /// Removes a backup, and what only it needed.
    ///
    /// - Throws: `BackupInUseException` while it is being restored; `BackupNotFoundException`.
    func remove(
        _ backup: BackupRecord, also: @escaping @Sendable (inout WriteBatch) -> Void
    ) async throws(DynamoDBError) {
        let key = backup.id.key
        try await release(
            backup.table.id, backup.table.name, [backup.hold],
            allowed: { (holds) throws(DynamoDBError) in
                if !holds.contains(where: { $0.id == backup.hold }) { throw .backupNotFound(backup.id) }
                if holds.contains(where: { $0.origin == backup.hold }) {
                    throw DynamoDBError(
                        .backupInUseException, "Backup is being used by another operation: \(backup.id.arn)")
                }
            },
            also: { batch in
                batch.delete(.catalog, key)
                if let expires = backup.expires {
                    DueEntry(time: expires, kind: .backupExpiry, id: key).remove(from: &batch)
                }
                also(&batch)
            })
    }

    func restoreTableFromBackup(
        _ call: Call<API.RestoreTableFromBackupInput>
    ) async throws(DynamoDBError) -> API.RestoreTableFromBackupOutput {
        let id = try TimedID(.backup, arn: call.input.backupARN ?? "", call.context)
        let settings = try RestoreSettings(call.input)
        let target = try call.tableName(call.input.targetTableName)
        let restoreCount = store.restoreCount
        let backup = try await backup(id)
        let uuid = uuid()
        let definition = try settings.target(
            of: backup.table, target, uuid: uuid,
            RestoreSummary(sourceBackupARN: id.arn, sourceTableARN: backup.table.name.arn, time: backup.created),
            at: clock.now())
        let jobID = randomID()
        let job = RestoreJob(
            id: jobID, sourceID: backup.table.id, source: backup.table.name, hold: jobID, target: target,
            targetUUID: uuid)
        // The backup's own hold sees to it that history is kept: this one shares its state.
        let holdKey = HistoryHold.key(backup.table.id, backup.hold)
        try await transact { transaction, batch in
            batch.restoreCount = restoreCount
            guard let value = try await transaction.get(.catalog, holdKey) else {
                throw DynamoDBError.backupNotFound(id)
            }
            let hold = try HistoryHold(key: holdKey, value: value)
            HistoryHold.put(hold.tableID, jobID, bound: hold.bound, origin: hold.id, into: &batch)
            try await self.begin(job, building: definition, transaction, &batch)
        }
        guard let built = try await self.handle(target).table else { throw .resourceNotFound }
        return API.RestoreTableFromBackupOutput(tableDescription: try await describe(built))
    }
}

extension BackupRecord.Kind {
    /// Whether a list of a type has such backups. AWS Backup's are never here.
    fileprivate func isListed(_ type: String?) -> Bool { type == nil || type == "ALL" || type == rawValue }
}

extension DynamoDBError {
    fileprivate static func backupNotFound(_ id: TimedID) -> DynamoDBError {
        DynamoDBError(.backupNotFoundException, "Backup not found: \(id.arn)")
    }
}
