internal import Bytes
internal import Disk
private import Synchronization

/// The extent files that are open for writing. A writer takes one for itself and gives it back; a full one is sealed.
final class ExtentPool: Sendable {
    /// Files kept open for the next writer; more writers at once are served and their surplus files sealed afterwards.
    private static let restingMax = 8

    private let spaceIsShort = Atomic<Bool>(false)
    private let resting = Lock<[ExtentAppender]>([])
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
    /// - Parameter isPacked: for a flush, which may use the space kept in reserve.
    func create(isPacked: Bool) throws(StoreError) -> ExtentAppender {
        let number = numbers.next()
        let name = registry.name(number)
        let handle = try storeCall { () throws(DiskError) in try registry.disk.create(name, direct: true) }
        let file = registry.file(number)
        let header = FileHeader(kind: .extent, storeID: storeID, number: number)
        let appender = try ExtentAppender(
            file: file, handle: handle, header: header, compress: options.compression, isPacked: isPacked,
            reserve: isPacked ? nil : reserve)
        try storeCall { () throws(DiskError) in try registry.disk.syncDirectory() }
        return appender
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

    /// While space is short no file rests: new content in an old file would keep alive what deletes have freed in it.
    func setSpaceIsShort(_ isShort: Bool) {
        let was = spaceIsShort.exchange(isShort, ordering: .relaxed)
        if isShort, !was { sealAll() }
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
