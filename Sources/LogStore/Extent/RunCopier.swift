internal import Bytes
internal import Disk

/// Moves runs that are still wanted out of files that are mostly dead, while their keys are rewritten.
///
/// Stored bytes are verified and moved as they are: not decompressed, not deciphered. One user at a time; blocks on the
/// disk. The new files belong to the table output that the copier works for.
final class RunCopier {
    /// Files that are to be emptied.
    let sources: Set<UInt64>
    /// Bytes that may still be copied: the rest stays where it is until next time.
    private var budgetBytes: UInt64
    private let registry: ExtentRegistry
    private var readers: [UInt64: any DiskFile] = [:]
    private var memory = AlignedBuffer(count: 256 << 10)
    /// Files in which a run was found that cannot be verified: it stays, to be reported by whoever reads it.
    private(set) var damagedFiles: Set<UInt64> = []
    private(set) var copiedBytes: UInt64 = 0

    init(sources: Set<UInt64>, budgetBytes: UInt64, registry: ExtentRegistry) {
        self.sources = sources
        self.budgetBytes = budgetBytes
        self.registry = registry
    }

    /// Whether one of the runs is to be moved now.
    func wants(_ runs: [Run]) -> Bool { budgetBytes > 0 && runs.contains { sources.contains($0.file) } }

    /// Copies a run, if it is to be moved, and returns where it is from now on.
    ///
    /// - Parameter appender: gives the file that takes it; called only if there is something to take.
    /// - Throws: `.noSpace`, `.disk`. Damage is no error: the run stays where it is.
    func move(_ run: Run, _ appender: () throws(StoreError) -> ExtentAppender) throws(StoreError) -> Run {
        guard budgetBytes > 0, sources.contains(run.file) else { return run }
        let stored: UnsafeRawBufferPointer
        do throws(StoreError) { stored = try read(run) } catch {
            guard let damage = error.asDamage(of: registry.name(run.file)) else { throw error }
            registry.damages.note(damage)
            damagedFiles.insert(run.file)
            return run
        }
        let moved = try appender().appendStored(stored, of: run)
        let count = UInt64(stored.count)
        budgetBytes -= min(count, budgetBytes)
        copiedBytes += count
        return moved
    }

    /// The verified stored bytes of a run; valid until the next call. Read past the page cache, which they would only
    /// fill.
    private func read(_ run: Run) throws(StoreError) -> UnsafeRawBufferPointer {
        let file: any DiskFile
        if let known = readers[run.file] {
            file = known
        } else {
            let name = registry.name(run.file)
            do throws(DiskError) { file = try registry.disk.open(name, direct: true) } catch {
                guard case .notFound = error else { throw .disk(error) }
                throw .damaged(file: name, offset: run.offset, what: "a file that holds content is missing")
            }
            readers[run.file] = file
        }
        let block = UInt64(diskBlockSize)
        let start = run.offset / block * block
        let inBlock = Int(run.offset - start)
        let wanted = inBlock + Int(run.storedLength)
        let count = AlignedBuffer.roundedUp(wanted)
        if count > memory.count { memory = AlignedBuffer(count: count) }
        let target = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[0..<count])
        let got = try storeCall { () throws(DiskError) in try file.read(into: target, at: start) }
        guard got >= wanted else {
            throw .damaged(file: file.name, offset: start + UInt64(got), what: "content cut short")
        }
        let stored = UnsafeRawBufferPointer(rebasing: memory.readable[inBlock..<wanted])
        try RunCodec.verify(stored, run: run, fileName: file.name)
        return stored
    }
}
