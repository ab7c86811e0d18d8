internal import Bytes
internal import Disk
private import Synchronization

/// Whether a read may wait for the device.
enum ReadMode {
    /// Only what is in memory or in the page cache; otherwise the read is interrupted with `.wouldBlock`.
    case cachedOnly
    case mayBlock
}

/// Why a read stopped.
enum ReadInterruption: Error {
    /// A byte is needed that is not in memory. Nothing changed: run the read again where blocking is allowed.
    case wouldBlock
    case failed(StoreError)
}

/// One sorted table, open for reading. Index and filter are in memory. Thread-safe; the file is unlinked when the table
/// is obsolete and the last reference goes.
final class Table: Sendable {
    let number: UInt64
    let keyspace: Keyspace
    let name: String
    let length: UInt64
    /// As the manifest has them where it names the table.
    let properties: TableProperties
    /// Why nothing of the table can be read: its footer or index is damaged, or the file is gone. Every read of a key
    /// in its range then fails with this.
    let damage: StoreError?
    /// The extent files that the values name, kept for as long as the table is.
    private let extents: [ExtentFile]
    /// Nil when the whole table is damaged.
    private let file: (any DiskFile)?
    /// Nil when it is damaged: every key may then be in the table.
    private let filter: BloomFilter?
    private let index: TableIndex
    private let cache: BlockCache
    private let damages: DamageLog
    private let onRelease: @Sendable (String) -> Void
    private let isObsolete = Atomic<Bool>(false)
    private let isUnfitToMerge: Atomic<Bool>

    /// Opens a table and verifies footer, properties, index and filter. Blocks.
    ///
    /// A table that the manifest names opens whatever its state. A damaged filter costs speed, damaged properties
    /// nothing (the manifest has them too); any other damage makes every read of the table's key range fail.
    ///
    /// - Parameters:
    ///   - record: what the manifest says of the table; nil for one that was just written and must be whole.
    ///   - readsDirect: whether reads go past the page cache.
    ///   - onRelease: called with the file's name when an obsolete table's last reference has gone.
    /// - Throws: `.unsupportedFormat`, `.disk`; `.damaged` without a record.
    init(
        disk: any Disk, storeID: UInt64, number: UInt64, record: ManifestEdit.TableRecord? = nil, cache: BlockCache,
        registry: ExtentRegistry, readsDirect: Bool = false, onRelease: @escaping @Sendable (String) -> Void
    ) throws(StoreError) {
        let name = FileName(storeID: storeID, number: number, kind: .table)
        var loaded: TableFile?
        var damage: StoreError?
        do throws(StoreError) {
            let file = try TableFile(disk: disk, name: name, record: record, readsDirect: readsDirect)
            for error in file.partDamages { registry.damages.note(error) }
            loaded = file
        } catch {
            guard record != nil, let local = error.asDamage(of: name.string) else { throw error }
            damage = registry.damages.noted(local)
        }
        guard let properties = record?.properties ?? loaded?.properties,
            let keyspace = record?.keyspace ?? loaded?.keyspace, let length = loaded?.length ?? record?.length
        else { preconditionFailure("a table without a record is whole") }
        self.number = number
        self.name = name.string
        self.keyspace = keyspace
        self.properties = properties
        self.length = length
        // Range deletes alone are whole in the manifest too.
        self.damage = properties.entryCount == 0 ? nil : damage
        file = loaded?.file
        filter = loaded?.filter
        index =
            loaded?.index
            ?? (properties.entryCount == 0 ? TableIndex() : TableIndex(oneBlockUpTo: properties.largestKey))
        self.cache = cache
        damages = registry.damages
        self.onRelease = onRelease
        isUnfitToMerge = Atomic(self.damage != nil)
        extents = properties.extentReferences.map { registry.file($0.file) }
        cache.noteTable(bytes: residentBytes)
    }

    deinit {
        cache.noteTable(bytes: -residentBytes)
        if isObsolete.load(ordering: .acquiring) { onRelease(name) }
    }

    /// No manifest names the table any more: its file goes with the last reader.
    func markObsolete() { isObsolete.store(true, ordering: .releasing) }

    /// Whether merges leave the table where it is, since they could not read all of it.
    var isUnfit: Bool { isUnfitToMerge.load(ordering: .relaxed) }

    /// A merge met damage in the table: it stays where it is until the store is opened again.
    func markUnfit() { isUnfitToMerge.store(true, ordering: .relaxed) }

    /// Memory held besides cached blocks, in bytes.
    var residentBytes: Int { (filter?.byteCount ?? 0) + index.byteCount }

    // MARK: Reading

    /// Whether the table may hold a key of this hash.
    func mayContain(_ hash: UInt64) -> Bool { filter?.mayContain(hash) ?? true }

    /// The filter, for as long as the table lives; nil when every key may be in the table.
    var filterLines: BloomLines? { filter?.lines }

    /// Whether a key that lies at or below the table's largest key lies in its range.
    func covers(_ key: UnsafeRawBufferPointer) -> Bool {
        properties.smallestKey.withUnsafeBytes { compareBytes($0, key) <= 0 }
    }

    var blockCount: Int { index.count }

    /// The first block that may hold keys at or above `key`; `blockCount` when there is none.
    func blockIndex(for key: UnsafeRawBufferPointer) -> Int { index.firstBlock(notBelow: key) }

    /// The smallest key that may be in a block.
    func smallestPossibleKey(inBlock block: Int) -> [UInt8] {
        // Nothing lies between a key and the same key with a zero byte behind it.
        block == 0 ? properties.smallestKey : index.key(block - 1) + [0]
    }

    /// The largest key that may be in a block.
    func largestPossibleKey(inBlock block: Int) -> [UInt8] { index.key(block) }

    /// A data block, from the cache or from the file.
    ///
    /// - Parameter readAhead: for a merge, which reads all blocks in order and past the cache.
    func block(
        _ blockIndex: Int, mode: ReadMode, readAhead: TableReadAhead? = nil
    ) throws(ReadInterruption) -> DataBlock {
        let handle = index.handle(blockIndex)
        let key = BlockCache.Key(file: number, offset: handle.offset)
        if readAhead == nil, let block = cache.block(key) { return block }
        guard let file else { throw .failed(damages.noted(damage ?? self.damage(inBlock: blockIndex))) }
        if let readAhead {
            let last = index.handle(blockCount - 1)
            let stored = try readAhead.bytes(of: handle, file: number, end: last.offset + last.length) {
                (piece, offset) throws(ReadInterruption) in try fetch(piece, from: file, at: offset, mode)
            }
            return try decode(stored, at: handle.offset)
        }
        let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(handle.length), alignment: 8)
        defer { stored.deallocate() }
        try fetch(stored, from: file, at: handle.offset, mode)
        let block = try decode(UnsafeRawBufferPointer(stored), at: handle.offset)
        cache.insert(key, block)
        return block
    }

    private func decode(_ stored: UnsafeRawBufferPointer, at offset: UInt64) throws(ReadInterruption) -> DataBlock {
        do {
            return try DataBlock(payload: TableBlock.decode(stored, at: offset, file: name))
        } catch let error as StoreError {
            throw .failed(damages.noted(error))
        } catch {
            throw .failed(damages.noted(.damaged(file: name, offset: offset, what: "data block")))
        }
    }

    private func fetch(
        _ stored: UnsafeMutableRawBufferPointer, from file: any DiskFile, at offset: UInt64, _ mode: ReadMode
    ) throws(ReadInterruption) {
        let count: Int
        do throws(DiskError) {
            if mode == .cachedOnly {
                if try file.readIfCached(into: stored, at: offset) { return }
                count = -1
            } else {
                count = try file.read(into: stored, at: offset)
            }
        } catch {
            // A sector that cannot be read is damage like any other: it must not stop more than its readers.
            let failure = StoreError.disk(error)
            throw .failed(failure.asDamage(of: name, at: offset).map(damages.noted) ?? failure)
        }
        if count < 0 { throw .wouldBlock }
        guard count == stored.count else {
            throw .failed(damages.noted(.damaged(file: name, offset: offset, what: "table cut short")))
        }
    }

    /// The damage error for a block that does not hold what the index promises.
    func damage(inBlock blockIndex: Int) -> StoreError {
        .damaged(file: name, offset: index.handle(blockIndex).offset, what: "entries of a data block")
    }
}

/// The last key and the place of every data block.
struct TableIndex: Sendable {
    private let payload: [UInt8]
    /// For each block, where its key lies in `payload`.
    private var keys: [Range<Int>] = []
    private var handles: [TableFooter.Handle] = []
    /// Bytes that all keys begin with, and of each key the eight behind: most of a search looks at these alone.
    private var sharedLength = 0
    private var heads: [UInt64] = []

    /// - Throws: `.malformed`, also when a block would lie outside of the file.
    init(payload: [UInt8], fileLength: UInt64) throws(ByteReaderError) {
        self.payload = payload
        var keys: [Range<Int>] = []
        var handles: [TableFooter.Handle] = []
        try payload.reading { bytes throws(ByteReaderError) in
            var reader = ByteReader(bytes)
            while !reader.isAtEnd {
                let key = try reader.readLengthPrefixedSlice()
                keys.append((reader.offset - key.count)..<reader.offset)
                let handle = TableFooter.Handle(offset: try reader.readVarint(), length: try reader.readVarint())
                guard handle.offset <= fileLength, handle.length <= fileLength - handle.offset else { throw .malformed }
                handles.append(handle)
            }
        }
        self.keys = keys
        self.handles = handles
        noteHeads()
    }

    /// The index of a table of range deletes alone: no block.
    init() { payload = [] }

    /// The index of a table that cannot be read: one block with all its keys.
    init(oneBlockUpTo largestKey: [UInt8]) {
        payload = largestKey
        keys = [0..<largestKey.count]
        handles = [TableFooter.Handle(offset: 0, length: 0)]
        noteHeads()
    }

    private mutating func noteHeads() {
        guard let first = keys.first, let last = keys.last else { return }
        let (length, heads) = payload.withUnsafeBytes { bytes in
            func key(_ place: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[place]) }
            let length = commonPrefixLength(key(first), key(last))
            return (length, keys.map { KeyHead.head(of: key($0), from: length) })
        }
        sharedLength = length
        self.heads = heads
    }

    var count: Int { keys.count }
    var byteCount: Int { payload.count + keys.count * 40 }

    func handle(_ index: Int) -> TableFooter.Handle { handles[index] }

    /// A block's last key.
    func key(_ index: Int) -> [UInt8] { [UInt8](payload[keys[index]]) }

    func firstBlock(notBelow key: UnsafeRawBufferPointer) -> Int {
        payload.withUnsafeBytes { bytes in
            guard let first = keys.first else { return 0 }
            let order = compareBytes(
                UnsafeRawBufferPointer(rebasing: key.prefix(sharedLength)),
                UnsafeRawBufferPointer(rebasing: bytes[first].prefix(sharedLength)))
            if order != 0 { return order < 0 ? 0 : keys.count }
            let head = KeyHead.head(of: key, from: sharedLength)
            var lower = 0
            var upper = keys.count
            while lower < upper {
                let middle = (lower + upper) / 2
                let other = heads[middle]
                let isBelow =
                    other != head
                    ? other < head : compareBytes(UnsafeRawBufferPointer(rebasing: bytes[keys[middle]]), key) < 0
                if isBelow { lower = middle + 1 } else { upper = middle }
            }
            return lower
        }
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` with the error's type kept.
    func reading<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outcome: Swift.Result<Result, Failure> = withUnsafeBytes { bytes in
            do throws(Failure) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
