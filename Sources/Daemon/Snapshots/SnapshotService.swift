private import Disk
package import LogStore
private import NIOHTTP1

/// Carries out what is asked about snapshots.
package struct SnapshotService: Sendable {
    private let store: LogStore
    private let now: @Sendable () -> Int64
    private let afterRestore: @Sendable () async throws(StoreError) -> Void

    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - afterRestore: what has to be done before a restore is answered.
    package init(
        store: LogStore, now: @escaping @Sendable () -> Int64,
        afterRestore: @escaping @Sendable () async throws(StoreError) -> Void = {}
    ) {
        self.store = store
        self.now = now
        self.afterRestore = afterRestore
    }

    package func carryOut(_ request: SnapshotRequest) async -> AdminOutcome {
        do throws(CheckpointError) {
            switch request {
            case .list: return SnapshotList(store.checkpoints(), heldBytes: store.checkpointOnlyBytes).outcome
            case .save(let name):
                let info = try await store.saveCheckpoint(named: name, createdMilliseconds: UInt64(max(0, now())))
                return AdminOutcome(status: .created, json: SnapshotList.json(info), text: "saved \(name)\n")
            case .restore(let name):
                let kept = try await store.restoreCheckpoint(named: name, createdMilliseconds: UInt64(max(0, now())))
                do throws(StoreError) { try await afterRestore() } catch { throw .store(error) }
                let (quoted, quotedKept) = (JSONText.quoted(name), JSONText.quoted(kept))
                return AdminOutcome(
                    status: .ok, json: "{\"restored\":\(quoted),\"kept_as\":\(quotedKept)}",
                    text: "restored \(name); what was there before is kept as \(kept)\n")
            case .branch(let name, let directory): return try await branch(name, directory)
            case .remove(let name):
                try await store.removeCheckpoint(named: name)
                return AdminOutcome(
                    status: .ok, json: "{\"removed\":\(JSONText.quoted(name))}", text: "removed \(name)\n")
            }
        } catch {
            return Self.refusal(error)
        }
    }

    private func branch(_ name: String, _ directory: String) async throws(CheckpointError) -> AdminOutcome {
        // Before a directory is made for nothing.
        guard store.checkpoints().contains(where: { $0.name == name }) else { throw .notFound(name) }
        let staged: POSIXStagedDirectory
        do throws(StoreError) {
            staged = try await store.driver.offload { () throws(StoreError) in
                do throws(DiskError) { return try POSIXStagedDirectory(path: directory) } catch { throw .disk(error) }
            }
        } catch {
            switch error {
            case .disk(.alreadyExists): throw .placeTaken(directory)
            case .disk(.noSpace): throw .store(.noSpace)
            default: throw .store(error)
            }
        }
        do throws(CheckpointError) {
            try await store.branch(fromCheckpoint: name, into: staged)
        } catch .placeTaken {
            throw .placeTaken(directory)
        }
        return AdminOutcome(
            status: .created,
            json: "{\"branched\":\(JSONText.quoted(name)),\"directory\":\(JSONText.quoted(directory))}",
            text: "branched \(name) to \(directory): varve serve --data-dir \(directory) --listen 127.0.0.1:0\n")
    }

    private static func refusal(_ error: CheckpointError) -> AdminOutcome {
        let (status, why): (HTTPResponseStatus, String) =
            switch error {
            case .invalidName(let name, let why): (.badRequest, "\"\(name)\" is no name for a snapshot: \(why)")
            case .alreadyExists(let name): (.conflict, "there is a snapshot \(name) already")
            case .notFound(let name): (.notFound, "there is no snapshot \(name)")
            case .tooMany: (.conflict, "there are \(EngineLimits.checkpointsMax) snapshots, the most there can be")
            case .inUse(let name): (.conflict, "\(name) is being restored or branched")
            case .placeTaken(let place): (.conflict, "\(place) is taken, or a branch to it is being made")
            case .store(.noSpace): (.insufficientStorage, "no space is left on the disk")
            case .store(.closed): (.serviceUnavailable, "the daemon is stopping")
            case .store(let error): (.internalServerError, StoreStart.describe(error))
            }
        return .refusal(status, why)
    }
}
