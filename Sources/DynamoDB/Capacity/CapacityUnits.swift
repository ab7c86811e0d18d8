/// What reads and writes cost.
package enum CapacityUnits {
    /// Write units of an item or an entry of an index: one for each started KB, and one at least.
    package static func write(bytes: Int) -> Int {
        max(1, (bytes + DynamoDBLimits.writeUnitBytes - 1) / DynamoDBLimits.writeUnitBytes)
    }

    /// Read units: one for each started 4 KB, one at least; half of it where the read may be stale, twice where it is
    /// part of a transaction.
    package static func read(bytes: Int, _ consistency: ReadConsistency) -> Double {
        let units = max(1, (bytes + DynamoDBLimits.readUnitBytes - 1) / DynamoDBLimits.readUnitBytes)
        switch consistency {
        case .eventual: return Double(units) / 2
        case .strong: return Double(units)
        case .transactional: return Double(units * 2)
        }
    }
}

/// How a read is charged. All reads see the newest commit.
package enum ReadConsistency: Sendable {
    case eventual
    case strong
    case transactional
}

/// What an operation consumed of one table.
struct ConsumedCapacity {
    let table: String
    var tableUnits = 0.0
    var localIndexes: [(name: String, units: Double)] = []
    var globalIndexes: [(name: String, units: Double)] = []
    /// Whether the units are shown apart as read and write units, as transactions do.
    var kind: Kind?

    enum Kind {
        case read
        case write
    }

    var total: Double {
        tableUnits + localIndexes.reduce(0) { $0 + $1.units } + globalIndexes.reduce(0) { $0 + $1.units }
    }

    init(table: String) { self.table = table }

    /// Of one write.
    init(_ outcome: WriteOutcome) {
        self.init(table: outcome.table.name.table)
        add(outcome.cost)
    }

    /// Of a page: what was looked at is charged together, items fetched for entries of an index each apart.
    mutating func add(_ page: PageOutcome, _ target: ReadTarget, _ consistency: ReadConsistency) {
        let units = CapacityUnits.read(bytes: page.bytes, consistency)
        if let index = target.index?.definition {
            add(units, to: index)
            tableUnits += Double(page.fetchedUnits) * (consistency == .eventual ? 0.5 : 1)
        } else {
            tableUnits += units
        }
    }

    mutating func add(_ cost: WriteCost, factor: Double = 1) {
        tableUnits += Double(cost.tableUnits) * factor
        for (index, units) in cost.indexUnits { add(Double(units) * factor, to: index) }
    }

    mutating func add(_ other: ConsumedCapacity) {
        tableUnits += other.tableUnits
        for index in other.localIndexes { Self.add(index.units, index.name, &localIndexes) }
        for index in other.globalIndexes { Self.add(index.units, index.name, &globalIndexes) }
    }

    mutating func add(_ units: Double, to index: IndexDefinition) {
        if index.isLocal {
            Self.add(units, index.name, &localIndexes)
        } else {
            Self.add(units, index.name, &globalIndexes)
        }
    }

    private static func add(_ units: Double, _ name: String, _ indexes: inout [(name: String, units: Double)]) {
        if let position = indexes.firstIndex(where: { $0.name == name }) {
            indexes[position].units += units
        } else {
            indexes.append((name, units))
        }
    }
}
