import LabClock

/// What a restore makes different from the table that it restores.
struct RestoreSettings {
    private static let invalid = "One or more parameter values were invalid: "

    let billingMode: String?
    let globalIndexes: [API.GlobalSecondaryIndex]?
    let localIndexes: [API.LocalSecondaryIndex]?
    let throughput: API.ProvisionedThroughput?
    let onDemandThroughput: API.OnDemandThroughput?

    init(_ input: API.RestoreTableToPointInTimeInput) throws(DynamoDBError) {
        try UnbuiltSettings.check(input.sseSpecificationOverride)
        billingMode = input.billingModeOverride
        globalIndexes = input.globalSecondaryIndexOverride
        localIndexes = input.localSecondaryIndexOverride
        throughput = input.provisionedThroughputOverride
        onDemandThroughput = input.onDemandThroughputOverride
    }

    init(_ input: API.RestoreTableFromBackupInput) throws(DynamoDBError) {
        try UnbuiltSettings.check(input.sseSpecificationOverride)
        billingMode = input.billingModeOverride
        globalIndexes = input.globalSecondaryIndexOverride
        localIndexes = input.localSecondaryIndexOverride
        throughput = input.provisionedThroughputOverride
        onDemandThroughput = input.onDemandThroughputOverride
    }

    /// The table to be built. Streams, time to live, tags, recovery and protection are not restored, as at AWS.
    ///
    /// - Throws: `ValidationException` for settings that do not go together, or indexes that the source does not have.
    func target(
        of source: TableDefinition, _ name: TableName, uuid: String, _ restored: RestoreSummary, at now: LabTime
    ) throws(DynamoDBError) -> TableDefinition {
        let isOnDemand = billingMode.map { BillingReading.isOnDemand($0) } ?? source.isOnDemand
        var units = ProvisionedUnits.none
        if isOnDemand || throughput != nil || source.isOnDemand {
            units = try BillingReading.units(throughput, isOnDemand: isOnDemand)
        } else {
            units = ProvisionedUnits(read: source.throughput.read, write: source.throughput.write)
        }
        let indexes = try indexes(of: source, isOnDemand: isOnDemand)
        let used = Set((source.key.attributes + indexes.flatMap(\.key.attributes)).map(\.name))
        return TableDefinition(
            id: 0, name: name, uuid: uuid, created: now, key: source.key,
            attributes: source.attributes.filter { used.contains($0.name) }, indexes: indexes,
            nextIndexOrdinal: source.nextIndexOrdinal, isOnDemand: isOnDemand,
            lastSwitchToOnDemand: isOnDemand ? now : nil, throughput: units,
            onDemandMax: onDemandThroughput.map { OnDemandMax($0) }
                ?? (isOnDemand ? source.onDemandMax : OnDemandMax()),
            tableClass: source.tableClass, isDeletionProtected: false, restored: restored,
            indexDelayMilliseconds: 0, isBuilding: true)
    }

    // MARK: Indexes

    private func indexes(
        of source: TableDefinition, isOnDemand: Bool
    ) throws(DynamoDBError) -> [IndexDefinition] {
        var reading = try SchemaReading(
            source.attributes.map { API.AttributeDefinition(attributeName: $0.name, attributeType: $0.type.name) })
        let present = source.indexes.filter { $0.status != .deleting }
        var local = present.filter(\.isLocal)
        if let localIndexes {
            local = []
            for index in localIndexes {
                let match = try Self.match(index.indexName, in: present.filter(\.isLocal))
                let wish = try reading.localIndex(index, of: source.key, ordinal: match.ordinal)
                local.append(try Self.same(wish, match))
            }
        }
        var global: [IndexDefinition] = []
        if let globalIndexes {
            for index in globalIndexes {
                let match = try Self.match(index.indexName, in: present.filter { !$0.isLocal })
                var wish = index
                if wish.provisionedThroughput == nil, !isOnDemand { wish.provisionedThroughput = match.given }
                let read = try reading.globalIndex(
                    wish, isOnDemand: isOnDemand, ordinal: match.ordinal, status: .active)
                global.append(try Self.same(read, match))
            }
        } else {
            for index in present where !index.isLocal {
                var kept = index
                kept.status = .active
                kept.throughput = try BillingReading.units(
                    isOnDemand ? nil : index.given, isOnDemand: isOnDemand, ofIndex: index.name)
                if !isOnDemand { kept.onDemandMax = OnDemandMax() }
                global.append(kept)
            }
        }
        let indexes = (local + global).sorted { $0.ordinal < $1.ordinal }
        try SchemaReading.check(indexes)
        return indexes
    }

    private static func match(
        _ name: String?, in indexes: [IndexDefinition]
    ) throws(DynamoDBError) -> IndexDefinition {
        guard let match = indexes.first(where: { $0.name == name }) else {
            throw .validation(invalid + "Index \(name ?? "") does not exist in the table that is restored")
        }
        return match
    }

    private static func same(
        _ wish: IndexDefinition, _ match: IndexDefinition
    ) throws(DynamoDBError) -> IndexDefinition {
        guard wish.key == match.key, wish.projection.isSame(as: match.projection) else {
            throw .validation(
                invalid + "Index \(match.name) differs in keys or projection from that of the table that is restored")
        }
        return wish
    }
}

extension IndexDefinition {
    /// Its units as a request gives them; nil when it has none.
    fileprivate var given: API.ProvisionedThroughput? {
        guard throughput.read > 0 else { return nil }
        return API.ProvisionedThroughput(
            readCapacityUnits: throughput.read, writeCapacityUnits: throughput.write)
    }
}

extension IndexProjection {
    /// Whether it holds the same attributes, in whatever order they were given.
    fileprivate func isSame(as other: IndexProjection) -> Bool {
        switch (self, other) {
        case (.include(let mine), .include(let others)): Set(mine) == Set(others)
        default: self == other
        }
    }
}
