package import Disk
private import Glibc
private import LogStore

/// The directory that holds a store.
package enum DataDirectory {
    /// Only the owner may look in: the directory holds everybody's data and the admin token.
    private static let mode: mode_t = 0o700

    /// Makes the directory if need be, and opens it.
    ///
    /// - Throws: `StartError` with `.cannotCreate`.
    package static func open(_ path: String) throws(StartError) -> POSIXDisk {
        if let parent = parent(of: path), !exists(parent) { _ = try openDisk(parent) }
        if mkdir(path, mode) != 0, errno != EEXIST {
            throw StartError(
                .cannotCreate, "the data directory \(path) cannot be created: \(SystemError.text(errno))")
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            throw StartError(.cannotCreate, "the data directory \(path) cannot be used: \(SystemError.text(errno))")
        }
        return try openDisk(path)
    }

    private static func openDisk(_ path: String) throws(StartError) -> POSIXDisk {
        do throws(DiskError) {
            return try POSIXDisk(path: path)
        } catch {
            throw StartError(.cannotCreate, "the data directory \(path) cannot be opened: \(describe(error))")
        }
    }

    private static func parent(of path: String) -> String? {
        let trimmed = path.reversed().drop { $0 == "/" }.reversed()
        guard let slash = trimmed.lastIndex(of: "/") else { return nil }
        let parent = String(trimmed[..<slash])
        return parent.isEmpty ? nil : parent
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// A disk error in words.
    package static func describe(_ error: DiskError) -> String {
        switch error {
        case .noSpace: "no space is left"
        case .notFound(let name): "\(name) does not exist"
        case .alreadyExists(let name): "\(name) exists already"
        case .locked(let processID?): "process \(processID) uses it"
        case .locked(nil): "another process uses it"
        case .io(let operation, let name, let errno): "\(operation) of \(name) failed: \(SystemError.text(errno))"
        case .crashed: "the disk has crashed"
        }
    }
}
