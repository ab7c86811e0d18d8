import Disk

@testable import LogStore

/// A store whose every step the test makes, and no more of them than what it asks for needs.
struct StepwiseStore {
    let store: LogStore

    init(_ disk: any Disk, options: StoreOptions = tinyOptions(), seed: UInt64 = 1) throws(StoreError) {
        store = try LogStore.open(disk: disk, options: options, driver: ManualDriver(), randomSeed: seed)
    }

    /// Commits a batch, and makes room for it first where there is none.
    func commit(_ batch: WriteBatch) throws {
        var encoded = try EncodedBatch(batch, bytesMax: store.options.commitBytesAllowed)
        // A background that has nothing to do lets the next one in.
        var idleSteps = 0
        while idleSteps < 3 {
            switch try store.tryEnqueue(&encoded, mode: .synced, reads: nil) {
            case .sequenced(let ticket):
                while store.runCommitStep() {}
                return try ticket.waitBlocking()
            case .mustWait: if !store.runBackgroundStep() { idleSteps += 1 }
            }
        }
        throw Violation(description: "there is never room")
    }

    func put(_ name: String, _ content: [UInt8], in keyspace: Keyspace = .catalog) throws {
        var batch = WriteBatch()
        batch.put(keyspace, key(name), StoredValue(head: [], content: .inline(content)))
        try commit(batch)
    }

    func save(_ name: String) throws {
        _ = try finish(try store.orderSave(named: name, createdMilliseconds: 1))
    }

    /// Returns the name under which the state before is kept.
    func restore(_ name: String) async throws -> String {
        let tables = try await store.openTables(ofCheckpoint: name)
        let order = CheckpointOrder(.restore(.init(name: name, tables: tables), milliseconds: 2))
        guard try store.tryFencing(order) == nil else { throw Violation(description: "somebody else's fence stands") }
        return try finish(order)
    }

    func remove(_ name: String) throws {
        _ = try finish(try store.orderRemoval(named: name))
    }

    /// Makes steps until an order has its outcome.
    private func finish(_ order: CheckpointOrder) throws -> String {
        while order.outcome == nil {
            let hasCommitted = store.runCommitStep()
            guard store.runBackgroundStep() || hasCommitted || order.outcome != nil else {
                throw Violation(description: "an order is never carried out")
            }
        }
        guard let outcome = order.outcome else { preconditionFailure("the loop has ended") }
        return try outcome.get()
    }
}
