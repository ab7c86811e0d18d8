package import Disk
private import Encryption
package import LogStore

/// Opens the engine as configured.
package enum StoreStart {
    /// - Throws: `StartError`: `.cannotCreate` when another process has the directory or the disk is full,
    ///   `.inputOutput` when the store is damaged.
    package static func open(
        _ configuration: Configuration, disk: any Disk, driver: any StoreDriver
    ) throws(StartError) -> LogStore {
        var options = StoreOptions()
        options.memoryBudgetBytes = configuration.memoryBudgetBytes
        options.durability = configuration.durability
        options.compression = configuration.compression
        do throws(StoreError) {
            return try LogStore.open(disk: disk, options: options, driver: driver, randomSeed: randomSeed())
        } catch {
            throw StartError(
                status(of: error), "the store in \(configuration.dataDirectory) cannot be opened: \(describe(error))")
        }
    }

    /// Eight unpredictable bytes.
    package static func randomSeed() -> UInt64 {
        SystemRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func status(of error: StoreError) -> ExitStatus {
        switch error {
        case .locked, .noSpace: .cannotCreate
        default: .inputOutput
        }
    }

    /// A store error in words.
    package static func describe(_ error: StoreError) -> String {
        switch error {
        case .locked(let processID?): "process \(processID) serves it"
        case .locked(nil): "another process serves it"
        case .noSpace: "no space is left on the disk"
        case .poisoned(let reason): "a write or sync failed: \(reason)"
        case .unknownOutcome(let reason): "a write may or may not have been kept: \(reason)"
        case .damaged(let file, let offset, let what): "\(file) is damaged at offset \(offset): \(what)"
        case .unsupportedFormat(let what): "its format is not known: \(what)"
        case .overLimit(let what): "a limit would be passed: \(what)"
        case .conflict: "another commit came first"
        case .tooOld: "the snapshot is too old"
        case .restored: "it was restored to an earlier state meanwhile"
        case .closed: "the store is closed"
        case .disk(let error): DataDirectory.describe(error)
        }
    }
}
