import LabClock
import LogStore

extension DynamoDBService {
    /// What a table is, with its counts.
    ///
    /// - Parameter status: where the table is in its life, when it is not active.
    func describe(_ table: Table, status: String = "ACTIVE") async throws(DynamoDBError) -> API.TableDescription {
        let definition = table.definition
        var description = API.TableDescription()
        description.attributeDefinitions = definition.attributes.map {
            API.AttributeDefinition(attributeName: $0.name, attributeType: $0.type.name)
        }
        description.tableName = definition.name.table
        description.keySchema = definition.key.elements
        let isUpdating = definition.indexes.contains { $0.status != .active }
        description.tableStatus = status
        if status == "ACTIVE" {
            description.tableStatus = definition.isBuilding ? "CREATING" : isUpdating ? "UPDATING" : status
        }
        description.creationDateTime = definition.created.seconds
        description.provisionedThroughput = definition.throughput.description
        description.tableSizeBytes = try await count(.catalog, DynamoDBKeys.tally(.bytes, table.id, 0))
        description.itemCount = try await count(.catalog, DynamoDBKeys.tally(.items, table.id, 0))
        description.tableARN = definition.name.arn
        description.tableID = definition.uuid
        if definition.isOnDemand || definition.lastSwitchToOnDemand != nil {
            description.billingModeSummary = API.BillingModeSummary(
                billingMode: definition.isOnDemand ? "PAY_PER_REQUEST" : "PROVISIONED",
                lastUpdateToPayPerRequestDateTime: status == "CREATING"
                    ? nil : definition.lastSwitchToOnDemand?.seconds)
        }
        try await describeIndexes(of: table, in: &description)
        if description.tableStatus != "CREATING", status == "ACTIVE" {
            let warm = definition.warmUnits(definition.throughput)
            description.warmThroughput = API.TableWarmThroughputDescription(
                readUnitsPerSecond: warm.read, writeUnitsPerSecond: warm.write, status: "ACTIVE")
        }
        if status == "CREATING" {
            for index in description.globalSecondaryIndexes?.indices ?? 0..<0 {
                description.globalSecondaryIndexes?[index].indexStatus = status
                description.globalSecondaryIndexes?[index].warmThroughput = nil
            }
        }
        if let stream = definition.stream {
            description.streamSpecification = API.StreamSpecification(
                streamEnabled: true, streamViewType: stream.view.rawValue)
        }
        if let label = definition.stream?.label ?? definition.lastStreamLabel {
            description.latestStreamLabel = label
            description.latestStreamARN = StreamDefinition.arn(of: definition.name, label: label)
        }
        if definition.tableClass != "STANDARD" || definition.lastTableClassChange != nil {
            description.tableClassSummary = API.TableClassSummary(
                tableClass: definition.tableClass, lastUpdateDateTime: definition.lastTableClassChange?.seconds)
        }
        description.onDemandThroughput = definition.onDemandMax.description
        description.deletionProtectionEnabled = definition.isDeletionProtected
        if let restored = definition.restored {
            description.restoreSummary = API.RestoreSummary(
                sourceBackupARN: restored.sourceBackupARN, sourceTableARN: restored.sourceTableARN,
                restoreDateTime: restored.time.seconds, restoreInProgress: definition.isBuilding)
        }
        return description
    }

    private func describeIndexes(
        of table: Table, in description: inout API.TableDescription
    ) async throws(DynamoDBError) {
        var local: [API.LocalSecondaryIndexDescription] = []
        var global: [API.GlobalSecondaryIndexDescription] = []
        for index in table.definition.indexes {
            let bytes = try await count(.catalog, DynamoDBKeys.tally(.bytes, table.id, index.ordinal))
            let items = try await count(.catalog, DynamoDBKeys.tally(.items, table.id, index.ordinal))
            let arn = "\(table.name.arn)/index/\(index.name)"
            if index.isLocal {
                local.append(
                    API.LocalSecondaryIndexDescription(
                        indexName: index.name, keySchema: index.key.elements, projection: index.projection.description,
                        indexSizeBytes: bytes, itemCount: items, indexARN: arn))
            } else {
                var described = API.GlobalSecondaryIndexDescription()
                described.indexName = index.name
                described.keySchema = index.key.elements
                described.projection = index.projection.description
                described.indexStatus = index.status.rawValue
                if index.status == .creating { described.backfilling = true }
                described.provisionedThroughput = index.throughput.description
                described.indexSizeBytes = bytes
                described.itemCount = items
                described.indexARN = arn
                described.onDemandThroughput = index.onDemandMax.description
                if index.status == .active {
                    let warm = table.definition.warmUnits(index.throughput)
                    described.warmThroughput = API.GlobalSecondaryIndexWarmThroughputDescription(
                        readUnitsPerSecond: warm.read, writeUnitsPerSecond: warm.write, status: "ACTIVE")
                }
                global.append(described)
            }
        }
        if !local.isEmpty { description.localSecondaryIndexes = local }
        if !global.isEmpty { description.globalSecondaryIndexes = global }
    }
}

extension TableDefinition {
    /// What a table or an index can take at once, as AWS reports it of one that was never prepared for more.
    fileprivate func warmUnits(_ throughput: ProvisionedUnits) -> (read: Int, write: Int) {
        guard isOnDemand else { return (throughput.read, throughput.write) }
        return (DynamoDBLimits.onDemandWarmReads, DynamoDBLimits.onDemandWarmWrites)
    }
}

extension LabTime {
    /// Seconds since 1970, as the JSON protocols have them.
    var seconds: Double { Double(millisecondsSinceEpoch) / 1000 }
}

extension KeySchema {
    /// As AWS shows it.
    var elements: [API.KeySchemaElement] {
        partition.map { API.KeySchemaElement(attributeName: $0.name, keyType: "HASH") }
            + sort.map { API.KeySchemaElement(attributeName: $0.name, keyType: "RANGE") }
    }
}

extension IndexProjection {
    /// As AWS shows it.
    var description: API.Projection {
        var projection = API.Projection(projectionType: typeName)
        if case .include(let names) = self { projection.nonKeyAttributes = names }
        return projection
    }
}

extension ProvisionedUnits {
    fileprivate var description: API.ProvisionedThroughputDescription {
        API.ProvisionedThroughputDescription(
            lastIncreaseDateTime: lastIncrease?.seconds, lastDecreaseDateTime: lastDecrease?.seconds,
            numberOfDecreasesToday: decreasesToday, readCapacityUnits: read, writeCapacityUnits: write)
    }
}

extension OnDemandMax {
    /// As AWS shows it; nil without limits.
    var description: API.OnDemandThroughput? {
        guard read != nil || write != nil else { return nil }
        return API.OnDemandThroughput(maxReadRequestUnits: read ?? -1, maxWriteRequestUnits: write ?? -1)
    }
}

extension StreamDefinition {
    /// A stream's ARN.
    static func arn(of table: TableName, label: String) -> String { "\(table.arn)/stream/\(label)" }
}
