import Synchronization

/// A table that is known to exist, and the gate between changes of its structure and the writes of its items.
///
/// A write must not be planned for one structure and committed under another: an index added meanwhile would lack it, a
/// shard closed meanwhile would get it. So each write passes through the gate, and holds on to the table it was given
/// there until it is sequenced; a change waits for those inside while new ones wait for it.
final class TableHandle: Sendable {
    let name: TableName
    /// `LogStore.restoreCount` before the record was read: after a restore the table may never have been.
    let restoreCount: Int
    /// The seconds in which it was written, for recovery.
    let seconds = WrittenSeconds()

    private struct State {
        /// Nil once the table is deleted.
        var table: Table?
        var writesInside = 0
        var isChanging = false
        /// The change that waits for the writes inside.
        var drained: CheckedContinuation<Void, Never>?
        /// Writes and changes that wait for the end of a change.
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(table: Table, restoreCount: Int) {
        name = table.definition.name
        self.restoreCount = restoreCount
        state = Mutex(State(table: table))
    }

    /// The table now; nil when it has been deleted.
    var table: Table? { state.withLock { $0.table } }

    /// Lets a write in, once no change is going on. Must be balanced by `leave`. Writes of items enter by
    /// `DynamoDBService.enter`, which does what recovery needs besides.
    ///
    /// - Returns: nil when the table has been deleted, or is being built; then there is nothing to leave.
    func enter() async -> Table? {
        while true {
            let (table, mustWait) = state.withLock { state -> (Table?, Bool) in
                if state.isChanging { return (nil, true) }
                guard let table = state.table, !table.definition.isBuilding else { return (nil, false) }
                state.writesInside += 1
                return (table, false)
            }
            if !mustWait { return table }
            await waitForEndOfChange()
        }
    }

    func leave() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.writesInside -= 1
            guard state.writesInside == 0 else { return nil }
            defer { state.drained = nil }
            return state.drained
        }
        waiter?.resume()
    }

    /// Runs a change of the table's structure alone: no write is inside, and what it returns is the table from then on.
    /// When it throws, nothing has changed.
    ///
    /// - Parameters:
    ///   - isBuilder: the caller is what builds the table; others are refused until it is built.
    ///   - change: gets the table; its result replaces it, nil when the table is deleted.
    /// - Throws: what `change` throws; `ResourceNotFoundException` when the table has been deleted;
    ///   `ResourceInUseException` while it is being built.
    func change(
        isBuilder: Bool = false, _ change: (Table) async throws(DynamoDBError) -> Table?
    ) async throws(DynamoDBError) {
        while !beginChange() { await waitForEndOfChange() }
        defer { endChange() }
        await drain()
        guard let table else { throw .tableNotFound(name.table) }
        if table.definition.isBuilding, !isBuilder {
            throw DynamoDBError(
                .resourceInUseException,
                "Attempt to change a resource which is still in use: Table is being created: \(name.table)")
        }
        let changed = try await change(table)
        state.withLock { $0.table = changed }
    }

    private func beginChange() -> Bool {
        state.withLock { state in
            defer { state.isChanging = true }
            return !state.isChanging
        }
    }

    private func endChange() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.isChanging = false
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func drain() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.writesInside > 0 { state.drained = continuation }
                return state.writesInside == 0
            }
            if isEmpty { continuation.resume() }
        }
    }

    private func waitForEndOfChange() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isChanging { state.waiters.append(continuation) }
                return !state.isChanging
            }
            if isOver { continuation.resume() }
        }
    }
}

/// The tables looked up so far. Names that do not exist are not kept.
final class TableDirectory: Sendable {
    private struct State {
        var handles: [TableName: TableHandle] = [:]
        /// Counts removals, so that a record read before one is not kept after it.
        var removals = 0
    }

    private let state = Mutex(State())

    /// - Parameter restoreCount: that of the store now.
    func handle(_ name: TableName, restoreCount: Int) -> TableHandle? {
        state.withLock { state in
            guard let handle = state.handles[name], handle.restoreCount == restoreCount else { return nil }
            return handle
        }
    }

    /// To be read before the record is, and passed to `insert`.
    var removals: Int { state.withLock { $0.removals } }

    /// The one handle of a table: the present one when there is one. Nil when a table was removed since the record was
    /// read.
    func insert(_ handle: TableHandle, removals: Int) -> TableHandle? {
        state.withLock { state in
            if let present = state.handles[handle.name], present.restoreCount >= handle.restoreCount { return present }
            guard state.removals == removals else { return nil }
            state.handles[handle.name] = handle
            return handle
        }
    }

    func remove(_ handle: TableHandle) {
        state.withLock { state in
            state.removals += 1
            if state.handles[handle.name] === handle { state.handles[handle.name] = nil }
        }
    }
}
