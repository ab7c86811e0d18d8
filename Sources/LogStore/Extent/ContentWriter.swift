internal import Bytes

/// Streams content that is too large for the log into extent files. One user at a time; `append` blocks on the disk now
/// and then, so call it inside `StoreDriver.offload`.
///
/// Bytes gather until a run is full (1 MiB), then the run is compressed, checksummed and written. Nothing refers to
/// them until the content is committed: a writer that is dropped leaves dead bytes that come back with their file.
///
/// Unchecked: confined to its one user, who may change threads between calls but never overlap them.
package final class ContentWriter: @unchecked Sendable {
    /// Logical bytes of a run: bounds a writer's memory, and the directory a reader must fetch before the first byte.
    static let runBytes = 1 << 20
    /// Content gathers behind room for a full run's header, so that the run can be written from there.
    static let headerRoomBytes = RunCodec.headerBytes(logicalLength: runBytes)
    static let fullBufferBytes = AlignedBuffer.roundedUp(headerRoomBytes + runBytes)
    /// The buffer starts small, since a writer may be opened for little more than the log takes.
    private static let firstBufferBytes = 128 << 10

    private let pool: ExtentPool
    private let driver: any StoreDriver
    private let onNoSpace: @Sendable () -> Void
    private var appender: ExtentAppender?
    private var buffer: AlignedBuffer?
    private var buffered = 0
    /// Whether the last run was compressed: the next one is taken to be alike.
    private var isCompressible = false
    private var runs: [Run] = []
    private var used: [ExtentAppender] = []
    private let extentFileBytes: UInt64

    init(
        pool: ExtentPool, driver: any StoreDriver, extentFileBytes: UInt64, onNoSpace: @escaping @Sendable () -> Void
    ) {
        self.onNoSpace = onNoSpace
        self.pool = pool
        self.driver = driver
        self.extentFileBytes = extentFileBytes
    }

    deinit { abandon() }

    /// Appends bytes: compresses, checksums, and writes whenever a run is full.
    ///
    /// - Throws: `.noSpace`, `.disk`. The writer must then be abandoned.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        var rest = bytes
        while !rest.isEmpty {
            let buffer = roomyBuffer(for: rest.count)
            let room = buffer.bytes[Self.headerRoomBytes...].dropFirst(buffered).prefix(Self.runBytes - buffered)
            let count = min(rest.count, room.count)
            UnsafeMutableRawBufferPointer(rebasing: room)
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[0..<count]))
            buffered += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if buffered == Self.runBytes { try tellingOfNoSpace { () throws(StoreError) in try writeRun() } }
        }
    }

    /// The store must know that it is short of space, to let nothing but deletes in and to make the most of those.
    private func tellingOfNoSpace(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        do throws(StoreError) { try body() } catch {
            if error == .noSpace { onNoSpace() }
            throw error
        }
    }

    /// A buffer with room, grown up to a whole run.
    private func roomyBuffer(for count: Int) -> AlignedBuffer {
        if let buffer, Self.headerRoomBytes + buffered < buffer.count { return buffer }
        guard let old = buffer else {
            let first = AlignedBuffer.roundedUp(Self.headerRoomBytes + max(Self.firstBufferBytes, count))
            let new = pool.takeBuffer() ?? AlignedBuffer(count: min(Self.fullBufferBytes, first))
            buffer = new
            return new
        }
        let wanted = AlignedBuffer.roundedUp(Self.headerRoomBytes + max(buffered + count, buffered * 4))
        let larger = AlignedBuffer(count: min(Self.fullBufferBytes, wanted))
        larger.bytes.copyMemory(from: old.readable)
        buffer = larger
        return larger
    }

    private func writeRun() throws(StoreError) {
        guard buffered > 0, let buffer else { return }
        let appender = try currentAppender()
        let content = buffer.readable[Self.headerRoomBytes...].prefix(buffered)
        let run: Run
        if buffered == Self.runBytes, !isCompressible {
            run = try appender.appendRun(in: buffer, headerBytes: Self.headerRoomBytes, contentBytes: buffered)
        } else {
            run = try appender.appendRun(UnsafeRawBufferPointer(rebasing: content))
        }
        runs.append(run)
        isCompressible = run.storedLength < run.logicalLength
        buffered = 0
    }

    /// The file being written; a full one is put aside and a new one taken.
    private func currentAppender() throws(StoreError) -> ExtentAppender {
        if let appender, appender.end < extentFileBytes { return appender }
        if let appender {
            used.append(appender)
            self.appender = nil
        }
        let new = try pool.take()
        appender = new
        return new
    }

    /// Writes what is left and makes all of it durable. The content must be committed while the result is held; if it
    /// never is, its space comes back.
    ///
    /// - Throws: `.noSpace`, `.disk`.
    package func finish() async throws(StoreError) -> ReservedContent {
        try await driver.offload { () throws(StoreError) -> ReservedContent in try self.finishBlocking() }
    }

    /// `finish` for a thread that may wait for the disk itself.
    package func finishBlocking() throws(StoreError) -> ReservedContent {
        try tellingOfNoSpace { () throws(StoreError) in try writeRun() }
        if let appender { used.append(appender) }
        appender = nil
        for appender in used { try appender.sync() }
        let list = RunList(runs: runs, files: used.map(\.file))
        release()
        if pool.mustTellOfSurplus { driver.backgroundIsWaiting() }
        return ReservedContent(content: runs.isEmpty ? .none : .runs(list))
    }

    /// Gives up; the space comes back with the file.
    package func abandon() {
        if let appender { used.append(appender) }
        appender = nil
        release()
    }

    private func release() {
        for appender in used { pool.giveBack(appender) }
        used = []
        if let buffer { pool.giveBack(buffer) }
        buffer = nil
        buffered = 0
    }
}

/// Durable content that no key owns yet. While it is alive its files are kept.
package final class ReservedContent: Sendable {
    package let content: Content

    init(content: Content) { self.content = content }
}
