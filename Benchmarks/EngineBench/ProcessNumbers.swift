import Glibc

/// What the kernel says of this process.
enum ProcessNumbers {
    /// Bytes handed to write calls so far. Not `write_bytes`: where the page cache uses large folios, that counts a
    /// whole folio for every 4 KiB dirtied in it.
    static var writtenBytes: UInt64 { number("wchar", in: "/proc/self/io") }

    /// Processor time of all threads so far, in microseconds.
    static var cpuMicroseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }

    /// Starts a new measurement of the peak of resident memory.
    static func resetPeakResident() {
        let descriptor = open("/proc/self/clear_refs", O_WRONLY)
        guard descriptor >= 0 else { return }
        _ = write(descriptor, "5", 1)
        close(descriptor)
    }

    /// The peak since then, in bytes.
    static var peakResidentBytes: UInt64 { number("VmHWM", in: "/proc/self/status") * 1024 }

    /// The number behind `field` in a file of `name: number` lines; 0 when there is none.
    private static func number(_ field: String, in path: String) -> UInt64 {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return 0 }
        for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
            let parts = line.split(whereSeparator: { $0 == ":" || $0 == " " || $0 == "\t" })
            if parts.count >= 2, parts[0] == field { return UInt64(parts[1]) ?? 0 }
        }
        return 0
    }
}
