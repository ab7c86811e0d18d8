import LabClock
import LogStore

extension DynamoDBService {
    func describeTimeToLive(
        _ call: Call<API.DescribeTimeToLiveInput>
    ) async throws(DynamoDBError) -> API.DescribeTimeToLiveOutput {
        let table = try await namedTable(try call.tableName(call.input.tableName))
        let attribute = table.definition.timeToLive?.attribute
        return API.DescribeTimeToLiveOutput(
            timeToLiveDescription: API.TimeToLiveDescription(
                timeToLiveStatus: attribute == nil ? "DISABLED" : "ENABLED", attributeName: attribute))
    }

    func updateTimeToLive(
        _ call: Call<API.UpdateTimeToLiveInput>
    ) async throws(DynamoDBError) -> API.UpdateTimeToLiveOutput {
        let specification = call.input.timeToLiveSpecification
        guard let attribute = specification?.attributeName, let isEnabled = specification?.enabled else {
            throw .internalError("a specification was not checked")
        }
        let handle = try await namedHandle(try call.tableName(call.input.tableName))
        try await handle.change { (table) throws(DynamoDBError) in
            var definition = table.definition
            let now = clock.now()
            try Self.check(definition, attribute, isEnabled: isEnabled, at: now)
            var batch = WriteBatch()
            batch.restoreCount = handle.restoreCount
            definition.lastTimeToLiveChange = now
            if isEnabled {
                definition.timeToLive = TimeToLive(attribute: attribute, enabled: now)
                due.add(ExpiryFill.begin(table.id, at: now), to: &batch)
            } else {
                // Entries of the queue are dropped when they are due.
                definition.timeToLive = nil
            }
            definition.put(into: &batch)
            try await commit(batch)
            return table.changed(to: definition)
        }
        return API.UpdateTimeToLiveOutput(timeToLiveSpecification: specification)
    }

    /// - Throws: `ValidationException` for a change that is none, one of another attribute, or one too many.
    private static func check(
        _ table: TableDefinition, _ attribute: String, isEnabled: Bool, at now: LabTime
    ) throws(DynamoDBError) {
        if let present = table.timeToLive {
            if present.attribute != attribute {
                throw .validation(
                    "TimeToLive is active on a different AttributeName: current AttributeName is \(present.attribute)")
            }
            if isEnabled { throw .validation("TimeToLive is already enabled") }
        } else if !isEnabled {
            throw .validation("TimeToLive is already disabled")
        }
        if let last = table.lastTimeToLiveChange,
            now < last.adding(milliseconds: DynamoDBLimits.timeToLiveChangeMilliseconds)
        {
            throw .validation("Time to live has been modified multiple times within a fixed interval")
        }
    }
}
