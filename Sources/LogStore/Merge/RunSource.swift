internal import Bytes

/// The tables of a run as an input of a merge.
final class RunSource: MergeSource {
    private let run: SortedRun
    /// For a merge; nil for reads, which go through the block cache.
    private let readAhead: TableReadAhead?
    private var tableIndex = 0
    private var blockIndex = 0
    /// One for all the blocks that the source comes through.
    private let cursor = DataBlockCursor(block: .empty)
    /// Holds the key at which the source stands before damage.
    private var edgeMemory: UnsafeMutableRawBufferPointer?

    init(run: SortedRun, fillCache: Bool) {
        self.run = run
        readAhead = fillCache ? nil : TableReadAhead()
    }

    deinit { edgeMemory?.deallocate() }

    // MARK: Forward

    override func seek(_ target: UnsafeRawBufferPointer, _ mode: ReadMode) throws(ReadInterruption) {
        try seek(target, inTable: run.tableIndex(notBelow: target), mode)
    }

    private func seek(
        _ target: UnsafeRawBufferPointer, inTable newTable: Int, _ mode: ReadMode
    ) throws(ReadInterruption) {
        guard newTable < run.tables.count else { return leave() }
        let table = run.tables[newTable]
        let newBlock = table.blockIndex(for: target)
        // Behind its last entry a table may have range deletes.
        guard newBlock < table.blockCount else { return try enterFirst(newTable + 1, 0, mode) }
        do throws(ReadInterruption) {
            try enter(newTable, newBlock, mode)
            cursor.seek(target)
            show()
        } catch {
            let first = table.smallestPossibleKey(inBlock: newBlock)
            let isBefore = first.withUnsafeBytes { compareBytes(target, $0) < 0 }
            try standAtEdge(isBefore ? first : [UInt8](target), of: error)
        }
    }

    override func moveToNextKey(_ mode: ReadMode) throws(ReadInterruption) {
        if cursor.hasNext {
            cursor.advance()
            return show()
        }
        if blockIndex + 1 < run.tables[tableIndex].blockCount {
            try enterFirst(tableIndex, blockIndex + 1, mode)
        } else {
            try enterFirst(tableIndex + 1, 0, mode)
        }
    }

    /// Moves to the first entry of a block, or of the next table that has one.
    private func enterFirst(_ table: Int, _ newBlock: Int, _ mode: ReadMode) throws(ReadInterruption) {
        var newTable = table
        while newTable < run.tables.count, run.tables[newTable].blockCount == 0 { newTable += 1 }
        guard newTable < run.tables.count else { return leave() }
        do throws(ReadInterruption) {
            try enter(newTable, newBlock, mode)
            cursor.advance()
            show()
        } catch {
            try standAtEdge(run.tables[newTable].smallestPossibleKey(inBlock: newBlock), of: error)
        }
    }

    // MARK: Backward

    override func seek(before target: UnsafeRawBufferPointer, _ mode: ReadMode) throws(ReadInterruption) {
        try seek(before: target, inTable: run.tableIndex(notBelow: target), mode)
    }

    private func seek(
        before target: UnsafeRawBufferPointer, inTable newTable: Int, _ mode: ReadMode
    ) throws(ReadInterruption) {
        guard newTable < run.tables.count else { return try seekToLast(mode) }
        let table = run.tables[newTable]
        let newBlock = table.blockIndex(for: target)
        guard newBlock < table.blockCount else { return try enterBefore(newTable, newBlock, mode) }
        // The block that ends at or above the target may begin there too: then the one before it ends below.
        let block: DataBlock
        do throws(ReadInterruption) {
            block = try table.block(newBlock, mode: mode, readAhead: readAhead)
        } catch {
            let first = table.smallestPossibleKey(inBlock: newBlock)
            if case .failed = error, first.withUnsafeBytes({ compareBytes(target, $0) <= 0 }) {
                return try enterBefore(newTable, newBlock, mode)
            }
            return try standAtEdge([UInt8](target), of: error)
        }
        cursor.enter(block)
        cursor.seek(before: target)
        guard cursor.isValid else { return try enterBefore(newTable, newBlock, mode) }
        tableIndex = newTable
        blockIndex = newBlock
        show()
    }

    override func seekToLast(_ mode: ReadMode) throws(ReadInterruption) {
        try enterBefore(run.tables.count, 0, mode)
    }

    override func moveToPreviousKey(_ mode: ReadMode) throws(ReadInterruption) {
        if cursor.hasPrevious {
            cursor.retreat()
            return show()
        }
        try enterBefore(tableIndex, blockIndex, mode)
    }

    /// Moves to the last entry of the block before a place.
    private func enterBefore(_ table: Int, _ block: Int, _ mode: ReadMode) throws(ReadInterruption) {
        var newTable = table
        var newBlock = block - 1
        while newBlock < 0 {
            guard newTable > 0 else { return leave() }
            newTable -= 1
            newBlock = run.tables[newTable].blockCount - 1
        }
        do throws(ReadInterruption) {
            try enter(newTable, newBlock, mode)
            cursor.seekToLast()
            show()
        } catch {
            try standAtEdge(run.tables[newTable].largestPossibleKey(inBlock: newBlock), of: error)
        }
    }

    // MARK: What range deletes hide

    override func skip(_ stretch: RangeStretch, isForward: Bool, _ mode: ReadMode) throws(ReadInterruption) {
        guard let upper = stretch.upper else { preconditionFailure("a range delete ends") }
        var table = tableIndex
        if isForward {
            while table < run.tables.count, isHidden(table, stretch),
                precedes(run.tables[table].properties.largestKey, upper)
            {
                table += 1
            }
            if table < run.tables.count, isHidden(table, stretch) {
                return try upper.reading { bytes throws(ReadInterruption) in
                    try seek(bytes, inTable: table, mode)
                }
            }
            if table == tableIndex { return try moveToNextKey(mode) }
            return try enterFirst(table, 0, mode)
        }
        while table >= 0, isHidden(table, stretch), !precedes(run.tables[table].properties.smallestKey, stretch.lower) {
            table -= 1
        }
        if table >= 0, isHidden(table, stretch) {
            return try stretch.lower.reading { bytes throws(ReadInterruption) in
                try seek(before: bytes, inTable: table, mode)
            }
        }
        if table == tableIndex { return try moveToPreviousKey(mode) }
        try enterBefore(table + 1, 0, mode)
    }

    /// Whether the stretch's range delete is newer than anything in a table.
    private func isHidden(_ table: Int, _ stretch: RangeStretch) -> Bool {
        run.tables[table].properties.largestSequence < stretch.sequence
    }

    // MARK: Blocks

    /// Goes to a block, before its first entry. Does not move when it is interrupted.
    private func enter(_ newTable: Int, _ newBlock: Int, _ mode: ReadMode) throws(ReadInterruption) {
        cursor.enter(try run.tables[newTable].block(newBlock, mode: mode, readAhead: readAhead))
        tableIndex = newTable
        blockIndex = newBlock
    }

    /// Where damage stops the source: it stands there until it seeks, and the merge fails when it gets there.
    private func standAtEdge(_ edge: [UInt8], of error: ReadInterruption) throws(ReadInterruption) {
        guard case .failed(let failure) = error, case .damaged = failure else { throw error }
        edgeMemory?.deallocate()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, edge.count), alignment: 8)
        memory.copyBytes(from: edge)
        edgeMemory = memory
        key = UnsafeRawBufferPointer(rebasing: memory[0..<edge.count])
        damage = failure
        isValid = true
    }

    private func leave() {
        isValid = false
        if damage != nil { damage = nil }
    }

    private func show() {
        if damage != nil { damage = nil }
        isValid = cursor.isValid
        guard isValid else { return }
        key = cursor.key
        kind = cursor.kind
        sequence = cursor.sequence
        value = cursor.value
    }
}
