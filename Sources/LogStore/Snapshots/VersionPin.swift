internal import Synchronization

/// What snapshots of one state of the store hold: its version, until the store gives it up. Thread-safe.
final class VersionPin: Sendable {
    private let held: Lock<StoreVersion?>
    private let isReleased = Atomic<Bool>(false)

    init(_ version: StoreVersion) { held = Lock(version) }

    var isGivenUp: Bool { isReleased.load(ordering: .relaxed) }

    /// Nil once the store has given it up.
    var version: StoreVersion? { held.withLock { $0 } }

    /// Lets go of the version: what only snapshots held goes when reads on their way end.
    func giveUp() {
        isReleased.store(true, ordering: .relaxed)
        let version = held.withLock { version -> StoreVersion? in
            defer { version = nil }
            return version
        }
        // Released here, with no lock held: the last reference unlinks files.
        withExtendedLifetime(version) {}
    }

    /// - Throws: `.tooOld` once the store has given it up.
    func pinned() throws(StoreError) -> StoreVersion {
        guard let version else { throw .tooOld }
        return version
    }
}

/// A state that snapshots hold while the store has gone on.
struct OlderState {
    var pin: VersionPin
    /// How many changes of the version there had been when it was replaced.
    var change: UInt64
}
