import Bytes
import Disk
import Testing

@testable import LogStore

/// Options small enough that a few hundred commits reach every part of the engine.
func smallOptions() -> StoreOptions {
    var options = StoreOptions()
    options.memoryBudgetBytes = 8 << 20
    options.memtableBytes = 256 << 10
    options.level0RunsMin = 4
    options.firstSegmentBytes = 9 << 20
    options.segmentBytes = 10 << 20
    options.extentFileBytes = 4 << 20
    return options
}

/// Options so small that every step of the engine happens within some dozens of commits.
func tinyOptions() -> StoreOptions {
    var options = StoreOptions()
    options.memoryBudgetBytes = 2 << 20
    options.memtableBytes = 128 << 10
    options.level0RunsMin = 4
    options.commitBytesMax = 96 << 10
    options.firstSegmentBytes = 256 << 10
    options.segmentBytes = 384 << 10
    options.extentFileBytes = 256 << 10
    // A few dozen keys already make several levels of several tables.
    options.tableBytes = 512
    options.levelBaseBytes = 2 << 10
    return options
}

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

func key(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

func value(_ text: String) -> StoredValue { StoredValue(head: [UInt8](text.utf8)) }

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
