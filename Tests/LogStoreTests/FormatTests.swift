import Bytes
import Disk
import Foundation
import Testing

@testable import LogStore

/// The bytes on disk: the specification's example, and a store written long ago.
@Suite struct FormatTests {
    // MARK: The specification's example

    @Test func aFrameHasTheBytesOfTheSpecification() throws {
        var batch = WriteBatch()
        batch.put(.catalog, [UInt8(ascii: "k")], StoredValue(head: [UInt8]("hi".utf8)))
        let encoded = try EncodedBatch(batch, bytesMax: EngineLimits.commitBytesMax)
        #expect(encoded.bytes == [1, 1, 1, 1, 0x6b, 4, 0, 2, 0x68, 0x69])
        let buffer = GroupBuffer()
        encoded.bytes.withUnsafeBytes { buffer.append($0) }
        let frame = buffer.padded(to: 4096)
        LogFrame(payloadLength: 10, commitCount: 1, position: 0, durableMark: 0, firstSequence: 1, segment: 1)
            .seal(frame, salt: 0x0123_4567_89AB_CDEF)
        var expected: [UInt8] = [0x56, 0x46, 0x52, 0x4d, 10, 0, 0, 0]
        expected += Self.exampleChecksum + [1, 0, 0, 0]
        expected += [UInt8](repeating: 0, count: 16)
        expected += [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
        expected += [UInt8](repeating: 0, count: 48) + encoded.bytes
        expected += [UInt8](repeating: 0, count: 4096 - expected.count)
        #expect([UInt8](frame) == expected)
        let parsed = try #require(LogFrame.parse(UnsafeRawBufferPointer(frame)))
        #expect(parsed.isIntact(UnsafeRawBufferPointer(frame), salt: 0x0123_4567_89AB_CDEF))
        #expect(!parsed.isIntact(UnsafeRawBufferPointer(frame), salt: 1))
    }

    @Test func aShortFrameHasTheBytesOfTheSpecification() throws {
        let disk = SimulatedDisk(seed: 1)
        let segment = try LogSegment.layOut(disk: disk, storeID: 1, fileNumber: 2, length: 1 << 20)
        try segment.begin(number: 1, salt: 0x0123_4567_89AB_CDEF, startPosition: 0, storeID: 1)
        let payload: [UInt8] = [1, 1, 1, 1, 0x6b, 4, 0, 2, 0x68, 0x69]
        var header = LogFrame(
            payloadLength: 10, commitCount: 1, position: 112, durableMark: 0, firstSequence: 2, segment: 1,
            isPacked: true)
        header.shorten(in: segment)
        #expect(header.isShort)
        #expect(header.length(in: segment) == 32)
        let buffer = GroupBuffer()
        payload.withUnsafeBytes { buffer.append($0) }
        let frame = buffer.padded(to: 32, header: header.headerLength)
        header.seal(frame, salt: segment.salt)
        let expected: [UInt8] = [0xf5, 10, 0, 0] + Self.shortExampleChecksum + [2, 0, 0, 0, 0, 0, 1, 0] + payload
        #expect([UInt8](frame) == expected + [UInt8](repeating: 0, count: 6))
        let bytes = UnsafeRawBufferPointer(frame)
        let parsed = try #require(LogFrame.parseShort(bytes, at: 112, segment: 1))
        #expect(parsed == header)
        #expect(parsed.isIntact(bytes, salt: segment.salt))
        #expect(!parsed.isIntact(bytes, salt: 1))
        // The same bytes elsewhere are another frame's.
        for (position, number) in [(UInt64(120), UInt64(1)), (112, 2)] {
            let moved = try #require(LogFrame.parseShort(bytes, at: position, segment: number))
            #expect(!moved.isIntact(bytes, salt: segment.salt))
        }
    }

    @Test func aFrameAtABlockOrWithMuchToSayHasTheFullHeader() throws {
        let disk = SimulatedDisk(seed: 1)
        let segment = try LogSegment.layOut(disk: disk, storeID: 1, fileNumber: 2, length: 1 << 20)
        try segment.begin(number: 1, salt: 1, startPosition: 0, storeID: 1)
        func isShort(position: UInt64 = 112, payload: Int = 10, commits: Int = 1, sequence: UInt64 = 2) -> Bool {
            var header = LogFrame(
                payloadLength: payload, commitCount: commits, position: position, durableMark: 0,
                firstSequence: sequence, segment: 1)
            header.shorten(in: segment)
            return header.isShort
        }
        #expect(isShort())
        #expect(!isShort(position: 0))
        #expect(!isShort(position: 8192))
        #expect(isShort(payload: 1 << 24 - 1, commits: 1 << 16 - 1, sequence: 1 << 48 - 1))
        #expect(!isShort(payload: 1 << 24))
        #expect(!isShort(commits: 1 << 16))
        #expect(!isShort(sequence: 1 << 48))
    }

    /// As `docs/format/log.md` prints them.
    private static let shortExampleChecksum: [UInt8] = [0x51, 0x57, 0x23, 0x25]
    private static let exampleChecksum: [UInt8] = [0xde, 0x2b, 0x47, 0x23]

    @Test func aCheckpointHasTheBytesOfTheSpecification() throws {
        var checkpoint = Checkpoint(
            name: "one", sequence: 7, createdMilliseconds: 1_700_000_000_000, tables: [ManifestEdit.TableRecord]())
        checkpoint.members = [TablePlace(file: 5, level: 0, run: 3)]
        let bytes = ManifestEdit([.checkpoint(checkpoint)]).encoded()
        #expect(bytes == [8, 15, 3, 0x6f, 0x6e, 0x65, 7, 0x80, 0xd0, 0x95, 0xff, 0xbc, 0x31, 1, 5, 0, 3])
        let decoded = try bytes.withUnsafeBytes { try ManifestEdit(decoding: $0, file: "") }
        guard case .checkpoint(checkpoint)? = decoded.records.first else {
            Issue.record("it does not come back as it was")
            return
        }
    }

    /// The next run is one more than the newest: one near the end of the integers could not be counted from.
    @Test func aCheckpointsNumbersAreBounded() throws {
        func readBack(_ place: TablePlace) throws {
            var checkpoint = Checkpoint(
                name: "one", sequence: 7, createdMilliseconds: 1, tables: [ManifestEdit.TableRecord]())
            checkpoint.members = [place]
            let bytes = ManifestEdit([.checkpoint(checkpoint)]).encoded()
            _ = try bytes.withUnsafeBytes { try ManifestEdit(decoding: $0, file: "") }
        }
        let max = FormatLimits.numberMax
        try readBack(TablePlace(file: max, level: 0, run: max))
        #expect(throws: StoreError.self) { try readBack(TablePlace(file: 5, level: 0, run: max + 1)) }
        #expect(throws: StoreError.self) { try readBack(TablePlace(file: max + 1, level: 0, run: 3)) }
    }

    // MARK: A store written long ago

    /// Stores kept in the tests, by the folder that they lie in.
    enum Fixture: String, CaseIterable {
        case first = "format-1"
        /// With range deletes, in the log and in tables.
        case ranges = "format-1-ranges"

        var folder: URL {
            URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(rawValue)")
        }

        var commits: [PlannedCommit] { self == .first ? FormatTests.fixtureCommits() : FormatTests.rangeCommits() }
    }

    /// After the first and the second the store is flushed; the third is in the log.
    private static func rangeCommits() -> [PlannedCommit] {
        func place(_ number: Int) -> Place { Place(keyspace: .objects, key: key("key/\(100 + number)")) }
        var commits = [PlannedCommit(), PlannedCommit(), PlannedCommit()]
        for number in 0..<30 {
            let content = [UInt8](repeating: UInt8(number), count: number == 20 ? 2_000 : 0)
            commits[0].changes.append(
                (place(number), .put(head: [UInt8(number)], content: content, throughWriter: false)))
        }
        let counter = Place(keyspace: .items, key: key("n"))
        commits[0].changes.append((counter, .add(7)))
        commits[1].changes = [
            (place(4), .deleteRange(upper: place(9).key)),
            (place(6), .put(head: [66], content: [], throughWriter: false)),
            (place(12), .deleteRange(upper: place(13).key)),
            (counter, .deleteRange(upper: key("o"))), (counter, .add(5)),
        ]
        commits[2].changes = [
            (place(8), .deleteRange(upper: place(16).key)), (place(25), .deleteRange(upper: place(40).key)),
            (place(26), .put(head: [26], content: [], throughWriter: false)),
        ]
        return commits
    }

    /// What the first fixture holds: a function of numbers alone.
    private static func fixtureCommits() -> [PlannedCommit] {
        var first = PlannedCommit()
        for number in 0..<14 {
            let content = [UInt8](repeating: UInt8(number), count: 6_000)
            first.changes.append(
                (
                    Place(keyspace: .objects, key: key("first/\(number)")),
                    .put(head: [UInt8(number)], content: content, throughWriter: false)
                ))
        }
        var workload = Workload(seed: 1)
        workload.keyCount = 8
        workload.inlineBytesMax = 1_500
        workload.writerBytesMax = 9_000
        return [first] + (0..<12).map { _ in workload.nextCommit() }
    }

    @Test(arguments: Fixture.allCases) func aStoreOfFormat1OpensAndReadsBack(fixture: Fixture) async throws {
        let disk = SimulatedDisk(seed: 1)
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).sorted() {
            let bytes = [UInt8](try Data(contentsOf: fixture.folder.appending(path: name)))
            let file = try disk.create(name, direct: false)
            try bytes.withUnsafeBytes { try file.write($0, at: 0) }
            try file.sync()
        }
        try disk.syncDirectory()
        let store = try openStore(disk, options: tinyOptions(), seed: 9)
        var expected: Model = [:]
        for commit in fixture.commits { commit.apply(to: &expected) }
        #expect(try await readAll(store) == expected)
        #expect(!store.version.allTables.isEmpty)
        try await store.put("new", value("1"))
        try store.close()
    }

    /// Writes the last fixture anew, for a new format: `VARVE_WRITE_FIXTURE=1`. Zeros at the ends of files are left
    /// out.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["VARVE_WRITE_FIXTURE"] != nil))
    func writeTheFixture() async throws {
        let fixture = Fixture.ranges
        let disk = SimulatedDisk(seed: 1)
        let store = try openStore(disk, options: tinyOptions(), seed: 1)
        for (index, commit) in fixture.commits.enumerated() {
            try await commit.commit(to: store)
            if index < 2 { try await store.flushEverything() }
        }
        // Not closed: a clean close would flush the log.
        #expect(store.statistics().tableRangeDeletes == 2)
        #expect(store.core.withLock { $0.activeSet.rangeDeleteCount } == 2)
        try? FileManager.default.removeItem(at: fixture.folder)
        try FileManager.default.createDirectory(at: fixture.folder, withIntermediateDirectories: true)
        for name in try disk.list() where name != "LOCK" {
            let file = try disk.open(name, direct: false)
            var bytes = [UInt8](repeating: 0, count: Int(try file.size()))
            _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
            if name.hasSuffix(".log") || name.hasSuffix(".man") {
                // Whole blocks: a frame may end with zeros.
                bytes.removeLast(bytes.reversed().prefix { $0 == 0 }.count & ~4095)
            }
            if !bytes.isEmpty { try Data(bytes).write(to: fixture.folder.appending(path: name)) }
        }
    }
}
