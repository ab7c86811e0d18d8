import Bytes
import Disk

@testable import LogStore

/// A decoder of bytes from disk, as the fuzzer and the tests drive it: any bytes may be refused with an error, none may
/// trap or be read beyond their end. Checksums stand in a fuzzer's way and are put right first, where there are any.
enum DecoderTarget: String, CaseIterable, Sendable {
    /// The payload of a log frame, with the values in it.
    case commits
    case value
    case frameHeader = "frame-header"
    case fileHeader = "file-header"
    case manifestEdit = "manifest-edit"
    case tableProperties = "table-properties"
    case tableIndex = "table-index"
    case tableFilter = "table-filter"
    case tableFooter = "table-footer"
    /// What a table says about the store's other files, for when the manifest is lost.
    case tableHistory = "table-history"
    case dataBlock = "data-block"
    /// A block with its trailer, compressed or not.
    case tableBlock = "table-block"
    /// A run's header and chunks, read through a content reader.
    case run
    /// A table of which blocks, index, properties and filter are the given bytes, opened and walked.
    case table
    /// A store whose manifest ends with the given edit, opened and read.
    case manifest
    /// A store whose log ends with a frame of the given commits, opened and read.
    case log

    func decode(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .commits: Self.decodeCommits(bytes)
        case .value: _ = try? ValueCodec.view(bytes)
        case .frameHeader:
            if let frame = LogFrame.parse(bytes) { _ = frame.isIntact(bytes, salt: 1) }
            if let frame = LogFrame.parseShort(bytes, at: 8, segment: 1) { _ = frame.isIntact(bytes, salt: 1) }
        case .fileHeader: Self.decodeFileHeader(bytes)
        case .manifestEdit: Self.decodeManifestEdit(bytes)
        case .tableProperties:
            var reader = ByteReader(bytes)
            if let properties = try? TableProperties(reading: &reader) {
                _ = properties.overlaps(lower: [1], upper: [2])
            }
        case .tableIndex: Self.decodeIndex(bytes)
        case .tableFilter: if let filter = try? BloomFilter(decoding: bytes) { _ = filter.mayContain(.max) }
        case .tableFooter: Self.decodeFooter(bytes)
        case .tableHistory: Self.decodeHistory(bytes)
        case .dataBlock: Self.decodeDataBlock(bytes)
        case .tableBlock: Self.decodeTableBlock(bytes)
        case .run: Self.decodeRun(bytes)
        case .table: DecoderStore.readTable(bytes)
        case .manifest: DecoderStore.openWithEdit(bytes)
        case .log: DecoderStore.openWithFrame(bytes)
        }
    }

    private static func decodeCommits(_ bytes: UnsafeRawBufferPointer) {
        var commits = CommitReader(payload: bytes)
        do {
            while !commits.isAtEnd {
                try commits.readCommit { (operation: CommitReader.Operation) throws(ByteReaderError) in
                    if operation.kind == .put { _ = try ValueCodec.view(operation.value) }
                }
            }
        } catch {}
    }

    private static func decodeFileHeader(_ bytes: UnsafeRawBufferPointer) {
        for kind in [FileKind.log, .extent, .manifest] {
            _ = try? FileHeader(bytes, kind: kind, file: "f")
            let block = FileHeader(kind: kind, storeID: 1, number: 2).encoded()
            // Behind the magic bytes.
            let count = min(bytes.count, 4084)
            UnsafeMutableRawBufferPointer(rebasing: block.bytes[8..<8 + count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            let checksum = CRC32C.hash(UnsafeRawBufferPointer(rebasing: block.readable[..<4092]))
            block.bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 4092, as: UInt32.self)
            guard let header = try? FileHeader(block.readable, kind: kind, file: "f") else { continue }
            let again = header.encoded()
            let reread = withExtendedLifetime(again) { try? FileHeader(again.readable, kind: kind, file: "f") }
            precondition(reread == header, "a header encodes as it was read")
        }
    }

    private static func decodeManifestEdit(_ bytes: UnsafeRawBufferPointer) {
        guard let edit = try? ManifestEdit(decoding: bytes, file: "m") else { return }
        var state = ManifestState()
        state.apply(edit)
        let encoded = state.snapshot.encoded()
        let again = encoded.withUnsafeBytes { try? ManifestEdit(decoding: $0, file: "m") }
        precondition(again?.encoded() == encoded, "a state encodes as it was read")
    }

    private static func decodeIndex(_ bytes: UnsafeRawBufferPointer) {
        guard let index = try? TableIndex(payload: [UInt8](bytes), fileLength: 1 << 20) else { return }
        let block = key("key120").withUnsafeBytes { index.firstBlock(notBelow: $0) }
        if block < index.count { _ = index.handle(block) }
    }

    private static func decodeFooter(_ bytes: UnsafeRawBufferPointer) {
        _ = try? TableFooter(bytes, file: "t", fileLength: UInt64(bytes.count) + 1)
        guard bytes.count >= TableFooter.byteCount else { return }
        var fixed = [UInt8](bytes[..<TableFooter.byteCount])
        let checksum = CRC32C.hash([UInt8](fixed[..<124]))
        fixed.withUnsafeMutableBytes { $0.storeBytes(of: checksum.littleEndian, toByteOffset: 124, as: UInt32.self) }
        fixed.withUnsafeBytes { _ = try? TableFooter($0, file: "t", fileLength: 1 << 20) }
    }

    private static func decodeHistory(_ bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard let history = try? TableHistory(reading: &reader) else { return }
        let encoded = history.encoded()
        let again = encoded.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            return try? TableHistory(reading: &reader)
        }
        precondition(again == history, "a history encodes as it was read")
    }

    private static func decodeDataBlock(_ bytes: UnsafeRawBufferPointer) {
        guard let block = try? DataBlock(payload: [UInt8](bytes)) else { return }
        let cursor = DataBlockCursor(block: block)
        var targets = [key("key120"), [], [UInt8](repeating: 255, count: 9)]
        targets.append([UInt8](block.entries.entry(at: 0).rest) + [0])
        for target in targets {
            target.withUnsafeBytes { _ = block.find($0) }
            target.withUnsafeBytes { cursor.seek($0) }
            while cursor.isValid {
                _ = (cursor.key.count, cursor.kind, cursor.sequence, cursor.value.count)
                cursor.advance()
            }
            cursor.seekToLast()
        }
    }

    private static func decodeTableBlock(_ bytes: UnsafeRawBufferPointer) {
        _ = try? TableBlock.decode(bytes, at: 0, file: "t")
        guard !bytes.isEmpty else { return }
        let sealed = sealedBlock([UInt8](bytes.dropFirst()), codec: bytes[0] & 3, at: 0)
        sealed.withUnsafeBytes { _ = try? TableBlock.decode($0, at: 0, file: "t") }
    }

    /// Stored bytes with a trailer that fits them.
    static func sealedBlock(_ stored: [UInt8], codec: UInt8, at offset: UInt64) -> [UInt8] {
        var block = stored + [codec, 0, 0, 0]
        let seed = withUnsafeBytes(of: offset.littleEndian) { CRC32C.hash($0) }
        block.appendLittleEndian(CRC32C.hash(block, continuing: seed))
        return block
    }

    private static func decodeRun(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= RunCodec.fixedHeaderBytes else { return }
        var fixed = [UInt8](bytes)
        let logical = fixed.withUnsafeBytes {
            UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        }
        let chunks = fixed.withUnsafeBytes {
            UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        }
        let end = min(RunCodec.fixedHeaderBytes + 8 * Int(chunks), fixed.count)
        let checksum = CRC32C.hash([UInt8](fixed[8..<end]))
        fixed.withUnsafeMutableBytes { $0.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self) }
        let run = Run(
            file: 3, offset: 4096, storedLength: UInt32(fixed.count),
            logicalLength: min(logical, UInt32(EngineLimits.runBytesMax)))
        DecoderStore.readRun(run, fixed)
    }
}
