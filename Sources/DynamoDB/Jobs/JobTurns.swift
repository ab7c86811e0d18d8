import LabClock
import LogStore

/// When jobs have their turns in the queue of what is due.
///
/// A job is always due, and its entry moves on with each turn. It starts at the beginning of time, so that it moves on
/// even while lab time stands still.
enum JobTurns {
    static let first = LabTime(millisecondsSinceEpoch: 0)

    static func after(_ time: LabTime) -> LabTime { time.adding(milliseconds: 1) }
}

extension DynamoDBService {
    /// Has a job come to its next turn: its entry of the queue moves on with the batch that ends the present one.
    func endTurn(_ entry: DueEntry, in batch: inout WriteBatch) {
        entry.remove(from: &batch)
        due.add(DueEntry(time: JobTurns.after(entry.time), kind: entry.kind, id: entry.id), to: &batch)
    }

    /// Takes entries out of the queue that there is nothing to be done for.
    ///
    /// - Parameter restoreCount: `LogStore.restoreCount` before it was found that there is nothing: a restore may bring
    ///   back what was not there, and its entries with it.
    func forget(_ entries: [DueEntry], _ restoreCount: Int) async throws(DynamoDBError) {
        var batch = WriteBatch()
        batch.restoreCount = restoreCount
        for entry in entries { entry.remove(from: &batch) }
        try await commit(batch)
    }
}
