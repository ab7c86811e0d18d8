private import Bytes
private import Synchronization

/// A disk in memory that can crash, tear, lie and fill up, the same way each time for the same seed and calls.
///
/// It keeps apart what processes see and what the medium is sure to hold; `crash()` draws one of the states between
/// that a power cut may leave. It is stricter than file systems are: a file's sync does not save its name, and unsynced
/// changes of names may survive in any combination.
///
/// Equal seeds give equal runs as long as the calls that change something come in the same order; reads draw no
/// randomness.
package final class SimulatedDisk: Disk {
    /// The capacity unless a test sets one: more than any test writes.
    package static let defaultCapacityBytes: UInt64 = 1 << 40

    private final class Machine: Sendable {
        let state: Mutex<SimulatedState>

        init(_ state: sending SimulatedState) { self.state = Mutex(state) }
    }

    private let machine: Machine
    /// Which of the machine's directories this is.
    let directory: Int

    /// An empty disk.
    package convenience init(seed: UInt64, capacityBytes: UInt64 = SimulatedDisk.defaultCapacityBytes) {
        self.init(Machine(SimulatedState(random: SeededRandom(seed: seed), capacityBytes: capacityBytes)))
    }

    private init(_ machine: Machine, directory: Int = 0) {
        self.machine = machine
        self.directory = directory
    }

    package func list() throws(DiskError) -> [String] {
        try withState { (state) throws(DiskError) in
            _ = try state.beginWhole(.list, "")
            return state[directory].names
        }
    }

    package func create(_ name: String, direct: Bool) throws(DiskError) -> any DiskFile {
        checkFileName(name)
        let inode = try withState { (state) throws(DiskError) in
            let isCutShort = try state.beginWhole(.create, name)
            guard state[directory][name] == nil else { throw isCutShort ? .crashed : .alreadyExists(name: name) }
            let inode = state[directory].create(name)
            if isCutShort { throw .crashed }
            return inode
        }
        return SimulatedFile(name: name, inode: inode, disk: self, isDirect: direct)
    }

    package func open(_ name: String, direct: Bool) throws(DiskError) -> any DiskFile {
        checkFileName(name)
        let inode = try withState { (state) throws(DiskError) in
            _ = try state.beginWhole(.open, name)
            guard let inode = state[directory][name] else { throw .notFound(name: name) }
            return inode
        }
        return SimulatedFile(name: name, inode: inode, disk: self, isDirect: direct)
    }

    package func rename(_ from: String, to: String) throws(DiskError) {
        checkFileName(from)
        checkFileName(to)
        try withState { (state) throws(DiskError) in
            let isCutShort = try state.beginWhole(.rename, from, detail: [UInt64(CRC32C.hash(Array(to.utf8)))])
            let isFound = state[directory].rename(from, to: to)
            if isCutShort { throw .crashed }
            if !isFound { throw .notFound(name: from) }
        }
    }

    package func remove(_ name: String) throws(DiskError) {
        checkFileName(name)
        try withState { (state) throws(DiskError) in
            let isCutShort = try state.beginWhole(.remove, name)
            let isFound = state[directory].remove(name)
            if isCutShort { throw .crashed }
            if !isFound { throw .notFound(name: name) }
        }
    }

    package func syncDirectory() throws(DiskError) {
        try withState { (state) throws(DiskError) in
            if try state.beginWhole(.syncDirectory, "") { throw .crashed }
            if !state.ignoresSyncs { state[directory].sync() }
        }
    }

    package func freeBytes() throws(DiskError) -> UInt64 {
        try withState { (state) throws(DiskError) in
            if state.hasCrashed { throw .crashed }
            return state.freeBytes
        }
    }

    package func link(_ name: String, into target: any Disk) throws(DiskError) -> Bool {
        checkFileName(name)
        guard let target = target as? SimulatedDisk, target.machine === machine else { return false }
        let other = target.directory
        return try withState { (state) throws(DiskError) in
            guard state.canLink else { return false }
            let isCutShort = try state.beginWhole(.link, name, detail: [UInt64(other)])
            guard let inode = state[directory][name] else { throw isCutShort ? .crashed : .notFound(name: name) }
            guard state[other][name] == nil else { throw isCutShort ? .crashed : .alreadyExists(name: name) }
            state[other].link(name, to: inode)
            if isCutShort { throw .crashed }
            return true
        }
    }

    package func lock(_ name: String) throws(DiskError) -> any DiskLock {
        checkFileName(name)
        try withState { (state) throws(DiskError) in
            if state.hasCrashed { throw .crashed }
            guard state.locks.insert("\(directory)/\(name)").inserted else { throw .locked(byProcess: nil) }
            if state[directory][name] == nil { _ = state[directory].create(name) }
        }
        return SimulatedLock(name: name, disk: self)
    }

    /// Gives `body` the state, alone.
    func withState<Result: Sendable>(
        _ body: (inout SimulatedState) throws(DiskError) -> Result
    ) throws(DiskError) -> Result {
        try machine.state.withLock { (state) throws(DiskError) in try body(&state) }
    }

    /// As `withState`, for what cannot fail.
    private func withStateUnfailing<Result: Sendable>(_ body: (inout SimulatedState) -> Result) -> Result {
        machine.state.withLock { body(&$0) }
    }

    fileprivate func unlock(_ name: String) { withStateUnfailing { _ = $0.locks.remove("\(directory)/\(name)") } }
}

/// What only tests ask of a disk.
extension SimulatedDisk {
    /// The calls so far that change something, failed ones included, since this disk was made or started again.
    package var operationCount: Int { withStateUnfailing { $0.operationCount } }

    /// Bytes that all writes so far have taken.
    package var writtenBytes: Int { withStateUnfailing { $0.writtenBytes } }

    /// The calls of every kind so far, since this disk was made or started again.
    package var callCount: Int { withStateUnfailing { $0.callCount } }

    /// Has one call fail, whatever it is: the one with this number (the first is 1).
    package func failCall(_ number: Int, _ failure: FaultRule.Failure) {
        withStateUnfailing { $0.failingCall = (number, failure) }
    }

    /// A hash of all calls so far with their arguments and outcomes, through all restarts.
    package var traceHash: UInt64 { withStateUnfailing { $0.traceHash } }

    /// The number of the changing call within which the machine crashes (the first is 1). From then on all calls throw
    /// `.crashed`; `crash()` gives the disk as it is found afterwards.
    package var crashAfterOperations: Int? {
        get { withStateUnfailing { $0.crashAfterOperations } }
        set { withStateUnfailing { $0.crashAfterOperations = newValue } }
    }

    /// Whether syncs return without having made anything durable: a disk that lies.
    package var ignoreSyncs: Bool {
        get { withStateUnfailing { $0.ignoresSyncs } }
        set { withStateUnfailing { $0.ignoresSyncs = newValue } }
    }

    /// The bytes that all files with names may take together. Every file takes its length in whole blocks, holes
    /// included.
    package var capacityBytes: UInt64 {
        get { withStateUnfailing { $0.capacityBytes } }
        set { withStateUnfailing { $0.capacityBytes = newValue } }
    }

    /// Whether directories share files, or only copies, as on different file systems.
    package var canLink: Bool {
        get { withStateUnfailing { $0.canLink } }
        set { withStateUnfailing { $0.canLink = newValue } }
    }

    /// Begins to build a directory of the same machine for `place`, which is not the empty path.
    package func stage(_ place: String) throws(DiskError) -> SimulatedStagedDirectory {
        let number = try withState { (state) throws(DiskError) in
            if state.hasCrashed { throw .crashed }
            let number = (state.directories.keys.max() ?? 0) + 1
            state.directories[number] = SimulatedPlace()
            return number
        }
        return SimulatedStagedDirectory(files: SimulatedDisk(machine, directory: number), place: place)
    }

    /// Another directory of the same machine; nil when nothing was published there, or a crash has lost it.
    package func directory(at place: String) -> SimulatedDisk? {
        let number = withStateUnfailing { state in state.directories.first { $0.value.place == place }?.key }
        return number.map { SimulatedDisk(machine, directory: $0) }
    }

    /// Adds an error to come. The first rule added that applies wins.
    package func inject(_ rule: FaultRule) { withStateUnfailing { $0.faults.add(rule) } }

    /// Takes back all errors to come.
    package func clearFaults() {
        withStateUnfailing { state in
            state.faults.removeAll()
            state.failingCall = nil
        }
    }

    /// Damages a file: flips one bit of the byte at `offset`, in memory and on the medium. Traps without such a byte.
    package func corrupt(name: String, offset: UInt64) {
        withStateUnfailing { state in
            guard let inode = state[directory][name], offset < UInt64(inode.length) else {
                preconditionFailure("there is no byte \(offset) of \(name) to damage")
            }
            let bit = Int.random(in: 0..<8, using: &state.random)
            inode.flip(1 << bit, at: Int(offset))
        }
    }

    /// Cuts the power, and returns the disk as it may be found then. This one and its files throw `.crashed` from now
    /// on.
    ///
    /// Everything synced is there. Each unsynced sector, length and change of a name is there or not, by the seed. May
    /// be called again for another draw from the same moment. Faults and crash points to come are forgotten; capacity
    /// and lies stay.
    package func crash() -> SimulatedDisk { restarted { $0.directoriesAfterPowerCut() } }

    /// Kills the process, and returns the disk as another process finds it: everything written is there, nothing more
    /// of it is durable, and no lock is held. This one and its files throw `.crashed` from now on.
    package func killProcess() -> SimulatedDisk { restarted { $0.directoriesAfterKill() } }

    private func restarted(_ directories: (inout SimulatedState) -> [Int: SimulatedPlace]) -> SimulatedDisk {
        let next = withStateUnfailing { state in
            state.hasCrashed = true
            let seed = state.random.next()
            var next = SimulatedState(random: SeededRandom(seed: seed), capacityBytes: state.capacityBytes)
            next.directories = directories(&state)
            next.canLink = state.canLink
            next.ignoresSyncs = state.ignoresSyncs
            next.traceHash = state.traceHash
            return next
        }
        return SimulatedDisk(Machine(next), directory: directory)
    }
}

private final class SimulatedLock: DiskLock {
    private let name: String
    private let disk: SimulatedDisk

    init(name: String, disk: SimulatedDisk) {
        self.name = name
        self.disk = disk
    }

    deinit { disk.unlock(name) }
}
