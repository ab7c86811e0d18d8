import LabClock
import LogStore

/// A partition that is about to be split in two.
struct PartitionSplit {
    let parent: Partition
    let time: LabTime
    private let middle: UInt64
    private let nextID: UInt64

    /// - Parameter hash: the first of the upper half; nil for the middle.
    /// - Throws: `ValidationException` when one half would be empty.
    init(_ parent: Partition, at hash: UInt64?, nextID: UInt64, _ time: LabTime) throws(DynamoDBError) {
        guard parent.upper > parent.lower else {
            throw .validation("Partition \(parent.id) holds one hash and cannot be split")
        }
        let middle = hash ?? parent.lower + (parent.upper - parent.lower) / 2 + 1
        guard middle > parent.lower, middle <= parent.upper else {
            throw .validation(
                "The hash to split partition \(parent.id) at must be in \(parent.lower + 1)...\(parent.upper)")
        }
        self.parent = parent
        self.middle = middle
        self.nextID = nextID
        self.time = time
    }

    /// The two new partitions, the lower first.
    ///
    /// - Parameter begin: zero as long as the commit is to stamp it.
    func halves(begin: SequenceNumber = .zero) -> [Partition] {
        [
            Partition(
                id: nextID, lower: parent.lower, upper: middle - 1, parent: parent.id, created: time, begin: begin),
            Partition(
                id: nextID + 1, lower: middle, upper: parent.upper, parent: parent.id, created: time, begin: begin),
        ]
    }

    /// Adds the records: the commit stamps the parent's end and its children's begin.
    func write(to batch: inout WriteBatch, _ tableID: UInt64) {
        batch.put(
            .catalog, DynamoDBKeys.partition(tableID, parent.id), StoredValue(head: PartitionRecord.encode(parent)),
            headStampOffset: CommitSpan.endOffset)
        for half in halves() {
            batch.put(
                .catalog, DynamoDBKeys.partition(tableID, half.id), StoredValue(head: PartitionRecord.encode(half)),
                headStampOffset: CommitSpan.beginOffset)
        }
    }
}
