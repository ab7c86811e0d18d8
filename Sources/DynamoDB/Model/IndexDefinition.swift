package import LabClock

/// Which attributes an index keeps beside the keys.
package enum IndexProjection: Sendable, Hashable {
    case all
    case keysOnly
    case include([String])

    /// As AWS names it.
    package var typeName: String {
        switch self {
        case .all: "ALL"
        case .keysOnly: "KEYS_ONLY"
        case .include: "INCLUDE"
        }
    }
}

/// A secondary index of a table.
package struct IndexDefinition: Sendable, Hashable {
    /// Where a global index is in its life. A local one is always active.
    package enum Status: String, Sendable {
        case creating = "CREATING"
        case active = "ACTIVE"
        case deleting = "DELETING"
    }

    /// Unique in the table for ever.
    package let ordinal: UInt16
    package let name: String
    package let isLocal: Bool
    package let key: KeySchema
    package let projection: IndexProjection
    package var status: Status
    /// Provisioned units; zero when on demand.
    package var throughput: ProvisionedUnits
    package var onDemandMax: OnDemandMax

    /// Whether the index's entries hold an attribute of the items.
    func projects(_ name: String, of table: KeySchema) -> Bool {
        switch projection {
        case .all: true
        case .keysOnly: key.contains(name) || table.contains(name)
        case .include(let names): names.contains(name) || key.contains(name) || table.contains(name)
        }
    }
}

/// Read and write units a second; reported, and not enforced yet.
package struct ProvisionedUnits: Sendable, Hashable {
    package var read: Int
    package var write: Int
    package var lastIncrease: LabTime?
    package var lastDecrease: LabTime?
    package var decreasesToday = 0

    package static let none = ProvisionedUnits(read: 0, write: 0)

    package init(read: Int, write: Int) {
        self.read = read
        self.write = write
    }
}

/// The most that an on-demand table or index may use a second; nil without a limit. Reported, and not enforced yet.
package struct OnDemandMax: Sendable, Hashable {
    package var read: Int?
    package var write: Int?

    package init(read: Int? = nil, write: Int? = nil) {
        self.read = read
        self.write = write
    }
}
