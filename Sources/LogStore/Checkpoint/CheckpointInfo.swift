/// What is known of a checkpoint.
package struct CheckpointInfo: Sendable, Equatable {
    package var name: String
    /// The last commit in it.
    package var sequence: UInt64
    /// As the caller had it when it was saved.
    package var createdMilliseconds: UInt64
    package var tables: Int
    /// Bytes of its tables, and of the runs in extents that they name.
    package var bytes: UInt64
    /// Those of them that the store itself no longer needs. Several checkpoints may hold the same.
    package var heldBytes: UInt64
    /// Those of them that no other checkpoint holds either: what its removal frees.
    package var ownBytes: UInt64
}

extension LogStore {
    /// All checkpoints, the oldest first. Costs a walk over their tables' records.
    package func checkpoints() -> [CheckpointInfo] {
        let state = manifest.current
        let needed = state.neededExtents
        let all = state.checkpoints.all.map { (checkpoint: $0, tables: state.tables(of: $0) ?? []) }
        var holders: [UInt64: Int] = [:]
        for (_, tables) in all {
            let files = Set(tables.flatMap { table in table.properties.extentReferences.map(\.file) })
            for file in files { holders[file, default: 0] += 1 }
        }
        return all.map { checkpoint, tables in
            var info = CheckpointInfo(
                name: checkpoint.name, sequence: checkpoint.sequence,
                createdMilliseconds: checkpoint.createdMilliseconds, tables: tables.count, bytes: 0, heldBytes: 0,
                ownBytes: 0)
            for table in tables {
                info.add(
                    table.length, isHeld: state.checkpoints.pinned[table.file] != nil,
                    holders: state.checkpoints.holderCount(ofTable: table.file))
                for reference in table.properties.extentReferences {
                    info.add(
                        reference.storedBytes, isHeld: !needed.contains(reference.file),
                        holders: holders[reference.file] ?? 1)
                }
            }
            return info
        }
    }

    /// Bytes that all checkpoints together keep and the store itself no longer needs.
    package var checkpointOnlyBytes: UInt64 { manifest.current.bytesHeldByCheckpoints }
}

extension CheckpointInfo {
    fileprivate mutating func add(_ count: UInt64, isHeld: Bool, holders: Int) {
        bytes += count
        if isHeld { heldBytes += count }
        if isHeld, holders == 1 { ownBytes += count }
    }
}

extension ManifestState {
    /// The extent files that the store's own tables name.
    fileprivate var neededExtents: Set<UInt64> {
        Set(tables.flatMap { table in table.properties.extentReferences.map(\.file) })
    }

    /// Bytes that only checkpoints keep: their tables, and of extent files that no table of the store names the most
    /// that one table each names.
    var bytesHeldByCheckpoints: UInt64 {
        guard !checkpoints.pinned.isEmpty else { return 0 }
        let needed = neededExtents
        var bytes: UInt64 = 0
        var extents: [UInt64: UInt64] = [:]
        for table in checkpoints.pinned.values {
            bytes += table.length
            for reference in table.properties.extentReferences where !needed.contains(reference.file) {
                extents[reference.file] = max(extents[reference.file] ?? 0, reference.storedBytes)
            }
        }
        return bytes + extents.values.reduce(0, +)
    }
}
