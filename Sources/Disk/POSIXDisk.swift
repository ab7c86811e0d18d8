private import CPlatform
private import Glibc

/// A real directory.
package final class POSIXDisk: Disk {
    /// The directory's path as given.
    package let path: String
    private let directory: Int32

    /// Opens the directory, making it and its parents first where they are missing.
    ///
    /// - Throws: `.io` when it cannot be made or opened, `.noSpace`.
    package init(path: String) throws(DiskError) {
        try Self.makeDirectory(path)
        self.path = path
        directory = try posixCall("open", path) { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    }

    deinit { close(directory) }

    package func list() throws(DiskError) -> [String] {
        // A descriptor of its own, as the position in a directory belongs to the descriptor.
        let descriptor = try posixCall("open", path) { openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = fdopendir(descriptor) else {
            let cause = errno
            close(descriptor)
            throw diskError(cause, "list", path)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let cause = errno
                if cause == 0 { break }
                throw diskError(cause, "list", path)
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
            }
            if let name, Int(entry.pointee.d_type) != Int(DT_DIR) { names.append(name) }
        }
        return names.sorted(by: fileNamePrecedes)
    }

    package func create(_ name: String, direct: Bool) throws(DiskError) -> any DiskFile {
        checkFileName(name)
        let descriptor = try posixCall("create", name) {
            openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        }
        return try POSIXFile(name: name, descriptor: descriptor, wantsDirect: direct)
    }

    package func open(_ name: String, direct: Bool) throws(DiskError) -> any DiskFile {
        checkFileName(name)
        let descriptor = try posixCall("open", name) { openat(directory, name, O_RDWR | O_CLOEXEC) }
        return try POSIXFile(name: name, descriptor: descriptor, wantsDirect: direct)
    }

    package func rename(_ from: String, to: String) throws(DiskError) {
        checkFileName(from)
        checkFileName(to)
        _ = try posixCall("rename", from) { renameat(directory, from, directory, to) }
    }

    package func remove(_ name: String) throws(DiskError) {
        checkFileName(name)
        _ = try posixCall("remove", name) { unlinkat(directory, name, 0) }
    }

    package func syncDirectory() throws(DiskError) {
        try Self.sync(directory, path)
    }

    package func freeBytes() throws(DiskError) -> UInt64 {
        var status = statvfs()
        _ = try posixCall("statvfs", path) { fstatvfs(directory, &status) }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    package func link(_ name: String, into target: any Disk) throws(DiskError) -> Bool {
        checkFileName(name)
        guard let target = target as? POSIXDisk else { return false }
        do {
            _ = try posixCall("link", name) { linkat(directory, name, target.directory, name, 0) }
            return true
        } catch .io(_, _, let cause) where Self.linkRefusals.contains(cause) {
            return false
        }
    }

    /// What `linkat` answers where copying works: another file system, one without links, a file with too many.
    private static let linkRefusals: Set<Int32> = [EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS]

    package func lock(_ name: String) throws(DiskError) -> any DiskLock {
        checkFileName(name)
        let descriptor = try posixCall("lock", name) { openat(directory, name, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
        let lock = POSIXLock(descriptor: descriptor)
        do {
            _ = try posixCall("lock", name) { cp_flock_exclusive_nowait(descriptor) }
        } catch .io(_, _, EWOULDBLOCK) {
            throw .locked(byProcess: lock.storedProcess())
        }
        try lock.storeProcess(name)
        return lock
    }

    /// Makes a directory and its missing parents, each durable in its own parent.
    private static func makeDirectory(_ path: String) throws(DiskError) {
        var status = stat()
        if stat(path, &status) == 0 { return }
        let parentPath = parent(of: path)
        if parentPath != "/", parentPath != "." { try makeDirectory(String(parentPath.dropLast())) }
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw diskError(errno, "mkdir", path) }
        let descriptor = try posixCall("open", parentPath) {
            Glibc.open(parentPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        defer { close(descriptor) }
        try sync(descriptor, parentPath)
    }

    /// The directory that a path lies in, with a slash at its end; `.` when the path names none.
    static func parent(of path: String) -> String {
        var parent = path[...]
        while parent.last == "/" { parent = parent.dropLast() }
        parent = parent.prefix(through: parent.lastIndex(of: "/") ?? parent.startIndex)
        return parent.contains("/") ? String(parent) : "."
    }

    /// Lack of space here means that something was lost, so it is `.io` like any other failure.
    static func sync(_ descriptor: Int32, _ name: String) throws(DiskError) {
        do {
            _ = try posixCall("fsync", name) { fsync(descriptor) }
        } catch .noSpace {
            throw .io(operation: "fsync", name: name, errno: ENOSPC)
        }
    }
}

/// The lock of a directory: `flock` on an open file, which the kernel gives back however the process ends. The file
/// holds the pid of the latest holder in decimal, for the message that another process prints.
private final class POSIXLock: DiskLock {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    func storedProcess() -> Int32? {
        var digits = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &digits, digits.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: digits[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    func storeProcess(_ name: String) throws(DiskError) {
        let line = Array("\(getpid())\n".utf8)
        _ = try posixCall("lock", name) { ftruncate(descriptor, 0) }
        _ = try posixCall("lock", name) { pwrite(descriptor, line, line.count, 0) }
    }
}
