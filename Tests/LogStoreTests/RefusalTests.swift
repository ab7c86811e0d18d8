import Disk
import Synchronization
import Testing

@testable import LogStore

/// Who is refused because of what he read finds it when he looks.
@Suite struct RefusalTests {
    private struct Refused: Error {}

    private enum Way: CaseIterable {
        case update
        case transaction

        /// Refuses because the key has a value.
        func refuse(_ store: LogStore, _ name: String) async throws {
            switch self {
            case .update:
                try await store.update(.items, key(name)) { current, _ throws(Refused) in
                    if current != nil { throw Refused() }
                }
            case .transaction:
                try await store.transaction { transaction, batch in
                    if try await transaction.get(.items, key(name)) != nil { throw Refused() }
                }
            }
        }
    }

    @Test func aRefusalWaitsUntilItsReasonIsShown() async throws {
        for way in Way.allCases {
            let stepwise = try StepwiseStore(SimulatedDisk(seed: 1))
            let store = stepwise.store
            var batch = WriteBatch()
            batch.put(.items, key("a"), StoredValue(head: [7]))
            // Sequenced, and not on the disk.
            _ = try await store.enqueue(batch, mode: .synced)
            let hasAnswered = Atomic<Bool>(false)
            async let found = {
                await #expect(throws: Refused.self) { try await way.refuse(store, "a") }
                defer { hasAnswered.store(true, ordering: .releasing) }
                return try await store.get(.items, key("a"))?.head
            }()
            // Until it either waits for the commit or has answered without.
            while !hasAnswered.load(ordering: .acquiring), store.core.withLock({ $0.openGroup.commitCount }) < 2 {
                await Task.yield()
            }
            let isEarly = hasAnswered.load(ordering: .acquiring)
            #expect(!isEarly)
            while store.runCommitStep() {}
            #expect(try await found == [7])
        }
    }

    @Test func aRefusalWaitsForNothingElse() async throws {
        for way in Way.allCases {
            let stepwise = try StepwiseStore(SimulatedDisk(seed: 1))
            var batch = WriteBatch()
            batch.put(.items, key("a"), StoredValue(head: [7]))
            try stepwise.commit(batch)
            var other = WriteBatch()
            other.put(.items, key("b"), StoredValue(head: [7]))
            _ = try await stepwise.store.enqueue(other, mode: .synced)
            // Nobody makes a step.
            await #expect(throws: Refused.self) { try await way.refuse(stepwise.store, "a") }
        }
    }
}
