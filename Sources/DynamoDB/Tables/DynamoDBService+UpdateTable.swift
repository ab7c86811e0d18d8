import LabClock
import LogStore

extension DynamoDBService {
    func updateTable(_ call: Call<API.UpdateTableInput>) async throws(DynamoDBError) -> API.UpdateTableOutput {
        let input = call.input
        let name = try call.tableName(input.tableName)
        try UnbuiltSettings.check(input)
        guard
            input.billingMode != nil || input.provisionedThroughput != nil
                || input.globalSecondaryIndexUpdates?.isEmpty == false || input.streamSpecification != nil
                || input.tableClass != nil || input.onDemandThroughput != nil
                || input.deletionProtectionEnabled != nil || input.sseSpecification != nil
        else {
            throw .validation(
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates "
                    + "or SSESpecification or ReplicaUpdates is required")
        }
        try Self.check(input)
        let handle = try await namedHandle(name)
        var description: API.TableDescription?
        try await handle.change { (table) throws(DynamoDBError) in
            var batch = WriteBatch()
            batch.restoreCount = handle.restoreCount
            let changed = try await update(table, input, &batch)
            changed.definition.put(into: &batch)
            try await commit(batch)
            description = try await describe(changed, status: "UPDATING")
            return changed
        }
        return API.UpdateTableOutput(tableDescription: description)
    }

    /// What AWS looks at before it looks for the table.
    private static func check(_ input: API.UpdateTableInput) throws(DynamoDBError) {
        let invalid = "One or more parameter values were invalid: "
        if input.billingMode == "PROVISIONED", input.provisionedThroughput == nil {
            throw .validation(invalid + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
        }
        if let throughput = input.provisionedThroughput { try BillingReading.checkBounds(throughput) }
        var names: Set<String> = []
        for update in input.globalSecondaryIndexUpdates ?? [] {
            guard let name = update.update?.indexName ?? update.create?.indexName ?? update.delete?.indexName else {
                throw .validation(
                    invalid + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                        + "GlobalSecondaryIndexUpdate.Delete must not be null")
            }
            guard names.insert(name).inserted else {
                throw .validation(
                    invalid + "Only one global secondary index update per index is allowed simultaneously. "
                        + "Index: \(name)")
            }
        }
    }

    private func update(
        _ table: Table, _ input: API.UpdateTableInput, _ batch: inout WriteBatch
    ) async throws(DynamoDBError) -> Table {
        var definition = table.definition
        try updateBilling(&definition, input)
        if let tableClass = input.tableClass, tableClass != definition.tableClass {
            definition.tableClass = tableClass
            definition.lastTableClassChange = clock.now()
        }
        if let isProtected = input.deletionProtectionEnabled {
            definition.isDeletionProtected = isProtected
            // Or a full disk would keep it.
            batch.makesRoom = !isProtected
        }
        if let onDemand = input.onDemandThroughput {
            let max = OnDemandMax(onDemand)
            if onDemand.maxReadRequestUnits != nil { definition.onDemandMax.read = max.read }
            if onDemand.maxWriteRequestUnits != nil { definition.onDemandMax.write = max.write }
        }
        if let specification = input.streamSpecification {
            try await updateStream(&definition, table.partitions, specification, &batch)
        }
        if let updates = input.globalSecondaryIndexUpdates {
            try updateIndexes(&definition, updates, input.attributeDefinitions, &batch)
        }
        return table.changed(to: definition)
    }

    private func updateBilling(
        _ definition: inout TableDefinition, _ input: API.UpdateTableInput
    ) throws(DynamoDBError) {
        let wasOnDemand = definition.isOnDemand
        if let mode = input.billingMode { definition.isOnDemand = BillingReading.isOnDemand(mode) }
        if definition.isOnDemand, !wasOnDemand {
            definition.lastSwitchToOnDemand = clock.now()
            definition.throughput.read = 0
            definition.throughput.write = 0
            for index in definition.indexes.indices { definition.indexes[index].throughput = .none }
        }
        guard input.provisionedThroughput != nil || definition.isOnDemand != wasOnDemand else { return }
        let units = try BillingReading.units(input.provisionedThroughput, isOnDemand: definition.isOnDemand)
        guard !definition.isOnDemand else { return }
        if !wasOnDemand, units.read == definition.throughput.read, units.write == definition.throughput.write {
            throw Self.unchanged(units, of: "table", named: "")
        }
        definition.throughput.change(to: units, at: clock.now())
    }

    private static func unchanged(_ units: ProvisionedUnits, of kind: String, named name: String) -> DynamoDBError {
        func sentence(_ parameter: String, _ value: Int) -> String {
            "Current \(parameter) provisioned for the \(kind): \(value). Requested \(parameter): \(value). "
        }
        return .validation(
            "The provisioned throughput for the \(kind)\(name) will not change. The requested value equals the current "
                + "value. " + sentence("ReadCapacityUnits", units.read) + sentence("WriteCapacityUnits", units.write)
                + "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.")
    }

    // MARK: Indexes

    private func updateIndexes(
        _ definition: inout TableDefinition, _ updates: [API.GlobalSecondaryIndexUpdate],
        _ attributes: [API.AttributeDefinition]?, _ batch: inout WriteBatch
    ) throws(DynamoDBError) {
        let changes = updates.count { $0.create != nil || $0.delete != nil }
        let isChanging = definition.indexes.contains { $0.status != .active }
        if changes > 1 || (changes == 1 && isChanging) {
            throw DynamoDBError(
                .limitExceededException,
                "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
        }
        for update in updates {
            switch (update.create, update.update, update.delete) {
            case (let create?, nil, nil): try createIndex(create, attributes, &definition, &batch)
            case (nil, let update?, nil): try updateIndex(update, &definition)
            case (nil, nil, let delete?): try deleteIndex(delete, &definition, &batch)
            default:
                throw .validation(
                    "One or more parameter values were invalid: Only one of GlobalSecondaryIndexUpdate actions may be "
                        + "specified")
            }
        }
    }

    private func createIndex(
        _ create: API.CreateGlobalSecondaryIndexAction, _ attributes: [API.AttributeDefinition]?,
        _ definition: inout TableDefinition, _ batch: inout WriteBatch
    ) throws(DynamoDBError) {
        try definition.checkAttributes(attributes ?? [], of: create.keySchema ?? [])
        var reading = try SchemaReading(definition.merged(with: attributes ?? []))
        var index = API.GlobalSecondaryIndex()
        index.indexName = create.indexName
        index.keySchema = create.keySchema
        index.projection = create.projection
        index.provisionedThroughput = create.provisionedThroughput
        index.onDemandThroughput = create.onDemandThroughput
        let created = try reading.globalIndex(
            index, isOnDemand: definition.isOnDemand, ordinal: definition.nextIndexOrdinal, status: .creating)
        if definition.index(named: created.name) != nil {
            throw .validation(
                "Attempting to create an index which already exists: \(created.name)")
        }
        // Ordinals are never used again.
        guard definition.nextIndexOrdinal < .max else {
            throw DynamoDBError(
                .limitExceededException, "Subscriber limit exceeded: No more indexes can be added to the table")
        }
        definition.indexes.append(created)
        definition.nextIndexOrdinal += 1
        try SchemaReading.check(definition.indexes)
        definition.keepUsedAttributes(of: reading.attributes)
        due.add(IndexFill.begin(created, of: definition, at: clock.now()), to: &batch)
    }

    private func updateIndex(
        _ update: API.UpdateGlobalSecondaryIndexAction, _ definition: inout TableDefinition
    ) throws(DynamoDBError) {
        let position = try definition.position(ofGlobalIndex: update.indexName ?? "")
        if let throughput = update.provisionedThroughput {
            let name = definition.indexes[position].name
            let units = try BillingReading.units(throughput, isOnDemand: definition.isOnDemand, ofIndex: name)
            let present = definition.indexes[position].throughput
            if units.read == present.read, units.write == present.write {
                throw Self.unchanged(units, of: "index", named: " " + name)
            }
            definition.indexes[position].throughput.change(to: units, at: clock.now())
        }
        if let onDemand = update.onDemandThroughput { definition.indexes[position].onDemandMax = OnDemandMax(onDemand) }
    }

    private func deleteIndex(
        _ delete: API.DeleteGlobalSecondaryIndexAction, _ definition: inout TableDefinition, _ batch: inout WriteBatch
    ) throws(DynamoDBError) {
        let position = try definition.position(ofGlobalIndex: delete.indexName ?? "")
        let index = definition.indexes.remove(at: position)
        definition.keepUsedAttributes(of: definition.attributes)
        batch.makesRoom = true
        deleteAll(.indexes, DynamoDBKeys.index(definition.id, index.ordinal), from: &batch)
        batch.delete(.catalog, DynamoDBKeys.tally(.items, definition.id, index.ordinal))
        batch.delete(.catalog, DynamoDBKeys.tally(.bytes, definition.id, index.ordinal))
    }
}

extension TableDefinition {
    fileprivate func position(ofGlobalIndex name: String) throws(DynamoDBError) -> Int {
        guard let position = indexes.firstIndex(where: { $0.name == name && !$0.isLocal }) else {
            throw DynamoDBError(
                .resourceNotFoundException, "Requested resource not found: Index: \(name) not found")
        }
        return position
    }

    /// A new index's attributes must be defined with it, known or not, and known ones as they are.
    fileprivate func checkAttributes(
        _ definitions: [API.AttributeDefinition], of key: [API.KeySchemaElement]
    ) throws(DynamoDBError) {
        let invalid = "One or more parameter values were invalid: "
        let names = key.compactMap(\.attributeName)
        let defined = definitions.compactMap(\.attributeName)
        guard names.allSatisfy(defined.contains) else {
            throw .validation(
                invalid + "Some index key attributes are not defined in AttributeDefinitions. "
                    + "Keys: [\(names.joined(separator: ", "))], "
                    + "AttributeDefinitions: [\(defined.joined(separator: ", "))]")
        }
        for element in key {
            guard let name = element.attributeName, let kind = element.keyType,
                let present = attributes.first(where: { $0.name == name }),
                let type = definitions.first(where: { $0.attributeName == name })?.attributeType,
                type != present.type.name
            else { continue }
            func schema(_ type: String) -> String { "Schema:[SchemaElement: key{\(name):\(type):\(kind)}]" }
            throw .validation(
                invalid + "Attributes cannot be redefined. Please check that your attribute has the same type as "
                    + "previously defined. Existing schema: \(schema(present.type.name)) New schema: \(schema(type))")
        }
    }

    /// The table's attributes, and those that a request defines beside them.
    fileprivate func merged(with definitions: [API.AttributeDefinition]) -> [API.AttributeDefinition] {
        let names = Set(definitions.compactMap(\.attributeName))
        let present = attributes.filter { !names.contains($0.name) }.map {
            API.AttributeDefinition(attributeName: $0.name, attributeType: $0.type.name)
        }
        return present + definitions
    }

    /// Keeps the definitions of attributes that are in a key.
    fileprivate mutating func keepUsedAttributes(of candidates: [KeyAttribute]) {
        let used = Set((key.attributes + indexes.flatMap(\.key.attributes)).map(\.name))
        attributes = candidates.filter { used.contains($0.name) }
    }
}

extension ProvisionedUnits {
    /// Takes new numbers, and notes which way they went.
    fileprivate mutating func change(to units: ProvisionedUnits, at time: LabTime) {
        if units.read > read || units.write > write { lastIncrease = time }
        if units.read < read || units.write < write {
            lastDecrease = time
            decreasesToday += 1
        }
        read = units.read
        write = units.write
    }
}
