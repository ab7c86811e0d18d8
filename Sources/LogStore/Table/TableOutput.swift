internal import Bytes
internal import Disk

/// Where flush and compaction write: tables of a run, cut at a size, and the extent that takes the content separated
/// from them.
///
/// One user at a time. Until the manifest names the tables, `abandon` takes everything back.
final class TableOutput {
    /// A longer table of a flush is cut: bounds what a damaged index can take down. A run of level 0 is merged as a
    /// whole, so it need not be cut for that.
    static let flushedTableBytesMax: UInt64 = 64 << 20

    /// Where the tables go in the tree, and where they are cut.
    struct Place {
        var level: Int
        /// The run in level 0; 0 in deeper levels.
        var run: UInt64
        var tableBytesMax: UInt64
        var cuts = TableCuts()
        /// Keys that go to a run of level 0 instead.
        var held = KeyRanges()
        var heldRun: UInt64 = 0
    }

    private let store: LogStore
    private var keyspace = Keyspace.catalog
    private var place = Place(level: 0, run: 0, tableBytesMax: flushedTableBytesMax)
    private var older = OlderTables([])
    private var pieces = RangeDeletePieces()
    /// How many boundaries of held keys lie before the table being written.
    private var section = 0
    private var separates = false
    private var builder: TableBuilder?
    private var records: [ManifestEdit.TableRecord] = []
    private var tables: [Table] = []
    private let extents: ExtentOutput
    /// Moves runs out of dying extent files; nil when there is nothing to move.
    private let copier: RunCopier?
    private var unfinished: UnfinishedPut?
    private var created: [String] = []
    /// What the tables come from, and which ones their job removes: kept in them.
    private let source: TableHistory.Source
    var removed: [UInt64] = []
    /// Number of the job's first table, by which all of them know each other; 0 before.
    private(set) var job: UInt64 = 0
    /// Whether no other keyspace comes behind the one being written.
    var isLastKeyspace = true
    /// No key follows.
    private var isEnding = false
    /// The tables finished so far, over all keyspaces.
    private var siblings: [UInt64] = []
    private var scratch: [UInt8] = []
    private(set) var writtenBytes = 0
    /// Bytes of keys and values read so far, about: measures a step of compaction.
    private(set) var bytesSeen = 0
    /// What an entry costs beside its bytes, in bytes.
    private static let entryCost = 16

    /// A put whose runs are being moved, one by one: a value may have gigabytes of them.
    private struct UnfinishedPut {
        /// In the memory of the merge's present entry.
        var head: UnsafeRawBufferPointer
        var runs: [Run]
        var movedCount = 0
    }

    /// - Parameters:
    ///   - source: what the tables come from.
    ///   - copier: for a merge that empties dying extent files.
    init(store: LogStore, source: TableHistory.Source, copier: RunCopier? = nil) {
        self.store = store
        self.source = source
        self.copier = copier
        extents = ExtentOutput(pool: store.pool, fileBytesMax: store.options.extentFileBytes)
    }

    /// - Parameters:
    ///   - older: what lies below the output: deletes of keys that it does not hold have done their work and are
    ///     dropped.
    ///   - rangeDeletes: what the output says besides its entries: disjoint, in order.
    ///   - separates: whether inline content above `EngineLimits.inlineContentBytesMax` moves into an extent.
    func begin(
        keyspace: Keyspace, place: Place, older: OlderTables, rangeDeletes: [RangeDelete], separates: Bool
    ) {
        let kept = store.options.makes(.rangeDeletesLost) ? [] : rangeDeletes
        pieces = RangeDeletePieces(place.held.divide(kept))
        self.keyspace = keyspace
        self.place = place
        self.older = older
        self.separates = separates
        records = []
        tables = []
        section = 0
        isEnding = false
    }

    /// Moves the next key of a merge to the output, or one of its runs; false at the end.
    func append(next merge: MergeIterator) throws(StoreError) -> Bool {
        if unfinished != nil {
            try moveNextRun(merge)
            return true
        }
        let outcome: KeyFold.Outcome?
        do throws(ReadInterruption) { outcome = try merge.next(.mayBlock) } catch .failed(let error) {
            throw error
        } catch {
            preconditionFailure("a blocking read does not ask to block")
        }
        guard let outcome else { return false }
        bytesSeen += merge.key.count + Self.entryCost
        switch outcome {
        case .hidden: break
        case .delete:
            if isBottom(merge.key) { break }
            try write(merge, .delete, UnsafeRawBufferPointer(start: nil, count: 0), runs: [])
        case .counter(let value):
            try writeScratch(merge, .put, KeyFold.encodedCounter(value))
        case .delta(let value):
            if isBottom(merge.key) {
                try writeScratch(merge, .put, KeyFold.encodedCounter(value))
            } else {
                try writeScratch(merge, .add, withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) })
            }
        case .put(let bytes):
            bytesSeen += bytes.count
            try appendPut(merge, bytes)
        }
        return true
    }

    /// Whether nothing older than the output may hold the key.
    private func isBottom(_ key: UnsafeRawBufferPointer) -> Bool {
        // What lies below held keys cannot be read.
        if !place.held.isEmpty, place.held.contains([UInt8](key)) { return false }
        return store.options.makes(.deletesDropped) || !older.mayHold(key)
    }

    private func appendPut(_ merge: MergeIterator, _ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        let view: ValueCodec.View
        do { view = try ValueCodec.view(bytes) } catch { throw .damaged(file: "", offset: 0, what: "value encoding") }
        switch view.content {
        case .none: try write(merge, .put, bytes, runs: [])
        case .runs(let runs):
            if copier?.wants(runs) ?? false {
                unfinished = UnfinishedPut(head: view.head, runs: runs)
            } else {
                try write(merge, .put, bytes, runs: runs)
            }
        case .inline(let content):
            guard separates, content.count > EngineLimits.inlineContentBytesMax else {
                return try write(merge, .put, bytes, runs: [])
            }
            let separated = try extents.current().appendRun(content)
            scratch.removeAll(keepingCapacity: true)
            ValueCodec.appendRuns(head: view.head, runs: [separated], to: &scratch)
            try scratch.reading { encoded throws(StoreError) in try write(merge, .put, encoded, runs: [separated]) }
        }
    }

    /// Moves the next run of the unfinished put if it lies in a dying file; behind the last the put is written, at its
    /// old sequence.
    private func moveNextRun(_ merge: MergeIterator) throws(StoreError) {
        guard var put = unfinished, let copier else { preconditionFailure("a put is finished before the next begins") }
        let before = copier.copiedBytes
        while put.movedCount < put.runs.count, copier.copiedBytes == before {
            put.runs[put.movedCount] = try copier.move(put.runs[put.movedCount]) { () throws(StoreError) in
                try extents.current()
            }
            put.movedCount += 1
        }
        bytesSeen += Int(copier.copiedBytes - before)
        unfinished = put
        guard put.movedCount == put.runs.count else { return }
        unfinished = nil
        scratch.removeAll(keepingCapacity: true)
        ValueCodec.appendRuns(head: put.head, runs: put.runs, to: &scratch)
        try scratch.reading { encoded throws(StoreError) in try write(merge, .put, encoded, runs: put.runs) }
    }

    private func writeScratch(_ merge: MergeIterator, _ kind: EntryKind, _ bytes: [UInt8]) throws(StoreError) {
        try bytes.reading { encoded throws(StoreError) in try write(merge, kind, encoded, runs: []) }
    }

    private func write(
        _ merge: MergeIterator, _ kind: EntryKind, _ value: UnsafeRawBufferPointer, runs: [Run]
    ) throws(StoreError) {
        let key = merge.key
        if !place.held.isEmpty { try moveToSection(of: [UInt8](key)) }
        let isCut = place.cuts.shouldCut(before: key)
        if let builder, isCut || builder.estimatedBytes >= place.tableBytesMax { try finishTable() }
        if pieces.isFull(before: key) {
            try finishTable()
            try writeRangeTables(before: [UInt8](key))
        }
        if builder == nil { builder = try newBuilder() }
        try builder?.append(key: key, kind: kind, sequence: merge.sequence, value: value, runs: runs)
    }

    private func newBuilder() throws(StoreError) -> TableBuilder {
        let number = store.numbers.next()
        if job == 0 { job = number }
        let new = try TableBuilder(
            disk: store.disk, storeID: store.storeID, number: number, keyspace: keyspace,
            compress: store.options.compression)
        created.append(FileName(storeID: store.storeID, number: number, kind: .table).string)
        return new
    }

    /// Ends what lies before the section of a key: no table, and no range delete, reaches over a boundary of held keys.
    private func moveToSection(of key: [UInt8]) throws(StoreError) {
        let target = place.held.section(of: key)
        while section < target {
            try finishSection(before: place.held.boundaries[section])
            section += 1
        }
    }

    private func finishSection(before limit: [UInt8]?) throws(StoreError) {
        place.cuts.restart()
        if let builder { try finish(builder, pieces.takeChunk(before: limit, past: builder.lastKey + [0])) }
        try writeRangeTables(before: limit)
    }

    private func finishTable() throws(StoreError) {
        place.cuts.restart()
        // The next table begins right behind the last key, whatever its first entry is.
        if let builder { try finish(builder, pieces.take(upTo: builder.lastKey + [0])) }
    }

    /// Writes tables of nothing but range deletes: of those before a key all that fill a table, at the end (nil) all.
    private func writeRangeTables(before limit: [UInt8]?) throws(StoreError) {
        while true {
            let chunk = pieces.takeChunk(before: limit)
            if chunk.isEmpty { return }
            try finish(try newBuilder(), chunk)
        }
    }

    private func finish(_ builder: TableBuilder, _ rangeDeletes: [RangeDelete]) throws(StoreError) {
        let isHeld = place.held.isHeld(section: section)
        let (level, run) = isHeld ? (0, place.heldRun) : (UInt8(place.level), place.run)
        let history = history(level: level, run: run)
        let (length, properties) = try builder.finish(rangeDeletes: rangeDeletes, history: history.encoded())
        siblings.append(builder.number)
        self.builder = nil
        writtenBytes += Int(length)
        records.append(
            ManifestEdit.TableRecord(
                keyspace: keyspace, level: level, run: run, file: builder.number, length: length,
                properties: properties))
        // Reading it back checks what will be relied on, before the inputs go.
        tables.append(try store.openTable(builder.number))
    }

    /// What a table says in case that the manifest is lost.
    private func history(level: UInt8, run: UInt64) -> TableHistory {
        let state = store.manifest.state
        let waiting = store.janitor.compaction.map(\.output)
        return TableHistory(
            stamp: store.numbers.next(), job: job, waitingJob: waiting === self ? 0 : waiting?.job ?? 0, source: source,
            removed: removed, siblings: siblings, isLast: isEnding && isLastKeyspace && pieces.isEmpty, level: level,
            run: run, lastSequence: state.lastSequence,
            generation: state.generation, logStart: state.logStart,
            members: state.tables.map(TablePlace.init),
            checkpoints: state.checkpoints.all, origins: state.origins)
    }

    func finishKeyspace() throws(StoreError) -> (records: [ManifestEdit.TableRecord], tables: [Table]) {
        isEnding = true
        while section < place.held.boundaries.count {
            try finishSection(before: place.held.boundaries[section])
            section += 1
        }
        try finishSection(before: nil)
        return (records, tables)
    }

    /// Makes the extent and all names durable: after this the manifest may name the tables.
    func finishFiles() throws(StoreError) {
        let hasExtents = !extents.isEmpty
        writtenBytes += Int(try extents.finish())
        guard hasExtents || !created.isEmpty else { return }
        try storeCall { () throws(DiskError) in try store.disk.syncDirectory() }
    }

    /// Takes back what was written.
    func abandon() {
        builder = nil
        for name in created { store.janitor.discard(name) }
    }
}
