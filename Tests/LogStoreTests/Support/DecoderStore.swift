import Bytes
import Disk

@testable import LogStore

/// Files around the bytes of a `DecoderTarget`, with checksums that fit, on a simulated disk.
enum DecoderStore {
    private static let storeID: UInt64 = 0xABCD
    private static let identity = StoreIdentity(storeID: storeID, origins: [])

    private static func write(_ bytes: [UInt8], to name: String, on disk: SimulatedDisk) {
        do {
            let file = try disk.create(name, direct: false)
            try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        } catch {
            preconditionFailure("an empty simulated disk takes a file: \(error)")
        }
    }

    // MARK: Extents

    /// Reads all content of a run in a file of its own.
    static func readRun(_ run: Run, _ stored: [UInt8]) {
        let disk = SimulatedDisk(seed: 1)
        let registry = ExtentRegistry(disk: disk, identity: identity, damages: DamageLog()) {}
        write([UInt8](repeating: 0, count: Int(run.offset)) + stored, to: registry.name(run.file), on: disk)
        let list = RunList(runs: [run], files: [registry.file(run.file)])
        let reader = ContentReader(.runs(list))
        var content = [UInt8](repeating: 0, count: Int(reader.length))
        content.withUnsafeMutableBytes { content in
            _ = try? reader.read(into: content, at: 0, mayBlock: true)
            let middle = content.count / 3
            let part = UnsafeMutableRawBufferPointer(rebasing: content[middle..<(content.count - middle)])
            _ = try? reader.read(into: part, at: UInt64(middle), mayBlock: true)
        }
    }

    // MARK: Tables

    /// Opens a table whose parts are cut from `bytes` (a length before each), and walks and searches it.
    static func readTable(_ bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        var parts: [[UInt8]] = []
        while parts.count < 4, let part = try? reader.readLengthPrefixedBytes() { parts.append(part) }
        guard parts.count == 4 else { return }
        var image: [UInt8] = []
        var handles: [TableFooter.Handle] = []
        for part in parts {
            let offset = UInt64(image.count)
            image += DecoderTarget.sealedBlock(part, codec: 0, at: offset)
            handles.append(TableFooter.Handle(offset: offset, length: UInt64(image.count) - offset))
        }
        TableFooter(
            storeID: storeID, number: 2, keyspace: .objects, filter: handles[1], index: handles[2],
            properties: handles[3], smallestSequence: 1, largestSequence: 1, hasRangeDeletes: bytes.count % 2 == 0,
            history: TableFooter.Handle(offset: 0, length: 0)
        ).append(to: &image)
        let disk = SimulatedDisk(seed: 1)
        write(image, to: FileName(storeID: storeID, number: 2, kind: .table).string, on: disk)
        let registry = ExtentRegistry(disk: disk, identity: identity, damages: DamageLog()) {}
        let cache = BlockCache(bytesMax: 1 << 20)
        guard
            let table = try? Table(
                disk: disk, storeID: storeID, number: 2, cache: cache, registry: registry, onRelease: { _ in })
        else { return }
        walk(table, registry)
    }

    private static func walk(_ table: Table, _ registry: ExtentRegistry) {
        let run = SortedRun(level: 0, id: 1, tables: [table])
        let merge = MergeIterator(sources: [RunSource(run: run, fillCache: true)])
        var keys: [[UInt8]] = [[], key("key120")]
        do {
            var count = 0
            while count < 1_000, try merge.next(.mayBlock) != nil {
                if keys.count < 6 { keys.append([UInt8](merge.key)) }
                count += 1
            }
        } catch {}
        let version = StoreVersion(memtables: []).replacing(runs: [.objects: [run]])
        let hints = ReadHints(driver: ManualDriver())
        withExtendedLifetime(version) {
            let lookup = Lookup(view: version.view, registry: registry, hints: hints)
            for key in keys {
                key.withUnsafeBytes { _ = try? lookup.find(.objects, $0, upTo: .max >> 8, mode: .mayBlock) }
            }
        }
    }

    // MARK: Stores

    /// A small closed store with a table, an extent and a log.
    private static let sample: SimulatedDisk = {
        let disk = SimulatedDisk(seed: 1)
        do {
            let store = try open(disk, seed: 1)
            for number in 0..<30 as Range<UInt8> {
                var batch = WriteBatch()
                let content = [UInt8](repeating: number, count: number % 2 == 0 ? 6_000 : 20)
                batch.put(.objects, [number], StoredValue(head: [number], content: .inline(content)))
                batch.add(.items, [1], 1)
                var encoded = try EncodedBatch(batch, bytesMax: 1 << 20)
                _ = try store.tryEnqueue(&encoded, mode: .synced, reads: nil)
                while store.runCommitStep() || store.runBackgroundStep() {}
            }
            try store.close()
        } catch {
            preconditionFailure("a store on a simulated disk can be written: \(error)")
        }
        return disk
    }()

    private static func open(_ disk: SimulatedDisk, seed: UInt64) throws -> LogStore {
        var options = tinyOptions()
        options.firstSegmentBytes = 256 << 10
        options.segmentBytes = 256 << 10
        return try LogStore.open(disk: disk, options: options, driver: ManualDriver(), randomSeed: seed)
    }

    /// Opens what is on the disk, and if it opens uses it: reads everything, commits, flushes, compacts, closes.
    private static func use(_ disk: SimulatedDisk) {
        guard let store = try? open(disk, seed: 2) else { return }
        readEverything(store)
        var batch = WriteBatch()
        batch.put(.objects, [1], StoredValue(head: [1]))
        batch.delete(.objects, [2])
        batch.deleteRange(.objects, from: [20], to: [25])
        batch.add(.items, [1], 1)
        if var encoded = try? EncodedBatch(batch, bytesMax: 1 << 20) {
            _ = try? store.tryEnqueue(&encoded, mode: .synced, reads: nil)
        }
        while store.runCommitStep() || store.runBackgroundStep() {}
        let isFrozen = store.core.withLock { core -> Bool in
            guard !core.activeSet.isEmpty else { return false }
            let set = store.freezeActiveSet(&core)
            set.logEnd = core.logPosition
            return true
        }
        if isFrozen { while store.runCommitStep() || store.runBackgroundStep() {} }
        _ = store.statistics()
        try? store.close()
        if let inspector = try? StoreInspector(disk) {
            _ = inspector.tables()
            _ = try? inspector.log()
            _ = try? inspector.extents()
        }
    }

    private static func readEverything(_ store: LogStore) {
        let version = store.core.withLock { $0.version }
        for keyspace in Keyspace.allCases {
            var sources: [MergeSource] = version.memtables.map {
                MemtableSource(set: $0, keyspace: keyspace, upTo: .max >> 8)
            }
            sources += version.runs(keyspace).map { RunSource(run: $0, fillCache: true) }
            let merge = MergeIterator(sources: sources)
            var count = 0
            while count < 1_000, let outcome = try? merge.next(.mayBlock) {
                count += 1
                guard case .put(let bytes) = outcome,
                    let value = try? StoredValue(decoding: bytes, registry: store.registry)
                else { continue }
                let reader = store.openContent(value.content)
                var content = [UInt8](repeating: 0, count: Int(min(reader.length, 1 << 20)))
                content.withUnsafeMutableBytes { _ = try? reader.read(into: $0, at: 0, mayBlock: true) }
            }
        }
    }

    private static func fileName(_ kind: FileKind, on disk: SimulatedDisk) -> String {
        let names = (try? disk.list()) ?? []
        guard let name = names.last(where: { FileName($0)?.kind == kind }) else {
            preconditionFailure("the sample has a file of every kind")
        }
        return name
    }

    /// Puts `edit` behind the sample's last manifest edit, as if the store had written it, and opens.
    static func openWithEdit(_ edit: UnsafeRawBufferPointer) {
        let disk = sample.crash()
        let name = fileName(.manifest, on: disk)
        guard let manifest = try? Manifest.open(disk: disk, isRepairing: false) else { return }
        let number = manifest.number
        var frame = [UInt8](repeating: 0, count: AlignedBuffer.roundedUp(32 + edit.count))
        frame.withUnsafeMutableBytes { frame in
            frame.storeBytes(of: UInt32(0x5444_4556).littleEndian, as: UInt32.self)
            frame.storeBytes(of: UInt32(edit.count).littleEndian, toByteOffset: 4, as: UInt32.self)
            frame.storeBytes(of: number.littleEndian, toByteOffset: 16, as: UInt64.self)
            frame.storeBytes(of: manifest.editIndex.littleEndian, toByteOffset: 24, as: UInt64.self)
            UnsafeMutableRawBufferPointer(rebasing: frame[32...]).copyBytes(from: edit)
            let checked = UnsafeRawBufferPointer(rebasing: frame[12..<(32 + edit.count)])
            frame.storeBytes(of: CRC32C.hash(checked).littleEndian, toByteOffset: 8, as: UInt32.self)
        }
        do {
            let file = try disk.open(name, direct: false)
            try frame.withUnsafeBytes { try file.write($0, at: manifest.end) }
        } catch { return }
        use(disk)
    }

    /// Puts a frame with `payload` behind the log of an unclosed sample (the first two bytes say how many commits it
    /// claims to hold), and opens.
    static func openWithFrame(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= 2 else { return }
        let disk = sample.crash()
        do {
            // Opening and dropping it leaves an empty segment that is not marked as closed.
            let (segment, position, sequence) = try {
                let store = try open(disk, seed: 3)
                return store.core.withLock { ($0.currentSegment, $0.logPosition, $0.nextSequence) }
            }()
            let body = UnsafeRawBufferPointer(rebasing: payload[2...])
            let buffer = GroupBuffer()
            buffer.append(body)
            let count = Int(payload[0]) | Int(payload[1]) << 8
            let header = LogFrame(
                payloadLength: body.count, commitCount: count, position: position, durableMark: position,
                firstSequence: sequence, segment: segment.number)
            let frame = buffer.padded(to: Int(header.length(in: segment)))
            guard UInt64(frame.count) <= segment.capacity else { return }
            header.seal(frame, salt: segment.salt)
            try segment.file.write(UnsafeRawBufferPointer(frame), at: segment.offset(of: position))
        } catch { return }
        use(disk.killProcess())
    }
}
