private import Glibc

/// Whether the data directory can be used, and whether others can look in.
struct DirectoryCheck {
    let finding: Finding
    /// Where test files can be written: the directory, or the nearest parent that exists while it does not. Nil when
    /// neither can be written.
    let usablePath: String?

    init(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let parent = Self.existingParent(of: path)
            let isWritable = access(parent, W_OK | X_OK) == 0
            finding = Finding(
                "data directory", isWritable ? .ok : .problem,
                isWritable
                    ? "\(path) does not exist yet; it can be created in \(parent)"
                    : "\(path) does not exist and cannot be created in \(parent): \(SystemError.text(errno))")
            usablePath = isWritable ? parent : nil
            return
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            finding = Finding("data directory", .problem, "\(path) is not a directory")
            usablePath = nil
            return
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            finding = Finding("data directory", .problem, "\(path) cannot be used: \(SystemError.text(errno))")
            usablePath = nil
            return
        }
        usablePath = path
        let mode = String(status.st_mode & 0o777, radix: 8)
        if status.st_mode & 0o077 != 0 {
            finding = Finding(
                "data directory", .note, "\(path) has mode \(mode): others can reach the data; `chmod 700` closes it")
        } else {
            finding = Finding("data directory", .ok, "\(path), mode \(mode)")
        }
    }

    private static func existingParent(of path: String) -> String {
        var parent = path[...]
        while let slash = parent.lastIndex(of: "/") {
            parent = parent[..<slash]
            if parent.isEmpty { return "/" }
            if access(String(parent), F_OK) == 0 { return String(parent) }
        }
        return "."
    }
}
