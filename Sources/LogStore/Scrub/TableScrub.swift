internal import Bytes
internal import Disk

/// Reads every byte of one table and checks that its parts agree: checksums, order, index, filter, properties, history,
/// footer.
/// One user at a time; memory: one window, and the index and filter of the table.
final class TableScrub {
    /// A run that an entry names, with the block that holds the entry.
    struct NamedRun {
        var run: Run
        var block: Int
    }

    /// Runs are handed on in batches of so many: 10 MiB of memory.
    private static let runBatch = 1 << 18

    private let reader: ScrubReader
    private let keyspace: Keyspace
    private let footer: TableFooter
    /// As the manifest has them, or the table itself when no manifest is there.
    let properties: TableProperties
    private var index: TableIndex?
    private var filter: BloomFilter?
    private(set) var damages: [StoreDamage] = []
    private(set) var entryCount: UInt64 = 0

    private var seen = TableProperties()
    private var references: [UInt64: UInt64] = [:]
    private var lastKey: [UInt8] = []
    private var namedRuns: [NamedRun] = []
    private let onRuns: (TableScrub, [NamedRun]) -> Void

    /// Opens a table and reads its footer, properties, index and filter.
    ///
    /// - Parameters:
    ///   - record: what the manifest says of it; nil when there is none to compare with.
    ///   - onRuns: takes the runs that entries name, some at a time.
    /// - Throws: `.damaged` when nothing of the table can be made out.
    init(
        disk: any Disk, name: FileName, record: ManifestEdit.TableRecord?,
        onRuns: @escaping (TableScrub, [NamedRun]) -> Void
    ) throws(StoreError) {
        self.onRuns = onRuns
        let reader = try ScrubReader(disk: disk, name: name.string)
        let length = reader.fileBytes
        guard length >= UInt64(TableFooter.byteCount) else {
            throw .damaged(file: name.string, offset: 0, what: "table cut short")
        }
        if let record, record.length != length {
            throw .damaged(
                file: name.string, offset: min(length, record.length),
                what: "table of \(length) bytes, not \(record.length)")
        }
        let place = length - UInt64(TableFooter.byteCount)
        let footer = try TableFooter(
            try reader.bytes(at: place, count: TableFooter.byteCount), file: name.string, fileLength: length)
        guard footer.storeID == name.storeID, footer.number == name.number,
            record == nil || record?.keyspace == footer.keyspace
        else { throw .damaged(file: name.string, offset: place, what: "footer of another table") }
        if let record { properties = record.properties } else { properties = try Self.readProperties(reader, footer) }
        self.reader = reader
        self.footer = footer
        keyspace = footer.keyspace
    }

    private static func readProperties(
        _ reader: ScrubReader, _ footer: TableFooter
    ) throws(StoreError) -> TableProperties {
        let payload = try payload(reader, footer.properties)
        do {
            return try payload.reading { bytes throws(ByteReaderError) in
                var fields = ByteReader(bytes)
                return try TableProperties(reading: &fields)
            }
        } catch {
            throw .damaged(file: reader.name, offset: footer.properties.offset, what: "table properties")
        }
    }

    private static func payload(
        _ reader: ScrubReader, _ handle: TableFooter.Handle
    ) throws(StoreError) -> [UInt8] {
        try TableBlock.decode(
            try reader.bytes(at: handle.offset, count: Int(handle.length)), at: handle.offset, file: reader.name)
    }

    var name: String { reader.name }
    var readBytes: UInt64 { reader.readBytes }

    /// The whole table as owner.
    var owner: StoreDamage.Owner {
        StoreDamage.Owner(
            keyspace: keyspace, smallestKey: properties.smallestKey, largestKey: properties.largestKey)
    }

    private func note(_ offset: UInt64, _ what: String, owner: StoreDamage.Owner? = nil) {
        damages.append(StoreDamage(file: name, offset: offset, what: what, owner: owner ?? self.owner))
    }

    /// Runs a check of one part; what it throws is noted.
    private func noting(_ owner: StoreDamage.Owner? = nil, _ body: () throws(StoreError) -> Void) {
        do { try body() } catch {
            guard let damage = StoreDamage(error, owner: owner ?? self.owner) else { return }
            damages.append(damage)
        }
    }

    // MARK: The whole table

    /// Reads all of it. `damages` says what was found.
    func run() {
        noting { () throws(StoreError) in
            guard try Self.readProperties(reader, footer) == properties else {
                throw .damaged(
                    file: name, offset: footer.properties.offset, what: "properties are not those in the manifest")
            }
        }
        noting { () throws(StoreError) in
            let payload = try Self.payload(reader, footer.filter)
            do {
                filter = try payload.reading { bytes throws(ByteReaderError) in try BloomFilter(decoding: bytes) }
            } catch {
                throw .damaged(file: name, offset: footer.filter.offset, what: "filter")
            }
        }
        noting { () throws(StoreError) in
            let payload = try Self.payload(reader, footer.index)
            do { index = try TableIndex(payload: payload, fileLength: reader.fileBytes) } catch {
                throw .damaged(file: name, offset: footer.index.offset, what: "index")
            }
        }
        noting { () throws(StoreError) in _ = try reader.history(footer) }
        guard let index else { return }
        checkLayout(index)
        let damagedBefore = damages.count
        for block in 0..<index.count {
            noting(owner(ofBlock: block)) { () throws(StoreError) in try check(block, index) }
        }
        handOnRuns()
        // What is missing from a damaged block is missing from the sums.
        if damages.count == damagedBefore { checkSums() }
    }

    /// The keys that only this block can hold.
    private func owner(ofBlock block: Int) -> StoreDamage.Owner {
        guard let index else { return owner }
        return StoreDamage.Owner(
            keyspace: keyspace, smallestKey: block == 0 ? properties.smallestKey : index.key(block - 1),
            largestKey: index.key(block), isSmallestExcluded: block > 0)
    }

    /// Every byte of the file belongs to a part that is checked.
    private func checkLayout(_ index: TableIndex) {
        var end: UInt64 = 0
        var parts = (0..<index.count).map(index.handle) + [footer.filter, footer.index, footer.properties]
        if footer.history.length > 0 { parts.append(footer.history) }
        for part in parts {
            if part.offset != end { return note(end, "parts of the table that do not meet") }
            end = part.offset + part.length
        }
        if end + UInt64(TableFooter.byteCount) != reader.fileBytes { note(end, "parts of the table that do not meet") }
    }

    private func check(_ number: Int, _ index: TableIndex) throws(StoreError) {
        let handle = index.handle(number)
        let payload = try Self.payload(reader, handle)
        let damage = StoreError.damaged(file: name, offset: handle.offset, what: "entries of a data block")
        let owner = owner(ofBlock: number)
        do {
            let block = try DataBlock(payload: payload)
            let cursor = DataBlockCursor(block: block)
            cursor.advance()
            guard cursor.isValid else { throw ByteReaderError.malformed }
            while cursor.isValid {
                try check(cursor, inBlock: number, at: handle.offset, owner)
                cursor.advance()
            }
        } catch {
            throw damage
        }
        if lastKey != index.key(number) {
            note(handle.offset, "a block that ends with another key than the index says", owner: owner)
        }
    }

    private func check(
        _ cursor: DataBlockCursor, inBlock block: Int, at offset: UInt64, _ owner: StoreDamage.Owner
    ) throws(ByteReaderError) {
        let key = cursor.key
        if seen.entryCount > 0, lastKey.withUnsafeBytes({ compareBytes($0, key) >= 0 }) {
            note(offset, "keys out of order", owner: owner)
        }
        lastKey.removeAll(keepingCapacity: true)
        lastKey.append(contentsOf: key)
        if seen.entryCount == 0 { seen.smallestKey = lastKey }
        seen.largestKey = []
        seen.entryCount += 1
        entryCount += 1
        if cursor.kind == .delete { seen.deleteCount += 1 }
        seen.smallestSequence = min(seen.smallestSequence, cursor.sequence)
        seen.largestSequence = max(seen.largestSequence, cursor.sequence)
        if let filter, !filter.containsKey(key, keyspace) {
            note(
                footer.filter.offset, "a filter that denies a key of the table",
                owner: StoreDamage.Owner(
                    keyspace: keyspace, smallestKey: lastKey, largestKey: lastKey))
        }
        guard cursor.kind == .put, case .runs(let runs) = try ValueCodec.view(cursor.value).content else { return }
        for run in runs {
            references[run.file, default: 0] += UInt64(run.storedLength)
            namedRuns.append(NamedRun(run: run, block: block))
        }
        if namedRuns.count >= Self.runBatch { handOnRuns() }
    }

    private func handOnRuns() {
        guard !namedRuns.isEmpty else { return }
        let batch = namedRuns
        namedRuns = []
        onRuns(self, batch)
    }

    private func checkSums() {
        seen.largestKey = lastKey
        seen.extentReferences = references.sorted { $0.key < $1.key }
            .map { TableProperties.ExtentReference(file: $0.key, storedBytes: $0.value) }
        seen.span(properties.rangeDeletes)
        if seen != properties { note(footer.properties.offset, "properties that are not those of the entries") }
        if footer.smallestSequence != properties.smallestSequence
            || footer.largestSequence != properties.largestSequence
        {
            note(reader.fileBytes - UInt64(TableFooter.byteCount), "sequence range that is not that of the entries")
        }
    }

    // MARK: Owners of runs

    /// The keys in a block whose values name a run.
    func keys(naming run: Run, inBlock number: Int) -> [[UInt8]] {
        guard let index else { return [] }
        var found: [[UInt8]] = []
        do {
            let cursor = DataBlockCursor(block: try DataBlock(payload: try Self.payload(reader, index.handle(number))))
            cursor.advance()
            while cursor.isValid {
                if cursor.kind == .put, case .runs(let runs) = try ValueCodec.view(cursor.value).content,
                    runs.contains(run)
                {
                    found.append([UInt8](cursor.key))
                }
                cursor.advance()
            }
        } catch {
            return found
        }
        return found
    }
}

extension BloomFilter {
    /// Whether the filter lets a key pass, whole and by its prefix.
    fileprivate func containsKey(_ key: UnsafeRawBufferPointer, _ keyspace: Keyspace) -> Bool {
        guard mayContain(KeyHash.hash(key)) else { return false }
        let length = keyspace.filterPrefixLength
        guard length > 0, key.count >= length else { return true }
        return mayContain(
            KeyHash.hash(UnsafeRawBufferPointer(rebasing: key[0..<length]), seed: KeyHash.prefixSeed))
    }
}
