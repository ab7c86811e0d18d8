private import CPlatform
private import Glibc

/// Measures what a sync costs, and whether files can bypass the page cache. A sync that costs nothing has done nothing.
struct SyncCheck {
    let directory: String
    let fileSystem: FileSystemCheck

    private static let blockBytes = 4096
    /// Enough for a median, little enough for a slow disk.
    private static let rounds = 50
    /// No flash and no disk makes 4 KiB durable in less: a controller with a battery takes about 30 µs.
    private static let credibleMicrosecondsMin: UInt64 = 20

    func findings() -> [Finding] {
        let path = "\(directory)/.varve-doctor-\(ProcessIdentity.processID)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            return [Finding("sync", .problem, "no file can be created in \(directory): \(SystemError.text(errno))")]
        }
        defer {
            close(descriptor)
            unlink(path)
        }
        return [measure(descriptor), directAccess(path)]
    }

    private func measure(_ descriptor: Int32) -> Finding {
        let block = [UInt8](repeating: 0x56, count: Self.blockBytes)
        var microseconds: [UInt64] = []
        // The first round makes the file's block; what the log does all day is to overwrite.
        for _ in 0...Self.rounds {
            let start = SystemClock.monotonicNanoseconds()
            guard pwrite(descriptor, block, block.count, 0) == block.count, cp_fdatasync(descriptor) == 0 else {
                return Finding("sync", .problem, "a write and sync failed: \(SystemError.text(errno))")
            }
            microseconds.append((SystemClock.monotonicNanoseconds() - start) / 1000)
        }
        let median = microseconds.dropFirst().sorted()[Self.rounds / 2]
        let text = "\(median) µs for 4 KiB (median of \(Self.rounds))"
        if fileSystem.isVolatile {
            return Finding(
                "sync", .note, "\(text), in memory: acknowledged does not mean durable on \(fileSystem.kind)")
        }
        guard median >= Self.credibleMicrosecondsMin else {
            return Finding(
                "sync", .note,
                "\(text): too fast to be true; this disk or virtual machine may not keep what it acknowledges")
        }
        return Finding("sync", .ok, text)
    }

    private func directAccess(_ path: String) -> Finding {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | cp_o_direct())
        guard descriptor >= 0 else {
            return Finding("direct I/O", .note, "not supported here: large objects go through the page cache")
        }
        close(descriptor)
        return Finding("direct I/O", .ok, "supported")
    }
}
