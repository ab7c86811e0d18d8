/// What range deletes do to the tables of a keyspace: which they make superfluous, and where they are still needed.
struct RangeDeleteScope {
    let tables: [Table]

    /// Tables in which everything is deleted by something newer than all of it: they can go without being read.
    func covered(by index: RangeDeleteIndex) -> [Table] {
        tables.filter { table in
            let properties = table.properties
            return index.covers(
                from: properties.smallestKey, through: properties.largestKey, newerThan: properties.largestSequence)
        }
    }

    /// The parts of some range deletes under which something older lies, disjoint and in order. The others have done
    /// their work: what is newer they never hid.
    func needed(_ deletes: [RangeDelete]) -> [RangeDelete] {
        var parts: [RangeDelete] = []
        for delete in deletes {
            for table in tables where table.properties.smallestSequence < delete.sequence {
                let properties = table.properties
                let part = delete.clipped(from: properties.smallestKey, to: properties.largestKey + [0])
                if let part { parts.append(part) }
            }
        }
        return parts.disjoint
    }

    /// Tables without entries whose range deletes are not needed for the others.
    var spent: [Table] {
        tables.filter { table in
            guard table.properties.entryCount == 0 else { return false }
            let others = RangeDeleteScope(tables: tables.filter { $0 !== table })
            return others.needed(table.properties.rangeDeletes).isEmpty
        }
    }

    /// About how many entries of the tables some range deletes hide: counted in blocks.
    func hiddenEntries(_ deletes: [RangeDelete]) -> UInt64 {
        var hidden: UInt64 = 0
        for delete in deletes {
            for table in tables where table.properties.smallestSequence < delete.sequence {
                hidden += table.estimatedEntries(from: delete.lower, to: delete.upper)
            }
        }
        return hidden
    }
}

extension Table {
    /// The entries of the blocks that lie in `lower..<upper` as a whole, about.
    fileprivate func estimatedEntries(from lower: [UInt8], to upper: [UInt8]) -> UInt64 {
        guard blockCount > 0, properties.overlaps(lower: lower, upper: upper) else { return 0 }
        let first = lower.withUnsafeBytes { blockIndex(for: $0) }
        let end = upper.withUnsafeBytes { blockIndex(for: $0) }
        // The first block may begin before the range, unless the table begins in it.
        let isWhole = first == 0 && !precedes(properties.smallestKey, lower)
        let blocks = max(0, end - first - (isWhole ? 0 : 1))
        return properties.entryCount * UInt64(blocks) / UInt64(blockCount)
    }
}
