import Bytes
import Disk
import Testing

@testable import LogStore

/// A store driven by its callers.
///
/// - Parameter takesPauses: whether time passes between one call and the next, so that the store is quiet then.
func openStore(
    _ disk: any Disk, options: StoreOptions = smallOptions(), seed: UInt64 = 1, takesPauses: Bool = true
) throws -> LogStore {
    let driver = ImmediateDriver(takesPauses: takesPauses)
    let store = try LogStore.open(disk: disk, options: options, driver: driver, randomSeed: seed)
    driver.attach(store)
    return store
}

extension LogStore {
    func put(_ name: String, _ stored: StoredValue, in keyspace: Keyspace = .catalog) async throws {
        var batch = WriteBatch()
        batch.put(keyspace, key(name), stored)
        try await commit(batch)
    }

    func remove(_ name: String, in keyspace: Keyspace = .catalog) async throws {
        var batch = WriteBatch()
        batch.delete(keyspace, key(name))
        try await commit(batch)
    }

    /// The whole content of a value.
    func bytes(_ content: Content) throws -> [UInt8] {
        let reader = openContent(content)
        var bytes = [UInt8](repeating: 0, count: Int(reader.length))
        let isRead = try bytes.withUnsafeMutableBytes { try reader.read(into: $0, at: 0, mayBlock: true) }
        #expect(isRead)
        return bytes
    }

    func scan(_ keyspace: Keyspace, lower: [UInt8] = [], upper: [UInt8]? = nil) async throws -> [([UInt8], StoredValue)]
    {
        let cursor = cursor(keyspace, lower: lower, upper: upper)
        var found: [([UInt8], StoredValue)] = []
        while let entry = try await cursor.next() { found.append((entry.key, entry.value)) }
        return found
    }
}

extension LogStore {
    var version: StoreVersion { core.withLock { $0.version } }
}
