internal import Disk
private import Glibc

/// A data directory as tools look at it: it must exist, and may be somebody else's at the moment.
enum StoreDirectory {
    /// The file that who serves a directory keeps locked.
    private static let lockName = "LOCK"

    /// Opens a directory without making it.
    ///
    /// - Throws: `StartError` with `.cannotCreate`.
    static func openExisting(_ path: String) throws(StartError) -> POSIXDisk {
        guard access(path, R_OK | X_OK) == 0 else {
            throw StartError(.cannotCreate, "\(path) cannot be read: \(SystemError.text(errno))")
        }
        do throws(DiskError) {
            return try POSIXDisk(path: path)
        } catch {
            throw StartError(.cannotCreate, "\(path) cannot be opened: \(DataDirectory.describe(error))")
        }
    }

    /// Takes the directory; nil when another process has it. A directory nobody ever served is nobody's.
    ///
    /// - Throws: `StartError` with `.cannotCreate`.
    static func lockIfFree(_ disk: POSIXDisk) throws(StartError) -> (any DiskLock)? {
        do throws(DiskError) {
            return try disk.lock(lockName)
        } catch .locked {
            return nil
        } catch {
            throw StartError(.cannotCreate, "\(disk.path) cannot be locked: \(DataDirectory.describe(error))")
        }
    }
}
