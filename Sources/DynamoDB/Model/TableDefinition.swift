package import LabClock

/// What a table is: what its record keeps.
package struct TableDefinition: Sendable {
    /// The sequence number of the commit that made it; unique in the store for ever.
    package var id: UInt64
    package let name: TableName
    /// The table's UUID, as AWS shows it.
    package var uuid: String
    package var created: LabTime
    package var key: KeySchema
    /// In the order in which they were given.
    package var attributes: [KeyAttribute]
    package var indexes: [IndexDefinition]
    package var nextIndexOrdinal: UInt16
    package var isOnDemand: Bool
    package var lastSwitchToOnDemand: LabTime?
    package var throughput: ProvisionedUnits
    package var onDemandMax: OnDemandMax
    package var tableClass: String
    package var lastTableClassChange: LabTime?
    package var isDeletionProtected: Bool
    package var stream: StreamDefinition?
    /// The label of the last stream that was disabled: the table is described by it until there is another.
    package var lastStreamLabel: String?
    package var timeToLive: TimeToLive?
    /// When time to live was enabled or disabled last.
    package var lastTimeToLiveChange: LabTime?
    package var recovery: RecoveryDefinition?
    package var restored: RestoreSummary?
    /// How long changes of items take to reach global indexes, in lab milliseconds. 0: with the item's own commit.
    package var indexDelayMilliseconds: Int64
    /// Whether something still needs past states of the table: a backup, or a job that reads one (`HistoryHold`).
    package var isHeld = false
    /// Whether a restore or an import is still writing it: then nobody else reads or writes its items.
    package var isBuilding = false

    /// Whether changes leave behind what the items were.
    package var keepsHistory: Bool { recovery != nil || isHeld }

    package func index(named name: String) -> IndexDefinition? { indexes.first { $0.name == name } }
}

/// A table's full name: names are unique in an account and region.
package struct TableName: Sendable, Hashable {
    package let account: String
    package let region: String
    package let table: String

    package init(account: String, region: String, table: String) {
        self.account = account
        self.region = region
        self.table = table
    }

    package var arn: String { "arn:aws:dynamodb:\(region):\(account):table/\(table)" }
}

/// The stream that a table writes to.
package struct StreamDefinition: Sendable, Hashable {
    /// What its records hold of an item.
    package enum View: String, Sendable {
        case keysOnly = "KEYS_ONLY"
        case newImage = "NEW_IMAGE"
        case oldImage = "OLD_IMAGE"
        case newAndOldImages = "NEW_AND_OLD_IMAGES"
    }

    /// Unique in the store for ever.
    package let id: UInt64
    package let view: View
    /// The time at which it was enabled, in its ARN.
    package let label: String

    package init(id: UInt64, view: View, label: String) {
        self.id = id
        self.view = view
        self.label = label
    }
}

/// The time to live of a table.
package struct TimeToLive: Sendable, Hashable {
    package let attribute: String
    package let enabled: LabTime

    package init(attribute: String, enabled: LabTime) {
        self.attribute = attribute
        self.enabled = enabled
    }
}

/// Point-in-time recovery of a table.
package struct RecoveryDefinition: Sendable, Hashable {
    package let enabled: LabTime
    package let periodDays: Int

    package init(enabled: LabTime, periodDays: Int) {
        self.enabled = enabled
        self.periodDays = periodDays
    }
}

/// Where a restored table came from.
package struct RestoreSummary: Sendable, Hashable {
    package let sourceBackupARN: String?
    package let sourceTableARN: String?
    package let time: LabTime

    package init(sourceBackupARN: String?, sourceTableARN: String?, time: LabTime) {
        self.sourceBackupARN = sourceBackupARN
        self.sourceTableARN = sourceTableARN
        self.time = time
    }
}
