internal import Bytes

/// Turns content into a run and back: `docs/format/extent.md`.
enum RunCodec {
    static let fixedHeaderBytes = 56
    /// Logical bytes of a chunk: what a read verifies at once.
    static let chunkBytes = 64 << 10
    private static let magic: UInt32 = 0x4E55_5256  // "VRUN"
    private static let compressedBit: UInt32 = 1 << 31
    private static let codecLZ4: UInt8 = 1

    static func headerBytes(logicalLength: Int) -> Int {
        fixedHeaderBytes + 8 * ((logicalLength + chunkBytes - 1) / chunkBytes)
    }

    /// Bytes that a run of this content takes at most.
    static func storedBytesMax(logicalLength: Int) -> Int { headerBytes(logicalLength: logicalLength) + logicalLength }

    /// Encodes a run for a place in a file and returns its stored length. `target` must hold `storedBytesMax`.
    ///
    /// Once a chunk has not shrunk by an eighth, the rest of the run is stored plain: incompressible content costs one
    /// attempt.
    static func encode(
        _ content: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, file: UInt64, offset: UInt64,
        compress: Bool
    ) -> Int {
        let headerLength = headerBytes(logicalLength: content.count)
        let chunkCount = (headerLength - fixedHeaderBytes) / 8
        UnsafeMutableRawBufferPointer(rebasing: target[0..<headerLength]).initializeMemory(as: UInt8.self, repeating: 0)
        var compressing = compress
        var end = headerLength
        for index in 0..<chunkCount {
            let start = index * chunkBytes
            let chunk = UnsafeRawBufferPointer(rebasing: content[start..<min(start + chunkBytes, content.count)])
            var word = UInt32(chunk.count)
            if compressing {
                let room = UnsafeMutableRawBufferPointer(rebasing: target[end..<(end + chunk.count * 7 / 8)])
                if let length = LZ4.compress(chunk, into: room) {
                    word = UInt32(length) | compressedBit
                } else {
                    compressing = false
                }
            }
            let length = Int(word & ~compressedBit)
            let stored = UnsafeMutableRawBufferPointer(rebasing: target[end..<(end + length)])
            if word & compressedBit == 0 { stored.copyMemory(from: chunk) }
            target.storeBytes(of: word.littleEndian, toByteOffset: fixedHeaderBytes + 8 * index, as: UInt32.self)
            let checksum = CRC32C.hash(UnsafeRawBufferPointer(stored))
            target.storeBytes(
                of: checksum.littleEndian, toByteOffset: fixedHeaderBytes + 8 * index + 4, as: UInt32.self)
            end += length
        }
        finishHeader(target, contentBytes: content.count, chunkCount: chunkCount, file: file, offset: offset)
        return end
    }

    /// Whether content begins with a chunk that compression makes smaller by an eighth. `scratch` has room for a chunk.
    static func shrinks(_ content: UnsafeRawBufferPointer, scratch: UnsafeMutableRawBufferPointer) -> Bool {
        let chunk = UnsafeRawBufferPointer(rebasing: content.prefix(chunkBytes))
        let room = UnsafeMutableRawBufferPointer(rebasing: scratch[..<(chunk.count * 7 / 8)])
        return LZ4.compress(chunk, into: room) != nil
    }

    /// Writes the header of a run whose plain content stands behind the header's place already.
    static func encodePlain(_ target: UnsafeMutableRawBufferPointer, contentBytes: Int, run: Run) {
        let headerLength = headerBytes(logicalLength: contentBytes)
        let chunkCount = (headerLength - fixedHeaderBytes) / 8
        UnsafeMutableRawBufferPointer(rebasing: target[0..<headerLength]).initializeMemory(as: UInt8.self, repeating: 0)
        for index in 0..<chunkCount {
            let start = headerLength + index * chunkBytes
            let chunk = target[start..<min(start + chunkBytes, headerLength + contentBytes)]
            let entry = fixedHeaderBytes + 8 * index
            target.storeBytes(of: UInt32(chunk.count).littleEndian, toByteOffset: entry, as: UInt32.self)
            let checksum = CRC32C.hash(UnsafeRawBufferPointer(rebasing: chunk))
            target.storeBytes(of: checksum.littleEndian, toByteOffset: entry + 4, as: UInt32.self)
        }
        finishHeader(target, contentBytes: contentBytes, chunkCount: chunkCount, file: run.file, offset: run.offset)
    }

    /// The header's fields but the directory, which stands there.
    private static func finishHeader(
        _ target: UnsafeMutableRawBufferPointer, contentBytes: Int, chunkCount: Int, file: UInt64, offset: UInt64
    ) {
        target.storeBytes(of: magic.littleEndian, as: UInt32.self)
        target.storeBytes(of: UInt32(contentBytes).littleEndian, toByteOffset: 8, as: UInt32.self)
        target.storeBytes(of: UInt32(chunkBytes).littleEndian, toByteOffset: 12, as: UInt32.self)
        target.storeBytes(of: UInt32(chunkCount).littleEndian, toByteOffset: 16, as: UInt32.self)
        target.storeBytes(of: codecLZ4, toByteOffset: 20, as: UInt8.self)
        bind(target, file: file, offset: offset, headerLength: fixedHeaderBytes + 8 * chunkCount)
    }

    /// Binds a verified run's stored bytes to another place: its header names file and offset.
    static func bind(_ stored: UnsafeMutableRawBufferPointer, to run: Run) {
        let chunkCount = UInt32(littleEndian: stored.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        bind(stored, file: run.file, offset: run.offset, headerLength: fixedHeaderBytes + 8 * Int(chunkCount))
    }

    private static func bind(
        _ target: UnsafeMutableRawBufferPointer, file: UInt64, offset: UInt64, headerLength: Int
    ) {
        target.storeBytes(of: file.littleEndian, toByteOffset: 40, as: UInt64.self)
        target.storeBytes(of: offset.littleEndian, toByteOffset: 48, as: UInt64.self)
        let header = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[8..<headerLength])
        target.storeBytes(of: CRC32C.hash(header).littleEndian, toByteOffset: 4, as: UInt32.self)
    }

    /// Verifies header and chunks of a run's stored bytes without taking them apart.
    ///
    /// - Throws: `.damaged`, `.unsupportedFormat`.
    static func verify(_ stored: UnsafeRawBufferPointer, run: Run, fileName: String) throws(StoreError) {
        for chunk in try Directory(stored, run: run, fileName: fileName).chunks {
            let bytes = stored[chunk.storedOffset..<(chunk.storedOffset + chunk.storedLength)]
            guard CRC32C.hash(UnsafeRawBufferPointer(rebasing: bytes)) == chunk.checksum else {
                throw .damaged(
                    file: fileName, offset: run.offset + UInt64(chunk.storedOffset), what: "chunk of content")
            }
        }
    }

    /// What the header of the longest run in the smallest chunks takes.
    static let headerBytesMax = fixedHeaderBytes + 8 * (EngineLimits.runBytesMax / 4096)

    /// Whether bytes begin like the header of a run of a file, intact or not.
    static func isHeader(_ bytes: UnsafeRawBufferPointer, ofFile file: UInt64) -> Bool {
        bytes.count >= fixedHeaderBytes
            && UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) == magic
            && UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 40, as: UInt64.self)) == file
    }

    /// The stored length of the run whose intact header stands at a place; nil when none does.
    static func storedLength(_ header: UnsafeRawBufferPointer, file: UInt64, offset: UInt64) -> Int? {
        guard isHeader(header, ofFile: file) else { return nil }
        let logical = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        let count = Int(UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
        let end = fixedHeaderBytes + 8 * count
        guard end <= header.count, logical <= UInt32(EngineLimits.runBytesMax) else { return nil }
        var stored = end
        for place in stride(from: fixedHeaderBytes, to: end, by: 8) {
            let word = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: place, as: UInt32.self))
            stored += Int(word & ~compressedBit)
        }
        guard let length = UInt32(exactly: stored) else { return nil }
        let run = Run(file: file, offset: offset, storedLength: length, logicalLength: logical)
        // The directory's own checks are the ones that count.
        guard (try? Directory(header, run: run, fileName: "")) != nil else { return nil }
        return stored
    }

    /// A chunk as the directory names it.
    struct Chunk {
        /// Offset from the start of the run.
        var storedOffset: Int
        var storedLength: Int
        var isCompressed: Bool
        var checksum: UInt32
        var logicalOffset: Int
        var logicalLength: Int
    }

    /// A run's verified chunk directory.
    struct Directory {
        var chunks: [Chunk]
        var chunkBytes: Int

        /// - Throws: `.damaged` when the header is not that of `run`.
        init(_ header: UnsafeRawBufferPointer, run: Run, fileName: String) throws(StoreError) {
            func word32(_ offset: Int) -> UInt32 {
                UInt32(littleEndian: header.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            }
            func word64(_ offset: Int) -> UInt64 {
                UInt64(littleEndian: header.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            let damage = StoreError.damaged(file: fileName, offset: run.offset, what: "run header")
            guard header.count >= fixedHeaderBytes, word32(0) == magic else { throw damage }
            let count = Int(word32(16))
            let size = Int(word32(12))
            let end = fixedHeaderBytes + 8 * count
            guard end <= header.count, size.nonzeroBitCount == 1, size >= 4096, size <= RunCodec.chunkBytes,
                word32(4) == CRC32C.hash(UnsafeRawBufferPointer(rebasing: header[8..<end])),
                word32(8) == run.logicalLength, word64(40) == run.file, word64(48) == run.offset,
                count == (Int(run.logicalLength) + size - 1) / size
            else { throw damage }
            guard header[21] == 0, word64(24) == 0, word64(32) == 0 else {
                throw .unsupportedFormat("\(fileName) holds an encrypted run at \(run.offset)")
            }
            chunkBytes = size
            chunks = []
            chunks.reserveCapacity(count)
            var stored = end
            for index in 0..<count {
                let word = word32(fixedHeaderBytes + 8 * index)
                let length = Int(word & ~compressedBit)
                let logical = min(size, Int(run.logicalLength) - index * size)
                let isCompressed = word & compressedBit != 0
                guard isCompressed ? length < logical : length == logical else { throw damage }
                chunks.append(
                    Chunk(
                        storedOffset: stored, storedLength: length, isCompressed: isCompressed,
                        checksum: word32(fixedHeaderBytes + 8 * index + 4), logicalOffset: index * size,
                        logicalLength: logical))
                stored += length
            }
            guard stored == Int(run.storedLength) else { throw damage }
        }
    }

    /// Verifies a stored chunk and writes its content to `target`, which must have its logical length. `target` may be
    /// the stored bytes' own memory when they are plain.
    static func decode(
        _ stored: UnsafeRawBufferPointer, chunk: Chunk, into target: UnsafeMutableRawBufferPointer, run: Run,
        fileName: String
    ) throws(StoreError) {
        let damage = StoreError.damaged(
            file: fileName, offset: run.offset + UInt64(chunk.storedOffset), what: "chunk of content")
        guard CRC32C.hash(stored) == chunk.checksum else { throw damage }
        if chunk.isCompressed {
            do { try LZ4.decompress(stored, into: target) } catch { throw damage }
        } else if stored.baseAddress != UnsafeRawPointer(target.baseAddress) {
            target.copyMemory(from: stored)
        }
    }
}
