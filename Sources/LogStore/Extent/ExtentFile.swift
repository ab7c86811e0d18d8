internal import Disk

/// One file of separated content. Whoever may still read it holds a reference: tables, memtables, readers, writers.
/// With the last reference the file's time is over, and its name goes onto the registry's list of files to unlink.
package final class ExtentFile: Sendable {
    let number: UInt64
    let name: String
    private let registry: ExtentRegistry
    private let opened: Lock<(any DiskFile)?>

    init(number: UInt64, name: String, registry: ExtentRegistry) {
        self.number = number
        self.name = name
        self.registry = registry
        opened = Lock(nil)
    }

    deinit { registry.lastReferenceGone(number) }

    /// Takes note of damage in the file, and passes on what is to be thrown. What the disk cannot read is damage too.
    func noted(_ error: StoreError) -> StoreError {
        registry.damages.noted(error.asDamage(of: name) ?? error)
    }

    /// The file, open for reading through the page cache; opened at the first use. (Its writer has a direct handle of
    /// its own.)
    func handle() throws(StoreError) -> any DiskFile {
        let result = opened.withLock { file -> Result<any DiskFile, StoreError> in
            if let file { return .success(file) }
            do throws(StoreError) {
                let new = try storeCall { () throws(DiskError) in try registry.disk.open(name, direct: false) }
                file = new
                return .success(new)
            } catch .disk(.notFound) {
                return .failure(.damaged(file: name, offset: 0, what: "an extent file that is named is missing"))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// All extent files of a store by number, and those whose time is over.
final class ExtentRegistry: Sendable {
    private struct Known {
        weak var file: ExtentFile?
    }

    private struct State {
        var files: [UInt64: Known] = [:]
        var released: [UInt64] = []
        var isClosing = false
    }

    let disk: any Disk
    /// Where damage that readers meet is noted.
    let damages: DamageLog
    private let storeID: UInt64
    private let state = Lock(State())
    private let onRelease: @Sendable () -> Void

    /// - Parameter onRelease: called when a file waits to be unlinked; must not call back.
    init(disk: any Disk, storeID: UInt64, damages: DamageLog, onRelease: @escaping @Sendable () -> Void) {
        self.disk = disk
        self.storeID = storeID
        self.damages = damages
        self.onRelease = onRelease
    }

    func name(_ number: UInt64) -> String { FileName(storeID: storeID, number: number, kind: .extent).string }

    /// The file of a number. Only somebody who holds what names the file may ask.
    func file(_ number: UInt64) -> ExtentFile {
        state.withLock { state in
            if let file = state.files[number]?.file { return file }
            let file = ExtentFile(number: number, name: name(number), registry: self)
            state.files[number] = Known(file: file)
            return file
        }
    }

    /// Whether somebody holds the file.
    func isAlive(_ number: UInt64) -> Bool { state.withLock { $0.files[number]?.file != nil } }

    func files(of runs: [Run]) -> [ExtentFile] {
        var found: [ExtentFile] = []
        for run in runs where found.last?.number != run.file { found.append(file(run.file)) }
        return found
    }

    fileprivate func lastReferenceGone(_ number: UInt64) {
        let mustTell = state.withLock { state in
            if state.isClosing { return false }
            state.released.append(number)
            return true
        }
        if mustTell { onRelease() }
    }

    /// The next file to unlink; nil when there is none.
    func takeReleased() -> UInt64? {
        state.withLock { state in
            while let number = state.released.popLast() {
                if state.files[number]?.file != nil { continue }
                state.files[number] = nil
                return number
            }
            return nil
        }
    }

    /// From now on, files without references stay where they are.
    func close() { state.withLock { $0.isClosing = true } }
}
