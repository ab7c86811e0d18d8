import LabClock
import LogStore

extension DynamoDBService {
    /// AWS's period, and the longest.
    private static let recoveryDaysMax = 35

    func updateContinuousBackups(
        _ call: Call<API.UpdateContinuousBackupsInput>
    ) async throws(DynamoDBError) -> API.UpdateContinuousBackupsOutput {
        let name = try call.tableName(call.input.tableName)
        let wish = call.input.pointInTimeRecoverySpecification
        let isEnabled = wish?.pointInTimeRecoveryEnabled ?? false
        let days = wish?.recoveryPeriodInDays
        if !isEnabled, days != nil {
            throw .validation(
                "One or more parameter values were invalid: RecoveryPeriodInDays cannot be specified when "
                    + "PointInTimeRecoveryEnabled is false")
        }
        let handle = try await backedUpHandle(name)
        let now = clock.now()
        let chain = randomID()
        try await handle.change { (table) throws(DynamoDBError) in
            var definition = table.definition
            let present = definition.recovery
            definition.recovery =
                isEnabled
                ? RecoveryDefinition(
                    enabled: present?.enabled ?? now,
                    periodDays: days ?? present?.periodDays ?? Self.recoveryDaysMax) : nil
            let changed = definition
            let restoreCount = handle.restoreCount
            try await transact { transaction, batch in
                batch.restoreCount = restoreCount
                batch.makesRoom = !isEnabled
                changed.put(into: &batch)
                if changed.keepsHistory {
                    try await HistoryTrim.begin(
                        changed.id, name, chain: chain, at: now, self.due, transaction, &batch)
                } else {
                    self.removeHistory(changed.id, from: &batch)
                }
            }
            if present == nil { handle.seconds.forget() }
            return table.changed(to: changed)
        }
        let described = try await continuousBackups(of: name)
        return API.UpdateContinuousBackupsOutput(continuousBackupsDescription: described)
    }

    func describeContinuousBackups(
        _ call: Call<API.DescribeContinuousBackupsInput>
    ) async throws(DynamoDBError) -> API.DescribeContinuousBackupsOutput {
        let name = try call.tableName(call.input.tableName)
        return API.DescribeContinuousBackupsOutput(
            continuousBackupsDescription: try await continuousBackups(of: name))
    }

    /// The handle of a table that can be backed up.
    ///
    /// - Throws: `TableNotFoundException`; `ContinuousBackupsUnavailableException` while it is being built.
    func backedUpHandle(_ name: TableName) async throws(DynamoDBError) -> TableHandle {
        let handle = try await existingHandle(name)
        if handle.table?.definition.isBuilding == true {
            throw DynamoDBError(
                .continuousBackupsUnavailableException,
                "Backups are being enabled for the table: \(name.table). Please retry later")
        }
        return handle
    }

    /// - Throws: `TableNotFoundException` with that message.
    func existingHandle(
        _ name: TableName, _ message: String? = nil
    ) async throws(DynamoDBError) -> TableHandle {
        do throws(DynamoDBError) {
            let handle = try await handle(name)
            if handle.table != nil { return handle }
        } catch {
            if error != .resourceNotFound { throw error }
        }
        throw DynamoDBError(.tableNotFoundException, message ?? "Table not found: \(name.table)")
    }

    private func continuousBackups(of name: TableName) async throws(DynamoDBError) -> API.ContinuousBackupsDescription {
        guard let table = try await existingHandle(name).table else {
            throw DynamoDBError(.tableNotFoundException, "Table not found: \(name.table)")
        }
        var description = API.PointInTimeRecoveryDescription(pointInTimeRecoveryStatus: "DISABLED")
        if let recovery = table.definition.recovery {
            let now = clock.now()
            description.pointInTimeRecoveryStatus = "ENABLED"
            description.recoveryPeriodInDays = recovery.periodDays
            description.earliestRestorableDateTime = Double(
                recovery.earliest(at: now, trimmed: try await trimmedSecond(of: table.id)))
            description.latestRestorableDateTime = Double(now.second)
        }
        return API.ContinuousBackupsDescription(
            continuousBackupsStatus: "ENABLED", pointInTimeRecoveryDescription: description)
    }

    private func trimmedSecond(of tableID: UInt64) async throws(DynamoDBError) -> Int64 {
        guard let record = try await read(.catalog, HistoryTrim.recordKey(tableID)) else { return .min }
        return try HistoryRecord.decode(record.head).trimmed
    }
}
