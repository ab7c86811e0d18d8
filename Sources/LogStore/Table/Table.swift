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
    let properties: TableProperties
    /// The extent files that the values name, kept for as long as the table is.
    private let extents: [ExtentFile]
    private let file: any DiskFile
    private let filter: BloomFilter
    private let index: TableIndex
    private let cache: BlockCache
    private let onRelease: @Sendable (String) -> Void
    private let isObsolete = Atomic<Bool>(false)

    /// Opens a table and verifies footer, properties, index and filter. Blocks.
    ///
    /// - Parameters:
    ///   - readsDirect: whether reads go past the page cache.
    ///   - onRelease: called with the file's name when an obsolete table's last reference has gone.
    /// - Throws: `.damaged`, `.unsupportedFormat`, `.disk`.
    init(
        disk: any Disk, storeID: UInt64, number: UInt64, cache: BlockCache, registry: ExtentRegistry,
        readsDirect: Bool = false, onRelease: @escaping @Sendable (String) -> Void
    ) throws(StoreError) {
        let name = FileName(storeID: storeID, number: number, kind: .table).string
        let file: any DiskFile
        do {
            let opened = try disk.open(name, direct: readsDirect)
            file = readsDirect ? UnalignedReads(of: opened) : opened
        } catch .notFound {
            throw .damaged(file: name, offset: 0, what: "a table the manifest names is missing")
        } catch { throw .disk(error) }
        let length = try storeCall { () throws(DiskError) in try file.size() }
        guard length >= UInt64(TableFooter.byteCount) else {
            throw .damaged(file: name, offset: 0, what: "table cut short")
        }
        let footerBytes = try Self.bytes(
            of: file, at: length - UInt64(TableFooter.byteCount), count: TableFooter.byteCount)
        let footer = try Self.footer(footerBytes, name, length)
        guard footer.storeID == storeID, footer.number == number else {
            throw .damaged(file: name, offset: length - UInt64(TableFooter.byteCount), what: "footer of another table")
        }
        let propertyBytes = try Self.payload(of: file, footer.properties)
        let indexBytes = try Self.payload(of: file, footer.index)
        let filterBytes = try Self.payload(of: file, footer.filter)
        do {
            properties = try propertyBytes.reading { bytes throws(ByteReaderError) in
                var reader = ByteReader(bytes)
                return try TableProperties(reading: &reader)
            }
            index = try TableIndex(payload: indexBytes, fileLength: length)
            filter = try filterBytes.reading { bytes throws(ByteReaderError) in try BloomFilter(decoding: bytes) }
        } catch {
            throw .damaged(file: name, offset: footer.properties.offset, what: "table properties, index or filter")
        }
        self.number = number
        self.name = name
        self.file = file
        self.length = length
        self.cache = cache
        self.onRelease = onRelease
        keyspace = footer.keyspace
        extents = properties.extentReferences.map { registry.file($0.file) }
    }

    deinit {
        if isObsolete.load(ordering: .acquiring) { onRelease(name) }
    }

    /// No manifest names the table any more: its file goes with the last reader.
    func markObsolete() { isObsolete.store(true, ordering: .releasing) }

    /// Memory held besides cached blocks, in bytes.
    var residentBytes: Int { filter.byteCount + index.byteCount }

    // MARK: Reading

    /// Whether the table may hold a key of this hash.
    func mayContain(_ hash: UInt64) -> Bool { filter.mayContain(hash) }

    var blockCount: Int { index.count }

    /// The first block that may hold keys at or above `key`; `blockCount` when there is none.
    func blockIndex(for key: UnsafeRawBufferPointer) -> Int { index.firstBlock(notBelow: key) }

    /// A data block, from the cache or from the file.
    ///
    /// - Parameter fillCache: false for scans that will not come back (compaction).
    func block(_ blockIndex: Int, mode: ReadMode, fillCache: Bool = true) throws(ReadInterruption) -> DataBlock {
        let handle = index.handle(blockIndex)
        let key = BlockCache.Key(file: number, offset: handle.offset)
        if fillCache, let block = cache.block(key) { return block }
        let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(handle.length), alignment: 8)
        defer { stored.deallocate() }
        do {
            if mode == .cachedOnly {
                guard try file.readIfCached(into: stored, at: handle.offset) else { throw ReadInterruption.wouldBlock }
            } else if try file.read(into: stored, at: handle.offset) != stored.count {
                throw ReadInterruption.failed(.damaged(file: name, offset: handle.offset, what: "table cut short"))
            }
        } catch let error as DiskError {
            throw .failed(.disk(error))
        } catch let interruption as ReadInterruption {
            throw interruption
        } catch {
            preconditionFailure("a disk throws disk errors")
        }
        let block: DataBlock
        do {
            block = try DataBlock(
                payload: TableBlock.decode(UnsafeRawBufferPointer(stored), at: handle.offset, file: name))
        } catch let error as StoreError {
            throw .failed(error)
        } catch {
            throw .failed(.damaged(file: name, offset: handle.offset, what: "data block"))
        }
        if fillCache { cache.insert(key, block) }
        return block
    }

    /// The damage error for a block whose entries cannot be parsed.
    func damage(inBlock blockIndex: Int) -> StoreError {
        .damaged(file: name, offset: index.handle(blockIndex).offset, what: "entries of a data block")
    }

    // MARK: Opening

    private static func bytes(of file: any DiskFile, at offset: UInt64, count: Int) throws(StoreError) -> [UInt8] {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
        defer { memory.deallocate() }
        let got = try storeCall { () throws(DiskError) in try file.read(into: memory, at: offset) }
        guard got == count else { throw .damaged(file: file.name, offset: offset, what: "table cut short") }
        return [UInt8](memory)
    }

    private static func footer(_ bytes: [UInt8], _ name: String, _ length: UInt64) throws(StoreError) -> TableFooter {
        let result: Result<TableFooter, StoreError> = bytes.withUnsafeBytes { bytes in
            do throws(StoreError) {
                return .success(try TableFooter(bytes, file: name, fileLength: length))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func payload(of file: any DiskFile, _ handle: TableFooter.Handle) throws(StoreError) -> [UInt8] {
        let stored = try bytes(of: file, at: handle.offset, count: Int(handle.length))
        let result: Result<[UInt8], StoreError> = stored.withUnsafeBytes { bytes in
            do throws(StoreError) {
                return .success(try TableBlock.decode(bytes, at: handle.offset, file: file.name))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// The last key and the place of every data block.
struct TableIndex: Sendable {
    private let payload: [UInt8]
    /// For each block, where its key lies in `payload`.
    private var keys: [Range<Int>] = []
    private var handles: [TableFooter.Handle] = []

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
        guard !keys.isEmpty else { throw .malformed }
        self.keys = keys
        self.handles = handles
    }

    var count: Int { keys.count }
    var byteCount: Int { payload.count + keys.count * 32 }

    func handle(_ index: Int) -> TableFooter.Handle { handles[index] }

    /// A block's last key.
    func key(_ index: Int) -> [UInt8] { [UInt8](payload[keys[index]]) }

    func firstBlock(notBelow key: UnsafeRawBufferPointer) -> Int {
        payload.withUnsafeBytes { bytes in
            var lower = 0
            var upper = keys.count
            while lower < upper {
                let middle = (lower + upper) / 2
                if compareBytes(UnsafeRawBufferPointer(rebasing: bytes[keys[middle]]), key) < 0 {
                    lower = middle + 1
                } else {
                    upper = middle
                }
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
