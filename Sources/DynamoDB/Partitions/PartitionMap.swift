package import LabClock
package import LogStore

/// A partition of a table: a range of the hashes of partition keys.
package struct Partition: Sendable, Hashable {
    /// Unique in the table for ever, ascending with age.
    package let id: UInt64
    package let lower: UInt64
    /// Inclusive.
    package let upper: UInt64
    /// The partition that it was split off; nil for the first.
    package let parent: UInt64?
    package let created: LabTime
    /// The commit that made it: writes of its items come after that one.
    package let begin: SequenceNumber
    /// The commit that split it, behind its last write; nil while it takes writes.
    package let end: SequenceNumber?

    package init(
        id: UInt64, lower: UInt64, upper: UInt64, parent: UInt64?, created: LabTime, begin: SequenceNumber,
        end: SequenceNumber? = nil
    ) {
        self.id = id
        self.lower = lower
        self.upper = upper
        self.parent = parent
        self.created = created
        self.begin = begin
        self.end = end
    }

    /// Whether it takes writes: it has not been split.
    package var isOpen: Bool { end == nil }
}

/// The partitions of a table that take writes: they cover all hashes, and none covers another's.
package struct PartitionMap: Sendable {
    /// By ascending hashes.
    package let partitions: [Partition]

    /// - Throws: `damagedRecord` when they do not cover every hash exactly once.
    package init(_ partitions: [Partition]) throws(DynamoDBError) {
        let sorted = partitions.sorted { $0.lower < $1.lower }
        var next: UInt64? = 0
        for partition in sorted {
            guard partition.lower == next, partition.lower <= partition.upper else { throw .damagedRecord("partition") }
            next = partition.upper == .max ? nil : partition.upper + 1
        }
        guard next == nil, !sorted.isEmpty else { throw .damagedRecord("partition") }
        self.partitions = sorted
    }

    /// The id of a new table's one partition.
    package static let firstID: UInt64 = 1

    /// The map of a new table: one partition. Its commit stamps its begin.
    package static func whole(created: LabTime) -> Partition {
        Partition(id: firstID, lower: 0, upper: .max, parent: nil, created: created, begin: .zero)
    }

    /// The partition that a hash lies in.
    package func partition(of hash: UInt64) -> Partition {
        var low = 0
        var high = partitions.count - 1
        while low < high {
            let middle = (low + high) / 2
            if partitions[middle].upper < hash { low = middle + 1 } else { high = middle }
        }
        return partitions[low]
    }

    /// The id of the next new one: the youngest partition is one of those that take writes.
    var nextID: UInt64 { (partitions.map(\.id).max() ?? 0) + 1 }
}
