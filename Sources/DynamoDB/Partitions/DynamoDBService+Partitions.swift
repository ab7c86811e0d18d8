import LabClock
import LogStore

extension DynamoDBService {
    /// All partitions that a table has had, by age: those that were split stay, as lineage.
    ///
    /// - Throws: `ResourceNotFoundException`.
    package func partitions(of name: TableName) async throws(DynamoDBError) -> [Partition] {
        let table = try await namedTable(name)
        return try await partitions(of: table.id, at: store.snapshot())
    }

    /// As of a snapshot. Empty when there is no such table.
    func partitions(of tableID: UInt64, at snapshot: Snapshot) async throws(DynamoDBError) -> [Partition] {
        var partitions: [Partition] = []
        try await forEach(.catalog, prefix: DynamoDBKeys.partitions(tableID), at: snapshot) {
            (_, value) throws(DynamoDBError) in
            partitions.append(try PartitionRecord.decode(value.head))
            return true
        }
        return partitions
    }

    /// Splits a partition of a table in two, alone with respect to the table's writes: each lies before or behind it.
    /// No item moves: items lie by hash whatever the partitions are. Shards of the table's stream roll over.
    ///
    /// - Parameter hash: the first hash of the upper half; nil for the middle.
    /// - Returns: the two new ones, the lower first.
    /// - Throws: `ResourceNotFoundException`; `ValidationException` when the table has no such partition that takes
    ///   writes, or the hash leaves one side empty.
    @discardableResult
    package func splitPartition(
        _ name: TableName, _ partitionID: UInt64, at hash: UInt64? = nil
    ) async throws(DynamoDBError) -> [Partition] {
        let handle = try await namedHandle(name)
        var halves: [Partition] = []
        try await handle.change { (table) throws(DynamoDBError) in
            guard let partition = table.partitions.partitions.first(where: { $0.id == partitionID }) else {
                throw .validation("Table \(name.table) has no partition \(partitionID) that takes writes")
            }
            let split = try PartitionSplit(partition, at: hash, nextID: table.partitions.nextID, clock.now())
            var batch = WriteBatch()
            batch.restoreCount = handle.restoreCount
            split.write(to: &batch, table.id)
            if let stream = table.definition.stream {
                try await splitShard(of: stream, split, in: &batch)
            }
            let sequence = try await commit(batch)
            halves = split.halves(begin: sequence)
            let others = table.partitions.partitions.filter { $0.id != partitionID }
            return Table(definition: table.definition, partitions: try PartitionMap(others + halves))
        }
        return halves
    }
}
