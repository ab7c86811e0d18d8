private import Glibc

/// What kind of file system holds a directory, and how much room there is.
struct FileSystemCheck {
    /// As the kernel calls it: `ext4`, `tmpfs`; `unknown` without `/proc`.
    let kind: String
    private let path: String

    /// File systems in memory: a sync there promises nothing.
    private static let volatileKinds: Set<String> = ["tmpfs", "ramfs"]
    /// File systems whose syncs and locks depend on another machine or another layer.
    private static let remoteKinds: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "9p", "fuse", "fuseblk", "fuse.sshfs", "virtiofs",
    ]

    init(path: String) {
        self.path = path
        kind = Self.kind(of: path)
    }

    var isVolatile: Bool { Self.volatileKinds.contains(kind) }

    var kindFinding: Finding {
        if isVolatile { return Finding("file system", .note, "\(kind): in memory, nothing survives a power cut") }
        if Self.remoteKinds.contains(kind) {
            return Finding("file system", .note, "\(kind): what a sync and a lock are worth depends on the other side")
        }
        return Finding("file system", .ok, kind)
    }

    func spaceFinding(wantedBytes: Int) -> Finding {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else {
            return Finding("free space", .note, "cannot be read: \(SystemError.text(errno))")
        }
        let free = Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
        let mebibytes = "\(free >> 20) MiB"
        guard free >= wantedBytes else {
            return Finding("free space", .problem, "\(mebibytes): too little to work with")
        }
        return Finding("free space", .ok, mebibytes)
    }

    /// The kind of the mount that holds the path: the one with the path's device number.
    private static func kind(of path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0, let mounts = try? FileText.read("/proc/self/mountinfo") else {
            return "unknown"
        }
        let device = "\(gnuMajor(status.st_dev)):\(gnuMinor(status.st_dev))"
        for line in mounts.split(separator: "\n") {
            // Identifier, parent, major:minor, …, a single dash, kind, source, options.
            let fields = line.split(separator: " ")
            guard fields.count > 3, fields[2] == device, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count
            else { continue }
            return String(fields[dash + 1])
        }
        return "unknown"
    }

    private static func gnuMajor(_ device: dev_t) -> dev_t { (device >> 8) & 0xfff | (device >> 32) & ~0xfff }
    private static func gnuMinor(_ device: dev_t) -> dev_t { device & 0xff | (device >> 12) & ~0xff }
}
