import LabClock
import LogStore

extension DueKind {
    static let backupExpiry = DueKind(rawValue: 0x22)
}

/// Removes the backups that were made of deleted tables, when their time is over.
struct BackupExpiry: DueHandler {
    /// How long AWS keeps such a backup: 35 days.
    static let lifetimeMilliseconds: Int64 = 35 * 86_400_000

    let service: DynamoDBService

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries {
            let restoreCount = service.store.restoreCount
            guard let record = try await service.read(.catalog, entry.id) else {
                try await service.forget([entry], restoreCount)
                continue
            }
            // One that is being restored has to wait; the queue comes again.
            try await service.remove(try BackupRecord.decode(record.head)) { entry.remove(from: &$0) }
        }
    }
}
