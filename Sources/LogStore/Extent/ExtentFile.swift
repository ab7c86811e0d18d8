internal import Disk
internal import Synchronization

/// One file of separated content. Whoever may still read it holds a reference: tables, memtables, readers, writers.
/// With the last reference the file's time is over, and its name goes onto the registry's list of files to unlink.
package final class ExtentFile: Sendable {
    let number: UInt64
    let name: String
    private let registry: ExtentRegistry
    private let opened: Lock<(any DiskFile)?>
    private let length = Atomic<UInt64>(0)
    private let isAppended = Atomic<Bool>(false)
    private let gaps = Atomic<UInt64>(0)

    init(number: UInt64, name: String, registry: ExtentRegistry) {
        self.number = number
        self.name = name
        self.registry = registry
        opened = Lock(nil)
    }

    deinit { registry.lastReferenceGone(Released(number: number, byteCount: byteCount)) }

    /// Bytes that it takes on the disk, space reserved ahead included; 0 until they are known.
    var byteCount: UInt64 { length.load(ordering: .relaxed) }

    func noteByteCount(_ count: UInt64) { length.store(count, ordering: .relaxed) }

    /// Bytes between and behind runs that stand as close as they can: not more dead than the runs. Known of files that
    /// this process has packed.
    var gapBytes: UInt64 { gaps.load(ordering: .relaxed) }

    func noteGap(_ count: Int) { gaps.wrappingAdd(UInt64(count), ordering: .relaxed) }

    /// Whether a writer may still append to it.
    var isOpen: Bool { isAppended.load(ordering: .relaxed) }

    func noteOpen(_ isOpen: Bool) { isAppended.store(isOpen, ordering: .relaxed) }

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

extension ExtentFile {
    /// A file that nobody holds any more, still on the disk.
    struct Released {
        var number: UInt64
        var byteCount: UInt64
    }
}

/// All extent files of a store by number, and those whose time is over.
final class ExtentRegistry: Sendable {
    private struct Known {
        weak var file: ExtentFile?
    }

    private struct State {
        var files: [UInt64: Known] = [:]
        var released: [ExtentFile.Released] = []
        var isClosing = false
    }

    let disk: any Disk
    /// Where damage that readers meet is noted.
    let damages: DamageLog
    private let identity: StoreIdentity
    private let state = Lock(State())
    private let onRelease: @Sendable () -> Void

    /// - Parameter onRelease: called when a file waits to be unlinked; must not call back.
    init(disk: any Disk, identity: StoreIdentity, damages: DamageLog, onRelease: @escaping @Sendable () -> Void) {
        self.disk = disk
        self.identity = identity
        self.damages = damages
        self.onRelease = onRelease
    }

    func name(_ number: UInt64) -> String { identity.name(number, .extent) }

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

    /// All files that somebody holds, in ascending order of number.
    func livingFiles() -> [ExtentFile] {
        state.withLock { $0.files.values.compactMap(\.file) }.sorted { $0.number < $1.number }
    }

    func files(of runs: [Run]) -> [ExtentFile] {
        var found: [ExtentFile] = []
        for run in runs where found.last?.number != run.file { found.append(file(run.file)) }
        return found
    }

    fileprivate func lastReferenceGone(_ file: ExtentFile.Released) {
        let mustTell = state.withLock { state in
            if state.isClosing { return false }
            state.released.append(file)
            return true
        }
        if mustTell { onRelease() }
    }

    /// Takes the newest file whose time is over out of the list; nil when there is none.
    ///
    /// - Parameter byteCounts: only one of such a size.
    func takeReleased(byteCounts: ClosedRange<UInt64>) -> ExtentFile.Released? {
        // A reference must not be the last one to go inside the lock, which its end takes too.
        let (found, _) = state.withLock { state -> (ExtentFile.Released?, [ExtentFile]) in
            let held = state.released.compactMap { state.files[$0.number]?.file }
            state.released.removeAll { released in held.contains { $0.number == released.number } }
            // By number, since what goes together goes in any order.
            guard
                let found = state.released.filter({ byteCounts.contains($0.byteCount) })
                    .max(by: { $0.number < $1.number })
            else { return (nil, held) }
            state.released.removeAll { $0.number == found.number }
            state.files[found.number] = nil
            return (found, held)
        }
        return found
    }

    /// Whether a file of at least this size waits to be unlinked.
    func hasReleased(byteCountMin: UInt64) -> Bool {
        state.withLock { state in state.released.contains { $0.byteCount >= byteCountMin } }
    }

    /// From now on, files without references stay where they are.
    func close() { state.withLock { $0.isClosing = true } }
}
