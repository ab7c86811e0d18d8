internal import Synchronization

/// What snapshots of one state of the store hold: its version, until the store gives it up. Thread-safe.
final class VersionPin: Sendable {
    private enum Standing: UInt8 {
        case held
        case tooOld
        case restored
    }

    private let held: Lock<StoreVersion?>
    private let standing = Atomic<UInt8>(Standing.held.rawValue)

    init(_ version: StoreVersion) { held = Lock(version) }

    /// What readers are told: `.tooOld` or `.restored`; nil while they may read.
    var reasonGivenUp: StoreError? {
        switch Standing(rawValue: standing.load(ordering: .relaxed)) {
        case .tooOld: .tooOld
        case .restored: .restored
        case .held, nil: nil
        }
    }

    /// Nil once the store has let go of it.
    var version: StoreVersion? { held.withLock { $0 } }

    /// A restore has put something else in the place of what the store held: readers are told. What they hold goes with
    /// them, or when it is given up.
    func markRestored() { standing.store(Standing.restored.rawValue, ordering: .relaxed) }

    /// Lets go of the version: what only snapshots held goes when reads on their way end.
    func giveUp() {
        _ = standing.compareExchange(
            expected: Standing.held.rawValue, desired: Standing.tooOld.rawValue, ordering: .relaxed)
        let version = held.withLock { version -> StoreVersion? in
            defer { version = nil }
            return version
        }
        // Released here, with no lock held: the last reference unlinks files.
        withExtendedLifetime(version) {}
    }

    /// - Throws: `.tooOld`, `.restored`.
    func pinned() throws(StoreError) -> StoreVersion {
        if let reasonGivenUp { throw reasonGivenUp }
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
