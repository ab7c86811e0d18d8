import Glibc
import LogStore

/// Values that go into extents.
extension Runner {
    /// Writers of large values, each durable before it is acknowledged. `bytes=` says how large, `compressible` that
    /// they compress to half.
    func large(_ workload: Workload) {
        let bytes = Int(workload.number("bytes", otherwise: 4 << 20))
        let content = LargeContent(bytes: bytes, isCompressible: workload.has("compressible"))
        let extent = workload.extent(otherwise: 100)
        measure(workload, extent, threads: workload.threads) { [self] worker in
            putLarge(UInt64(worker.index) << 32 | worker.recorder.operations, content)
        }
        // The first of each thread is read back, off the clock.
        var writers = UInt64(workload.threads)
        if case .operations(let count) = extent { writers = min(writers, count) }
        for index in 0..<writers { verifyLarge(index << 32, content) }
    }

    /// Large values to be deleted later: `ops=` of `bytes=` each.
    func largeFill(_ workload: Workload) {
        let content = LargeContent(bytes: Int(workload.number("bytes", otherwise: 4 << 20)), isCompressible: false)
        measure(workload, workload.extent(otherwise: 100)) { [self] worker in
            putLarge(worker.recorder.operations, content)
        }
    }

    /// Durable small commits while the large values of `largefill` are being deleted; `ops=` of them, spread over the
    /// first half of the time.
    func fillSyncDeleting(_ workload: Workload) {
        let count = workload.number("ops", otherwise: 100)
        guard case .seconds(let seconds) = workload.extent(otherwise: 0) else {
            fail("fillsyncdeleting needs seconds=")
        }
        let before = allocatedBytes()
        let start = nowNanoseconds()
        measure(
            workload, .seconds(seconds), threads: workload.threads,
            background: { worker in
                let done = worker.recorder.operations
                let due = start + UInt64(seconds / 2 * 1e9 * Double(done) / Double(count))
                guard done < count, nowNanoseconds() >= due else {
                    usleep(1000)
                    return
                }
                worker.session.remove(largeKey(done), sync: false)
                worker.recorder.note()
            },
            { [self] worker in
                let number = worker.random.below(plan.keys)
                put(&worker, number, sync: true)
            })
        let after = allocatedBytes()
        printLine([("workload", .text("freed")), ("bytes", .count(before > after ? before - after : 0))])
    }

    /// What all files of the store take on disk.
    private func allocatedBytes() -> UInt64 {
        do {
            return try disk.list().reduce(0) { sum, name in
                var status = stat()
                guard stat("\(directory)/\(name)", &status) == 0 else { return sum }
                return sum + UInt64(status.st_blocks) * 512
            }
        } catch {
            fail("\(error)")
        }
    }

    private func putLarge(_ number: UInt64, _ content: LargeContent) {
        do {
            let writer = store.contentWriter()
            try content.bytes(number) { bytes throws(StoreError) in try writer.append(bytes) }
            let reserved = try writer.finishBlocking()
            var batch = WriteBatch()
            batch.put(Session.keyspace, largeKey(number), StoredValue(head: [], content: reserved.content))
            try store.commitBlocking(batch, mode: .synced)
            withExtendedLifetime(reserved) {}
        } catch {
            fail("large value: \(error)")
        }
    }

    private func verifyLarge(_ number: UInt64, _ content: LargeContent) {
        do {
            guard let stored = try store.getBlocking(Session.keyspace, largeKey(number)) else {
                fail("a large value is missing")
            }
            let reader = store.openContent(stored.content)
            var read = [UInt8](repeating: 0, count: Int(reader.length))
            let isRead = try read.withUnsafeMutableBytes { try reader.read(into: $0, at: 0, mayBlock: true) }
            let fits = content.bytes(number) { bytes in
                guard let written = bytes.baseAddress, read.count == bytes.count else { return false }
                return memcmp(written, read, read.count) == 0
            }
            guard isRead, fits else { fail("a large value is not what was written") }
        } catch {
            fail("large value: \(error)")
        }
    }
}

/// A key beside the small ones: behind all of them.
private func largeKey(_ number: UInt64) -> [UInt8] { [0xFF] + makeKey(number) }

/// Bytes of large values: a slice of a pool, another for each number.
private struct LargeContent: Sendable {
    private static let slack = 1 << 20

    private let pool: [UInt8]
    private let count: Int

    init(bytes: Int, isCompressible: Bool) {
        count = bytes
        let wordCount = (bytes + Self.slack) / 8 + 1
        pool = [UInt8](unsafeUninitializedCapacity: wordCount * 8) { pool, initialized in
            let raw = UnsafeMutableRawBufferPointer(pool)
            var random = Random(seed: 7)
            for word in 0..<wordCount {
                // Compressible: 64 random bytes, then the same again.
                let isRepeated = isCompressible && (word / 8) % 2 == 1
                let next =
                    isRepeated ? raw.loadUnaligned(fromByteOffset: (word - 8) * 8, as: UInt64.self) : random.next()
                raw.storeBytes(of: next, toByteOffset: word * 8, as: UInt64.self)
            }
            initialized = wordCount * 8
        }
    }

    func bytes<Result, Failure: Error>(
        _ number: UInt64, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var random = Random(seed: number)
        let start = Int(random.below(UInt64(Self.slack)))
        let outcome: Swift.Result<Result, Failure> = pool.withUnsafeBytes { pool in
            do throws(Failure) {
                return .success(try body(UnsafeRawBufferPointer(rebasing: pool[start..<(start + count)])))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}
