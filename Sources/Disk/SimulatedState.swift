internal import Bytes

/// Everything of a simulated disk that changes; kept under the disk's mutex.
struct SimulatedState {
    /// What becomes of a call.
    enum Verdict {
        case proceeds
        /// The machine crashes within the call: some of its effect may be there, and it throws `.crashed`.
        case isCutShort
        case fails(DiskError)
    }

    var random: SeededRandom
    var capacityBytes: UInt64
    /// By number; the machine's first directory is 0.
    var directories = [0: SimulatedPlace(place: "", isPlaceDurable: true)]
    var canLink = true
    var faults = FaultPlan()
    var locks: Set<String> = []
    var ignoresSyncs = false
    var hasCrashed = false
    var crashAfterOperations: Int?
    var operationCount = 0
    var writtenBytes = 0
    /// Calls of every kind so far, and the one of them that is to fail.
    var callCount = 0
    var failingCall: (number: Int, failure: FaultRule.Failure)?
    var traceHash: UInt64 = 0

    init(random: SeededRandom, capacityBytes: UInt64) {
        self.random = random
        self.capacityBytes = capacityBytes
    }

    /// A directory's names.
    subscript(directory: Int) -> SimulatedDirectory {
        get { directories[directory]?.names ?? SimulatedDirectory() }
        _modify { yield &directories[directory, default: SimulatedPlace()].names }
    }

    /// How many names a file has in all directories.
    func linkCount(_ inode: SimulatedInode) -> Int { directories.values.reduce(0) { $0 + $1.names.linkCount(inode) } }

    /// What can still be allocated.
    var freeBytes: UInt64 {
        let used = allocatedBytes
        return used < capacityBytes ? capacityBytes - used : 0
    }

    /// What all files take together, a file with several names once.
    private var allocatedBytes: UInt64 {
        guard directories.count > 1 else { return directories[0]?.names.allocatedBytes ?? 0 }
        var inodes: [ObjectIdentifier: SimulatedInode] = [:]
        for place in directories.values {
            for inode in place.names.inodes { inodes[ObjectIdentifier(inode)] = inode }
        }
        return inodes.values.reduce(0) { $0 + $1.allocatedBytes }
    }

    /// The directories as found after a power cut: unpublished ones are gone, names and contents as drawn.
    mutating func directoriesAfterPowerCut() -> [Int: SimulatedPlace] {
        var found: [Int: SimulatedPlace] = [:]
        var map = SimulatedInodeMap()
        for (number, var place) in directories.sorted(by: { $0.key < $1.key }) where place.place != nil {
            if !place.isPlaceDurable, Bool.random(using: &random) { continue }
            place.names = place.names.afterPowerCut(&random, &map)
            place.isPlaceDurable = true
            found[number] = place
        }
        return found
    }

    /// The directories as another process finds them after this one was killed.
    func directoriesAfterKill() -> [Int: SimulatedPlace] {
        var map = SimulatedInodeMap()
        return directories.mapValues { place in
            var place = place
            place.names = place.names.afterKill(&map)
            return place
        }
    }

    /// Counts and traces a call and says what becomes of it. `detail` is whatever else tells two calls apart.
    ///
    /// - Throws: `.crashed` when the machine is down.
    mutating func begin(_ operation: DiskOperation, _ name: String, detail: [UInt64] = []) throws(DiskError) -> Verdict
    {
        if hasCrashed { throw .crashed }
        let verdict = verdict(operation, name)
        let outcome: UInt8 =
            switch verdict {
            case .proceeds: 0
            case .isCutShort: 1
            case .fails: 2
            }
        var record: [UInt8] = [operation.rawValue, outcome]
        record.appendLengthPrefixed(name)
        for number in detail { record.appendLittleEndian(number) }
        traceHash = CRC64NVME.hash(record, continuing: traceHash)
        return verdict
    }

    private mutating func verdict(_ operation: DiskOperation, _ name: String) -> Verdict {
        callCount += 1
        if operation.isMutating {
            operationCount += 1
            if operationCount == crashAfterOperations {
                hasCrashed = true
                return .isCutShort
            }
        }
        if let failingCall, failingCall.number == callCount {
            return .fails(failingCall.failure.error(operation, name))
        }
        if let error = faults.fault(operation, name) { return .fails(error) }
        return .proceeds
    }

    /// As `begin`, for calls of which nothing happens when they fail.
    ///
    /// - Returns: whether the call is cut short, and must throw `.crashed` once it has had its effect.
    mutating func beginWhole(
        _ operation: DiskOperation, _ name: String, detail: [UInt64] = []
    ) throws(DiskError) -> Bool {
        switch try begin(operation, name, detail: detail) {
        case .proceeds: return false
        case .isCutShort: return true
        case .fails(let error): throw error
        }
    }
}
