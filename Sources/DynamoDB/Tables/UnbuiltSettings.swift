/// Settings of features that are not built: refused by name, rather than kept as if they worked. What asks for what
/// there is anyway is accepted.
enum UnbuiltSettings {
    static func check(_ input: API.CreateTableInput) throws(DynamoDBError) {
        try refuse(input.resourcePolicy != nil, "ResourcePolicy")
        try refuse(input.warmThroughput != nil, "WarmThroughput")
        try refuse(input.globalTableSourceARN != nil, "GlobalTableSourceArn")
        try refuse(input.globalTableSettingsReplicationMode != nil, "GlobalTableSettingsReplicationMode")
        try check(input.sseSpecification)
        for index in input.globalSecondaryIndexes ?? [] {
            try refuse(index.warmThroughput != nil, "WarmThroughput")
        }
    }

    static func check(_ input: API.UpdateTableInput) throws(DynamoDBError) {
        try refuse(input.replicaUpdates != nil, "ReplicaUpdates")
        try refuse(input.warmThroughput != nil, "WarmThroughput")
        try refuse(input.multiRegionConsistency != nil, "MultiRegionConsistency")
        try refuse(input.globalTableWitnessUpdates != nil, "GlobalTableWitnessUpdates")
        try refuse(input.globalTableSettingsReplicationMode != nil, "GlobalTableSettingsReplicationMode")
        try check(input.sseSpecification)
        for update in input.globalSecondaryIndexUpdates ?? [] {
            try refuse(update.create?.warmThroughput != nil, "WarmThroughput")
            try refuse(update.update?.warmThroughput != nil, "WarmThroughput")
        }
    }

    /// Tables are kept under the service's own key, as at AWS by default; nothing else until there is KMS.
    static func check(_ sse: API.SSESpecification?) throws(DynamoDBError) {
        try refuse(sse?.enabled == true || sse?.kmsMasterKeyID != nil || sse?.sseType != nil, "SSESpecification")
    }

    static func refuse(_ isAsked: Bool, _ parameter: String) throws(DynamoDBError) {
        if isAsked { throw .validation("\(parameter) is not supported by this server yet") }
    }
}
