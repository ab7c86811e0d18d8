internal import Bytes
internal import Disk
private import Synchronization

/// The extent files that are open for writing. A writer takes one for itself and gives it back; a full one is sealed.
final class ExtentPool: Sendable {
    /// Files kept open for the next writer; more writers at once are served and their surplus files sealed afterwards.
    private static let restingMax = 32
    /// Memory kept for the next writers, in runs.
    private static let spareBuffersMax = 8
    /// What a resting file may keep reserved ahead.
    private static let restingSurplusBytes: UInt64 = 1 << 20

    private let spaceIsShort = Atomic<Bool>(false)
    private let isSurplusTold = Atomic<Bool>(false)
    private let resting = Lock<[ExtentAppender]>([])
    /// Memory for the next writers' content.
    private let spareBuffers = Lock<[AlignedBuffer]>([])
    private let registry: ExtentRegistry
    private let numbers: FileNumbers
    private let storeID: UInt64
    private let options: StoreOptions
    private let reserve: SpaceReserve

    init(
        registry: ExtentRegistry, numbers: FileNumbers, storeID: UInt64, options: StoreOptions, reserve: SpaceReserve
    ) {
        self.reserve = reserve
        self.registry = registry
        self.numbers = numbers
        self.storeID = storeID
        self.options = options
    }

    /// A file to append to, nobody else's until it is given back. May create one: blocks.
    func take() throws(StoreError) -> ExtentAppender {
        if let appender = resting.withLock({ $0.popLast() }) { return appender }
        return try create(isPacked: false)
    }

    /// A new file, not shared with anybody.
    ///
    /// - Parameter isPacked: for a flush or a cleaning, which may use the space kept in reserve.
    func create(isPacked: Bool) throws(StoreError) -> ExtentAppender {
        let number = numbers.next()
        let name = registry.name(number)
        var handle: any DiskFile
        var length: UInt64 = 0
        if !isPacked, let reused = try reusedFile(name) {
            (handle, length) = reused
        } else {
            handle = try newFile(name)
        }
        let file = registry.file(number)
        let header = FileHeader(kind: .extent, storeID: storeID, number: number)
        let appender = try ExtentAppender(
            file: file, handle: handle, header: header, compress: options.compression, isPacked: isPacked,
            reserve: isPacked ? nil : reserve, allocatedEnd: length)
        try storeCall { () throws(DiskError) in try registry.disk.syncDirectory() }
        return appender
    }

    private func newFile(_ name: String) throws(StoreError) -> any DiskFile {
        try storeCall { () throws(DiskError) in try registry.disk.create(name, direct: true) }
    }

    /// Gives a file whose time is over another name: its blocks are laid out already, which a file system makes new
    /// ones pay for at every sync, and need not be discarded. Nothing in it can be taken for new, since a run's header
    /// names the file's number. Nil when there is none.
    private func reusedFile(_ name: String) throws(StoreError) -> (any DiskFile, UInt64)? {
        guard let old = registry.takeReleased(byteCounts: (options.extentFileBytes / 2)...(.max)) else { return nil }
        return try storeCall { () throws(DiskError) in
            let oldName = registry.name(old.number)
            let handle: any DiskFile
            do throws(DiskError) { handle = try registry.disk.open(oldName, direct: true) } catch {
                guard case .notFound = error else { throw error }
                return nil
            }
            // A branch may have a name for the same bytes.
            guard try handle.linkCount() == 1 else {
                try registry.disk.remove(oldName)
                return nil
            }
            let length = try handle.size() / UInt64(diskBlockSize) * UInt64(diskBlockSize)
            guard length > UInt64(FileHeader.byteCount) else {
                try registry.disk.remove(oldName)
                return nil
            }
            // A last block of zeros says that the file was not written to its end (`ExtentTail`).
            let zeros = AlignedBuffer(count: diskBlockSize)
            try handle.write(zeros.readable, at: length - UInt64(diskBlockSize))
            withExtendedLifetime(zeros) {}
            try registry.disk.rename(oldName, to: name)
            return (handle, length)
        }
    }

    func giveBack(_ appender: ExtentAppender) {
        if appender.isDamaged { return }
        // What a refused run left in the buffer belongs to nobody.
        appender.dropPending()
        appender.releaseBuffer()
        let surplus = resting.withLock { resting -> ExtentAppender? in
            guard appender.end < options.extentFileBytes, resting.count < Self.restingMax,
                !spaceIsShort.load(ordering: .relaxed)
            else { return appender }
            resting.append(appender)
            return nil
        }
        surplus?.seal()
    }

    /// Memory of a whole run, with whatever is in it; nil when none rests.
    func takeBuffer() -> AlignedBuffer? { spareBuffers.withLock { $0.popLast() } }

    /// Keeps a writer's memory for the next one: new memory costs a page fault for every page.
    func giveBack(_ buffer: AlignedBuffer) {
        guard buffer.count == ContentWriter.fullBufferBytes else { return }
        spareBuffers.withLock { if $0.count < Self.spareBuffersMax { $0.append(buffer) } }
    }

    /// While space is short no file rests: new content in an old file would keep alive what deletes have freed in it.
    func setSpaceIsShort(_ isShort: Bool) {
        let was = spaceIsShort.exchange(isShort, ordering: .relaxed)
        if isShort, !was { sealAll() }
    }

    /// Seals those files that rest of which `isDone` says so: they can then be cleaned, or die. False when there is
    /// none.
    func seal(where isDone: (ExtentAppender) -> Bool) -> Bool {
        let done = resting.withLock { resting in
            let done = resting.filter(isDone)
            resting.removeAll { appender in done.contains { $0 === appender } }
            return done
        }
        for appender in done { appender.seal() }
        return !done.isEmpty
    }

    /// Whether more memory, or space that files have reserved ahead, rests than should when nobody writes.
    var hasSurplus: Bool {
        resting.withLock { $0.contains { $0.surplusBytes > Self.restingSurplusBytes } }
            || spareBuffers.withLock { !$0.isEmpty }
    }

    /// Whether the background should hear of that: once, until it has been dealt with.
    var mustTellOfSurplus: Bool { hasSurplus && !isSurplusTold.exchange(true, ordering: .relaxed) }

    /// Gives back memory, and the space that resting files have reserved ahead. For when nobody writes: the next writer
    /// has to take it again.
    func trimSurplus() -> Bool {
        isSurplusTold.store(false, ordering: .relaxed)
        spareBuffers.withLock { $0 = [] }
        let trimmed = resting.withLock { resting in
            let trimmed = resting.filter { $0.surplusBytes > Self.restingSurplusBytes }
            resting.removeAll { $0.surplusBytes > Self.restingSurplusBytes }
            return trimmed
        }
        for appender in trimmed {
            appender.trim()
            giveBack(appender)
        }
        return !trimmed.isEmpty
    }

    /// Seals what rests; for a clean close, and when space is short.
    func sealAll() {
        let all = resting.withLock { resting in
            defer { resting = [] }
            return resting
        }
        for appender in all { appender.seal() }
    }
}

/// Hands out file numbers, each once. The manifest records a bound above them before a file matters.
final class FileNumbers: Sendable {
    private let nextNumber: Atomic<UInt64>

    init(next: UInt64) { nextNumber = Atomic(next) }

    func next() -> UInt64 { nextNumber.wrappingAdd(1, ordering: .relaxed).oldValue }

    /// Never hands out numbers up to this one: it is taken.
    func raise(above taken: UInt64) { nextNumber.max(taken + 1, ordering: .relaxed) }

    /// The number that will be handed out next.
    var upcoming: UInt64 { nextNumber.load(ordering: .relaxed) }
}
