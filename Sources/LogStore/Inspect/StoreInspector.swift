internal import Bytes
package import Disk

/// Looks into a store's files without opening the store: nothing is written, locked or recovered. A directory that is
/// being served may change under it; what it reads is checked all the same.
package struct StoreInspector {
    private let disk: any Disk
    private let manifest: Manifest

    /// - Throws: `.damaged`, `.unsupportedFormat`, `.disk`; `.disk(.notFound)` when there is no store.
    package init(_ disk: any Disk) throws(StoreError) {
        self.disk = disk
        guard let manifest = try Manifest.open(disk: disk, isRepairing: false) else {
            throw .disk(.notFound(name: FileName.current))
        }
        self.manifest = manifest
    }

    /// Sixteen hexadecimal digits.
    package var storeID: String { Hex.encode(manifest.storeID) }

    // MARK: The log

    package struct Segment: Sendable {
        package var file: String
        package var number: UInt64
        package var fileBytes: UInt64
        package var startPosition: UInt64
        /// Where its valid frames end.
        package var endPosition: UInt64
        package var frames: [Frame]
    }

    package struct Frame: Sendable {
        package var position: UInt64
        /// With padding.
        package var bytes: UInt64
        package var commits: Int
        package var firstSequence: UInt64
        package var durableMark: UInt64
        /// Operations by keyspace, in the keyspaces' order.
        package var operations: [(keyspace: String, puts: Int, deletes: Int, adds: Int, rangeDeletes: Int)]
    }

    /// The part of the log that is not in tables yet, frame by frame.
    package func log() throws(StoreError) -> [Segment] {
        let recovery = try LogRecovery(disk: disk, manifest: manifest)
        var frames: [UInt64: [Frame]] = [:]
        _ = try recovery.read(isRepairing: false) { (frame, payload, segment) throws(StoreError) in
            frames[segment.number, default: []].append(try Self.describe(frame, payload, in: segment))
        }
        return recovery.segments.map { segment in
            Segment(
                file: segment.file.name, number: segment.number, fileBytes: segment.length,
                startPosition: segment.startPosition, endPosition: segment.endPosition,
                frames: frames[segment.number] ?? [])
        }
    }

    private static func describe(
        _ frame: LogFrame, _ payload: UnsafeRawBufferPointer, in segment: LogSegment
    ) throws(StoreError) -> Frame {
        var counts: [Keyspace: (puts: Int, deletes: Int, adds: Int, rangeDeletes: Int)] = [:]
        var reader = CommitReader(payload: payload)
        do {
            while !reader.isAtEnd {
                try reader.readCommit { (operation: CommitReader.Operation) throws(ByteReaderError) in
                    var count = counts[operation.keyspace] ?? (0, 0, 0, 0)
                    switch operation.kind {
                    case .put: count.puts += 1
                    case .delete: count.deletes += 1
                    case .add: count.adds += 1
                    case .deleteRange: count.rangeDeletes += 1
                    }
                    counts[operation.keyspace] = count
                }
            }
        } catch {
            throw .damaged(
                file: segment.file.name, offset: segment.offset(of: frame.position), what: "commits of a frame")
        }
        return Frame(
            position: frame.position, bytes: frame.length(in: segment), commits: frame.commitCount,
            firstSequence: frame.firstSequence, durableMark: frame.durableMark,
            operations: Keyspace.allCases.compactMap { keyspace in
                counts[keyspace].map { ("\(keyspace)", $0.puts, $0.deletes, $0.adds, $0.rangeDeletes) }
            })
    }

    // MARK: Tables

    package struct TableReport: Sendable {
        package var file: String
        package var keyspace: String
        package var level: Int
        /// Higher is newer; tables of one run have disjoint keys.
        package var run: UInt64
        package var bytes: UInt64
        package var entries: UInt64
        package var deletes: UInt64
        package var rangeDeletes: Int
        package var smallestKey: [UInt8]
        package var largestKey: [UInt8]
        package var smallestSequence: UInt64
        package var largestSequence: UInt64
        package var extentFiles: Int
        package var extentBytes: UInt64
    }

    /// The tables that the manifest names, by keyspace and level, newest run first.
    package func tables() -> [TableReport] {
        manifest.state.tables
            .sorted {
                ($0.keyspace.rawValue, $0.level, $1.run, $0.file) < ($1.keyspace.rawValue, $1.level, $0.run, $1.file)
            }
            .map { table in
                let properties = table.properties
                return TableReport(
                    file: manifest.identity.name(table.file, .table),
                    keyspace: "\(table.keyspace)", level: Int(table.level), run: table.run, bytes: table.length,
                    entries: properties.entryCount,
                    deletes: properties.deleteCount, rangeDeletes: properties.rangeDeletes.count,
                    smallestKey: properties.smallestKey, largestKey: properties.largestKey,
                    smallestSequence: properties.smallestSequence, largestSequence: properties.largestSequence,
                    extentFiles: properties.extentReferences.count,
                    extentBytes: properties.extentReferences.reduce(0) { $0 + $1.storedBytes })
            }
    }

    // MARK: Levels

    /// One level of one keyspace.
    package struct LevelReport: Sendable {
        package var keyspace: String
        package var level: Int
        package var runs = 0
        package var tables = 0
        package var bytes: UInt64 = 0
        package var entries: UInt64 = 0
        package var deletes: UInt64 = 0
        /// Bytes in extents that the level's values name.
        package var extentBytes: UInt64 = 0
    }

    /// The levels that hold something, by keyspace.
    package func levels() -> [LevelReport] {
        var reports: [LevelReport] = []
        var lastRun: UInt64?
        for table in tables() {
            if reports.last?.keyspace != table.keyspace || reports.last?.level != table.level {
                reports.append(LevelReport(keyspace: table.keyspace, level: table.level))
                lastRun = nil
            }
            var report = reports.removeLast()
            if lastRun != table.run { report.runs += 1 }
            lastRun = table.run
            report.tables += 1
            report.bytes += table.bytes
            report.entries += table.entries
            report.deletes += table.deletes
            report.extentBytes += table.extentBytes
            reports.append(report)
        }
        return reports
    }

    // MARK: Extents

    package struct ExtentReport: Sendable {
        package var file: String
        package var bytes: UInt64
        /// Bytes of runs that tables name.
        package var referencedByTables: UInt64
        /// Bytes of runs that the log names, overwritten ones included.
        package var referencedByLog: UInt64
    }

    /// All extent files, and how much of each is referred to.
    package func extents() throws(StoreError) -> [ExtentReport] {
        var byTables: [UInt64: UInt64] = [:]
        for table in manifest.state.tables {
            for reference in table.properties.extentReferences {
                byTables[reference.file, default: 0] += reference.storedBytes
            }
        }
        var byLog: [UInt64: UInt64] = [:]
        let recovery = try LogRecovery(disk: disk, manifest: manifest)
        _ = try recovery.read(isRepairing: false) { (_, payload, segment) throws(StoreError) in
            do {
                var reader = CommitReader(payload: payload)
                while !reader.isAtEnd {
                    try reader.readCommit { (operation: CommitReader.Operation) throws(ByteReaderError) in
                        guard operation.kind == .put,
                            case .runs(let runs) = try ValueCodec.view(operation.value).content
                        else { return }
                        for run in runs { byLog[run.file, default: 0] += UInt64(run.storedLength) }
                    }
                }
            } catch {
                throw .damaged(file: segment.file.name, offset: 0, what: "commits of a frame")
            }
        }
        var reports: [ExtentReport] = []
        for name in try storeCall({ () throws(DiskError) in try disk.list() }) {
            guard let parsed = FileName(name), parsed.kind == .extent, manifest.identity.owns(parsed) else {
                continue
            }
            let size = try storeCall { () throws(DiskError) in try disk.open(name, direct: false).size() }
            reports.append(
                ExtentReport(
                    file: name, bytes: size, referencedByTables: byTables[parsed.number] ?? 0,
                    referencedByLog: byLog[parsed.number] ?? 0))
        }
        return reports
    }
}
