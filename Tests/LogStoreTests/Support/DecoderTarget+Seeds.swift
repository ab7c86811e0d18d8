import Bytes

@testable import LogStore

extension DecoderTarget {
    /// Real encodings to start from.
    var seeds: [[UInt8]] {
        switch self {
        case .commits: [Self.commitBytes]
        case .log:
            [[1, 0] + Self.commitBytes, [2, 0] + Self.commitBytes + Self.commitBytes, [1, 0] + Self.hostileCommit]
        case .value: Self.values
        case .frameHeader: [Self.frame, [0xF5, 10, 0, 0] + [UInt8](repeating: 0, count: 40)]
        case .fileHeader:
            [FileKind.log, .extent, .manifest].map { kind in
                let header = FileHeader(kind: kind, storeID: 1, number: 2, segment: 3, salt: 4, fileLength: 1 << 20)
                let block = header.encoded()
                return withExtendedLifetime(block) { [UInt8](block.readable.dropFirst(8)) }
            }
        case .manifestEdit, .manifest: Self.edits
        case .tableProperties: [Self.properties]
        case .tableIndex: [Self.index]
        case .tableFilter: [BloomFilter.encode([1, 2, 3])]
        case .tableFooter: [Self.footer]
        case .tableHistory: Self.histories
        case .dataBlock: [Self.block]
        case .tableBlock: [[0] + Self.block, [1] + Self.compressedBlock]
        case .run: [Self.run(compressible: true), Self.run(compressible: false)]
        case .table: [Self.tableBytes]
        }
    }

    private static var commitBytes: [UInt8] {
        var batch = WriteBatch()
        batch.put(.objects, key("key"), StoredValue(head: [1, 2, 3], content: .inline([4, 5, 6])))
        batch.delete(.catalog, key("other"))
        batch.add(.items, key("n"), 7)
        batch.deleteRange(.objects, from: key("a"), to: key("c"))
        batch.deleteRange(.objects, from: key("x"), to: key("y"))
        do { return try EncodedBatch(batch, bytesMax: 1 << 20).bytes } catch { return [] }
    }

    /// A put whose run names the last of all files.
    private static var hostileCommit: [UInt8] {
        var value: [UInt8] = [2, 0, 1]
        value.appendVarint(UInt64.max)
        value += [1, 1, 1]
        var commit: [UInt8] = [1, EntryKind.put.rawValue, Keyspace.objects.rawValue, 1, 9]
        commit.appendLengthPrefixed(value)
        return commit
    }

    private static var values: [[UInt8]] {
        var plain: [UInt8] = []
        ValueCodec.append(StoredValue(head: [1, 2], content: .inline([3, 4])), to: &plain)
        return [plain, runValue]
    }

    private static var runValue: [UInt8] {
        var value: [UInt8] = []
        let run = Run(file: 3, offset: 4096, storedLength: 100, logicalLength: 90)
        ValueCodec.appendRuns(head: [1], runs: [run, run], to: &value)
        return value
    }

    private static var frame: [UInt8] {
        let buffer = GroupBuffer()
        commitBytes.withUnsafeBytes { buffer.append($0) }
        let frame = buffer.padded(to: 4096)
        LogFrame(
            payloadLength: commitBytes.count, commitCount: 1, position: 0, durableMark: 0, firstSequence: 1, segment: 1
        ).seal(frame, salt: 1)
        return withExtendedLifetime(buffer) { [UInt8](frame.prefix(256)) }
    }

    private static var edits: [[UInt8]] {
        var properties = TableProperties()
        properties.entryCount = 3
        properties.smallestKey = key("a")
        properties.largestKey = key("b")
        properties.extentReferences = [TableProperties.ExtentReference(file: 3, storedBytes: 99)]
        let table = ManifestEdit.TableRecord(
            keyspace: .objects, level: 0, run: 1, file: 9, length: 1_000, properties: properties)
        let last = UInt64.max
        return [
            ManifestEdit([.counters(nextFile: 9, lastSequence: 8, generation: 0), .logStart(position: 0, segment: 1)]),
            ManifestEdit([.logCut(segment: 3, position: 8192), .cleanClose(position: 8192), .reopened]),
            ManifestEdit([.addTable(table), .removeTable(file: 9)]), ManifestEdit([.reopened]),
            ManifestEdit([
                .addTable(table),
                .checkpoint(Checkpoint(name: "one", sequence: 7, createdMilliseconds: 1, tables: [table])),
                .removeTable(file: 9),
            ]),
            ManifestEdit([
                .pinTable(table), .dropCheckpoint(name: "one"), .restored(name: "one"),
                .origin(StoreIdentity.Origin(numbersBelow: 9, storeID: 3)),
            ]),
            ManifestEdit([.counters(nextFile: last, lastSequence: last, generation: last)]),
            ManifestEdit([.logStart(position: last, segment: last)]),
        ].map { $0.encoded() }
    }

    private static var properties: [UInt8] {
        var properties = TableProperties()
        properties.entryCount = 40
        properties.smallestKey = key("key100")
        properties.largestKey = key("key139")
        properties.smallestSequence = 9
        properties.largestSequence = 9
        properties.span([
            RangeDelete(lower: key("key110"), upper: key("key112"), sequence: 10),
            RangeDelete(lower: key("key135"), upper: key("key9"), sequence: 8),
        ])
        properties.extentReferences = [TableProperties.ExtentReference(file: 3, storedBytes: 99)]
        var bytes: [UInt8] = []
        properties.append(to: &bytes)
        return bytes
    }

    private static var histories: [[UInt8]] {
        let sources: [TableHistory.Source] = [.merge, .flush(lastSequence: 8, logEnd: 4096)]
        return sources.map { source in
            let members = [TablePlace(file: 5, level: 1, run: 0)]
            return TableHistory(
                stamp: 3, job: 2, source: source, removed: [4, 5], siblings: [6], isLast: true, level: 1, run: 0,
                lastSequence: 7, generation: 0, logStart: (position: 0, segment: 1), members: members
            ).encoded()
        }
    }

    private static var block: [UInt8] {
        var block = DataBlockBuilder()
        let value = runValue
        for index in 0..<40 {
            key("key\(index + 100)").withUnsafeBytes { name in
                value.withUnsafeBytes { block.append(key: name, kind: .put, sequence: 9, value: $0) }
            }
        }
        return block.finish()
    }

    private static var compressedBlock: [UInt8] {
        var output: [UInt8] = []
        TableBlock.append(block, at: 0, compress: true, to: &output)
        return output.dropLast(TableBlock.trailerBytes)
    }

    private static var index: [UInt8] {
        var index: [UInt8] = []
        index.appendLengthPrefixed("key139")
        index.appendVarint(0)
        index.appendVarint(block.count + TableBlock.trailerBytes)
        return index
    }

    private static var footer: [UInt8] {
        let handle = TableFooter.Handle(offset: 0, length: 100)
        var bytes: [UInt8] = []
        TableFooter(
            storeID: 1, number: 2, keyspace: .objects, filter: handle, index: handle, properties: handle,
            smallestSequence: 1, largestSequence: 2, hasRangeDeletes: true,
            history: handle
        ).append(to: &bytes)
        return bytes
    }

    private static var tableBytes: [UInt8] {
        var hashes: [UInt64] = []
        for number in 100..<140 { hashes.append(key("key\(number)").withUnsafeBytes { KeyHash.hash($0) }) }
        var bytes: [UInt8] = []
        for part in [block, BloomFilter.encode(hashes), index, properties] { bytes.appendLengthPrefixed(part) }
        return bytes
    }

    private static func run(compressible: Bool) -> [UInt8] {
        var random = SeededRandom(seed: 1)
        let content = (0..<300).map { _ in compressible ? 7 : UInt8.random(in: 0...255, using: &random) }
        var run = [UInt8](repeating: 0, count: RunCodec.storedBytesMax(logicalLength: content.count))
        let length = run.withUnsafeMutableBytes { target in
            content.withUnsafeBytes { RunCodec.encode($0, into: target, file: 3, offset: 4096, compress: true) }
        }
        return [UInt8](run[..<length])
    }
}
