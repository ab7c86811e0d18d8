internal import Bytes
internal import Disk

/// Reads a value's content by logical offset and verifies every chunk it touches. Keeps its files alive. Thread-safe.
package final class ContentReader: Sendable {
    /// Logical bytes in all.
    package let length: UInt64

    private enum Source {
        case inline([UInt8])
        case runs([Run], files: [UInt64: ExtentFile], starts: [UInt64])
    }

    private let source: Source
    /// The directory of the run that was read last: reads are mostly sequential.
    private let latestDirectory = Lock<(runIndex: Int, directory: RunCodec.Directory)?>(nil)

    /// Runs up to this stored size are fetched whole, header and all, in one read.
    private static let wholeRunBytesMax = 80 << 10

    init(_ content: Content) {
        length = content.length
        switch content {
        case .none: source = .inline([])
        case .inline(let bytes): source = .inline(bytes)
        case .runs(let list):
            var starts: [UInt64] = []
            starts.reserveCapacity(list.runs.count)
            var next: UInt64 = 0
            for run in list.runs {
                starts.append(next)
                next += UInt64(run.logicalLength)
            }
            var files: [UInt64: ExtentFile] = [:]
            for file in list.files { files[file.number] = file }
            source = .runs(list.runs, files: files, starts: starts)
        }
    }

    /// How many bytes from `offset` to ask for at once: up to a chunk's end within `limit`, so that chunks are verified
    /// in place and not read twice. At least 1 before the end.
    package func pieceLength(at offset: UInt64, limit: Int) -> Int {
        let left = Int(clamping: length - min(offset, length))
        guard case .runs(let runs, _, let starts) = source, left > limit else { return min(left, limit) }
        // To the last chunk boundary within the limit, counted in the run that holds the end.
        let end = offset + UInt64(limit)
        let index = Self.runIndex(of: end, starts)
        let inRun = end - starts[index]
        let aligned = starts[index] + inRun / UInt64(RunCodec.chunkBytes) * UInt64(RunCodec.chunkBytes)
        precondition(index < runs.count, "an offset before the end lies in a run")
        return aligned > offset ? Int(aligned - offset) : limit
    }

    private static func runIndex(of offset: UInt64, _ starts: [UInt64]) -> Int {
        var lower = 0
        var upper = starts.count
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if starts[middle] <= offset { lower = middle } else { upper = middle }
        }
        return lower
    }

    /// Fills `buffer` from `offset`. With `mayBlock` false, returns false instead of waiting for the device (call again
    /// inside `StoreDriver.offload`).
    ///
    /// - Throws: `.damaged`, `.disk`.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, mayBlock: Bool
    ) throws(StoreError) -> Bool {
        precondition(offset + UInt64(buffer.count) <= length, "a read lies inside the content")
        switch source {
        case .inline(let bytes):
            bytes.withUnsafeBytes {
                buffer.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: $0[Int(offset)..<(Int(offset) + buffer.count)]))
            }
            return true
        case .runs(let runs, let files, let starts):
            var done = 0
            while done < buffer.count {
                let position = offset + UInt64(done)
                let index = Self.runIndex(of: position, starts)
                let run = runs[index]
                guard let file = files[run.file] else { preconditionFailure("a run list holds the files of its runs") }
                let inRun = Int(position - starts[index])
                let count = min(buffer.count - done, Int(run.logicalLength) - inRun)
                let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<(done + count)])
                do throws(StoreError) {
                    guard try read(run, at: index, in: file, from: inRun, into: target, mayBlock: mayBlock) else {
                        return false
                    }
                } catch {
                    throw file.noted(error)
                }
                done += count
            }
            return true
        }
    }

    private func read(
        _ run: Run, at index: Int, in file: ExtentFile, from start: Int, into target: UnsafeMutableRawBufferPointer,
        mayBlock: Bool
    ) throws(StoreError) -> Bool {
        if run.storedLength <= Self.wholeRunBytesMax {
            return try readWhole(run, in: file, from: start, into: target, mayBlock: mayBlock)
        }
        guard let directory = try directory(of: run, at: index, in: file, mayBlock: mayBlock) else { return false }
        let chunks = directory.chunks
        var chunkIndex = start / directory.chunkBytes
        var done = 0
        while done < target.count {
            let chunk = chunks[chunkIndex]
            let inChunk = start + done - chunk.logicalOffset
            // As many plain, whole chunks as fit are read with one call, straight to their place.
            var last = chunkIndex
            var bytes = 0
            while inChunk == 0, last < chunks.count, !chunks[last].isCompressed,
                done + bytes + chunks[last].logicalLength <= target.count
            {
                bytes += chunks[last].logicalLength
                last += 1
            }
            if bytes > 0 {
                let place = UnsafeMutableRawBufferPointer(rebasing: target[done..<(done + bytes)])
                guard try fetch(place, from: file, at: run.offset + UInt64(chunk.storedOffset), mayBlock) else {
                    return false
                }
                var offset = 0
                for plain in chunks[chunkIndex..<last] {
                    let piece = UnsafeMutableRawBufferPointer(rebasing: place[offset..<(offset + plain.logicalLength)])
                    try RunCodec.decode(
                        UnsafeRawBufferPointer(piece), chunk: plain, into: piece, run: run, fileName: file.name)
                    offset += plain.logicalLength
                }
                done += bytes
                chunkIndex = last
            } else {
                let count = min(target.count - done, chunk.logicalLength - inChunk)
                let place = UnsafeMutableRawBufferPointer(rebasing: target[done..<(done + count)])
                guard try readPart(of: chunk, run, in: file, from: inChunk, into: place, mayBlock) else { return false }
                done += count
                chunkIndex += 1
            }
        }
        return true
    }

    /// Reads one chunk aside and hands out a part of it.
    private func readPart(
        of chunk: RunCodec.Chunk, _ run: Run, in file: ExtentFile, from start: Int,
        into target: UnsafeMutableRawBufferPointer, _ mayBlock: Bool
    ) throws(StoreError) -> Bool {
        let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk.storedLength, alignment: 16)
        defer { stored.deallocate() }
        guard try fetch(stored, from: file, at: run.offset + UInt64(chunk.storedOffset), mayBlock) else { return false }
        try Self.copyPart(UnsafeRawBufferPointer(stored), chunk, run, file, from: start, into: target)
        return true
    }

    private static func copyPart(
        _ stored: UnsafeRawBufferPointer, _ chunk: RunCodec.Chunk, _ run: Run, _ file: ExtentFile, from start: Int,
        into target: UnsafeMutableRawBufferPointer
    ) throws(StoreError) {
        if start == 0, target.count == chunk.logicalLength {
            return try RunCodec.decode(stored, chunk: chunk, into: target, run: run, fileName: file.name)
        }
        let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk.logicalLength, alignment: 16)
        defer { whole.deallocate() }
        try RunCodec.decode(stored, chunk: chunk, into: whole, run: run, fileName: file.name)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: whole[start..<(start + target.count)]))
    }

    /// A small run in one read.
    private func readWhole(
        _ run: Run, in file: ExtentFile, from start: Int, into target: UnsafeMutableRawBufferPointer, mayBlock: Bool
    ) throws(StoreError) -> Bool {
        let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(run.storedLength), alignment: 16)
        defer { stored.deallocate() }
        guard try fetch(stored, from: file, at: run.offset, mayBlock) else { return false }
        let bytes = UnsafeRawBufferPointer(stored)
        let directory = try RunCodec.Directory(bytes, run: run, fileName: file.name)
        var done = 0
        for chunk in directory.chunks where chunk.logicalOffset + chunk.logicalLength > start && done < target.count {
            let inChunk = start + done - chunk.logicalOffset
            let count = min(target.count - done, chunk.logicalLength - inChunk)
            let piece = UnsafeRawBufferPointer(
                rebasing: bytes[chunk.storedOffset..<(chunk.storedOffset + chunk.storedLength)])
            let place = UnsafeMutableRawBufferPointer(rebasing: target[done..<(done + count)])
            try Self.copyPart(piece, chunk, run, file, from: inChunk, into: place)
            done += count
        }
        return true
    }

    private func directory(
        of run: Run, at index: Int, in file: ExtentFile, mayBlock: Bool
    ) throws(StoreError) -> RunCodec.Directory? {
        if let latest = latestDirectory.withLock({ $0 }), latest.runIndex == index { return latest.directory }
        // The chunk size is at least 4 KiB, which bounds the directory.
        let length = min(
            Int(run.storedLength), RunCodec.fixedHeaderBytes + 8 * ((Int(run.logicalLength) + 4095) / 4096))
        let header = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
        defer { header.deallocate() }
        guard try fetch(header, from: file, at: run.offset, mayBlock) else { return nil }
        let directory = try RunCodec.Directory(UnsafeRawBufferPointer(header), run: run, fileName: file.name)
        latestDirectory.withLock { $0 = (index, directory) }
        return directory
    }

    private func fetch(
        _ target: UnsafeMutableRawBufferPointer, from file: ExtentFile, at offset: UInt64, _ mayBlock: Bool
    ) throws(StoreError) -> Bool {
        let handle = try file.handle()
        if !mayBlock {
            return try storeCall { () throws(DiskError) in try handle.readIfCached(into: target, at: offset) }
        }
        let count = try storeCall { () throws(DiskError) in try handle.read(into: target, at: offset) }
        guard count == target.count else {
            throw .damaged(file: file.name, offset: offset + UInt64(count), what: "content cut short")
        }
        return true
    }
}
