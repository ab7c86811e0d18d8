private import Glibc

/// A real directory that is built under a name of its own beside its place.
package final class POSIXStagedDirectory: StagedDirectory {
    /// What its name ends in until it is published; left behind by a crash, such a directory may be removed.
    package static let suffix = ".varve-staged"

    private let files: POSIXDisk
    private let path: String
    private let stagedPath: String

    package var disk: any Disk { files }

    /// Makes the directory, for its owner only, and the missing parents of its place.
    ///
    /// - Parameter path: where it will be: nothing, or an empty directory.
    /// - Throws: `.alreadyExists` when the place is taken, or another is being built for it; `.noSpace`, `.io`.
    package init(path: String) throws(DiskError) {
        var place = path[...]
        while place.count > 1, place.last == "/" { place = place.dropLast() }
        self.path = String(place)
        stagedPath = self.path + Self.suffix
        guard Self.isFree(self.path) else { throw .alreadyExists(name: self.path) }
        // Opening the parent makes it and its own parents durable.
        _ = try POSIXDisk(path: POSIXDisk.parent(of: self.path))
        let staged = stagedPath
        _ = try posixCall("mkdir", staged) { mkdir(staged, 0o700) }
        do {
            files = try POSIXDisk(path: staged)
        } catch {
            rmdir(staged)
            throw error
        }
    }

    package func publish() throws(DiskError) {
        let (from, to) = (stagedPath, path)
        do {
            _ = try posixCall("rename", from) { rename(from, to) }
        } catch .io(_, _, let cause) where cause == ENOTEMPTY || cause == ENOTDIR {
            throw .alreadyExists(name: to)
        }
        let parent = POSIXDisk.parent(of: to)
        let descriptor = try posixCall("open", parent) { open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        try POSIXDisk.sync(descriptor, parent)
    }

    package func discard() {
        guard let names = try? files.list(), access(stagedPath, F_OK) == 0 else { return }
        for name in names { unlink(stagedPath + "/" + name) }
        rmdir(stagedPath)
    }

    /// Whether nothing, or an empty directory, is at a path.
    private static func isFree(_ path: String) -> Bool {
        guard let stream = opendir(path) else { return errno == ENOENT }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        // A directory lists itself and its parent.
        return count <= 2
    }
}
