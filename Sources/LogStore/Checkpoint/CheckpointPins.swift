internal import Synchronization

/// What keeps checkpoints' extents from being unlinked, and checkpoints from being removed under whoever works with
/// them. (Their tables are kept by the manifest: see `mayUnlink`.) Thread-safe.
final class CheckpointPins: Sendable {
    private struct State {
        var extents: [String: [ExtentFile]] = [:]
        var users: [String: Int] = [:]
        var leaving: Set<String> = []
    }

    private let state = Lock(State())

    /// Holds a checkpoint's extents until it is let go.
    func pin(_ name: String, _ extents: [ExtentFile]) { state.withLock { $0.extents[name] = extents } }

    /// The files of the extents that are held.
    var extentNumbers: Set<UInt64> {
        state.withLock { state in Set(state.extents.values.flatMap { $0.map(\.number) }) }
    }

    /// Begins to use a checkpoint, which stays until `release`. False while it is being removed.
    func retain(_ name: String) -> Bool {
        state.withLock { state in
            if state.leaving.contains(name) { return false }
            state.users[name, default: 0] += 1
            return true
        }
    }

    func release(_ name: String) {
        state.withLock { state in
            let left = (state.users[name] ?? 1) - 1
            state.users[name] = left > 0 ? left : nil
        }
    }

    /// Begins to remove a checkpoint, until `endRemoval`. False while somebody uses it.
    func beginRemoval(_ name: String) -> Bool {
        state.withLock { state in
            if state.users[name] != nil { return false }
            state.leaving.insert(name)
            return true
        }
    }

    func endRemoval(_ name: String, isGone: Bool) {
        // Released outside of the lock: the last reference to an extent calls the driver.
        let released = state.withLock { state in
            state.leaving.remove(name)
            return isGone ? state.extents.removeValue(forKey: name) : nil
        }
        withExtendedLifetime(released) {}
    }
}

/// How often the store was restored since it was opened: what callers remember of before is told by it.
final class RestoreCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .acquiring) }

    func increment() { count.wrappingAdd(1, ordering: .acquiringAndReleasing) }
}
