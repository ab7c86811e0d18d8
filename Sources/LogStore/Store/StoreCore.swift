internal import Bytes
internal import Disk

/// Everything of a store that changes and is shared, under one lock. Nothing in here waits or does I/O.
struct StoreCore: Sendable {
    // The order of commits.
    var nextSequence: UInt64
    /// The last commit that readers see.
    var published: UInt64 {
        get { shown.published }
        set { shown.publish(newValue) }
    }
    var openGroup = CommitGroup(buffer: GroupBuffer())
    /// Full groups that wait for the committer, in order.
    var sealedGroups: [CommitGroup] = []
    var spareBuffers: [GroupBuffer] = []
    var isCommitting = false

    // What there is.
    var version: StoreVersion {
        didSet {
            shown.show(version)
            notePinReplaced()
        }
    }
    /// What readers are shown of it.
    let shown: ShownState
    /// What snapshots of the present version hold.
    var pin: VersionPin
    /// Earlier versions that snapshots may still hold, oldest first.
    var olderStates: [OlderState] = []
    /// Times that the version was replaced.
    var changes: UInt64 = 0
    /// Commits up to here have left the memtables: older transactions cannot be validated.
    var validationFloor: UInt64
    var nextRun: UInt64

    // The log.
    /// Bytes of a group of commits at most.
    let groupBytesMax: Int
    var currentSegment: LogSegment
    /// Where the next frame goes.
    var logPosition: UInt64
    /// Everything below is on disk.
    var durablePosition: UInt64
    /// Written segments, oldest first, whose commits may not be in tables yet; the current one is not among them.
    var retiredSegments: [LogSegment] = []
    /// Segments that are laid out and free.
    var freeSegments: [LogSegment] = []
    /// Log space set aside for commits that are not written yet.
    var reservedLogBytes: UInt64 = 0

    // Conditions.
    var poison: String?
    var isClosed = false
    /// Free space is below the reserve: only deletes are let in.
    var isLowOnSpace = false
    /// Free space is near the reserve: what deletes free comes back at once.
    var isNearlyLowOnSpace = false
    var admission: AdmissionController
    /// What merges owe in each keyspace, by its index.
    var mergeDebts = Keyspace.allCases.map { _ in MergeDebt() }
    /// Bytes of all tables, and of what they name in extents.
    var storedBytes: UInt64 { mergeDebts.reduce(0) { $0 + $1.storedBytes } }
    /// A transaction that failed too often runs alone.
    var fenceOwner: ObjectIdentifier?
    /// Counts the changes that may end somebody's wait.
    var epoch: UInt64 = 0
    var waiters: [RoomWaiter] = []
    var random: SeededRandom

    var activeSet: MemtableSet { version.memtables[0] }

    /// Gives up all commits that are not being written, and returns who is to be told.
    mutating func abandonWaitingGroups() -> [GroupOutcome] {
        defer {
            sealedGroups = []
            openGroup = CommitGroup(buffer: GroupBuffer())
        }
        return sealedGroups.map(\.outcome) + [openGroup.outcome]
    }

    /// Notes where the log's part of frozen sets ends, once all of it is written. True when there was one.
    func endFrozenSets() -> Bool {
        var hasEnded = false
        for set in version.memtables.dropFirst() where set.logEnd == nil {
            guard let last = set.lastSequence, last <= published else { continue }
            set.logEnd = logPosition
            hasEnded = true
        }
        return hasEnded
    }

    /// A frame never crosses segments, so up to one whole group may be lost at the end of each.
    private var segmentSlackBytes: UInt64 { LogFrame.lengthMax(payload: groupBytesMax) }

    private func usable(_ bytes: UInt64) -> UInt64 { bytes > segmentSlackBytes ? bytes - segmentSlackBytes : 0 }

    /// Log bytes that a commit takes of the room there is: its frame at most. One that is larger than a group is a
    /// frame of its own, and may leave as much unused at the end of a segment that it does not fit into.
    func logBytesSetAside(forCommit bytes: Int) -> UInt64 {
        let frame = LogFrame.lengthMax(payload: bytes)
        return bytes > groupBytesMax ? 2 * frame : frame
    }

    /// Log bytes that can still be promised to commits, whatever way they will be grouped.
    var logRoomBytes: UInt64 {
        let left = currentSegment.capacity - (logPosition - currentSegment.startPosition)
        let room = freeSegments.reduce(usable(left)) { $0 + usable($1.capacity) }
        return room > reservedLogBytes ? room - reservedLogBytes : 0
    }

    var isOpenForCommits: StoreError? {
        if isClosed { return .closed }
        if let poison { return .poisoned(reason: poison) }
        return nil
    }

    /// Takes all who wait for a condition to change.
    mutating func takeWaiters() -> [RoomWaiter] {
        epoch += 1
        defer { waiters = [] }
        return waiters
    }
}
