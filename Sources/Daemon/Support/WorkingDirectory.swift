private import Glibc

/// The directory in which a command was given.
package enum WorkingDirectory {
    /// A path that means the same to any other process.
    package static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let buffer = getcwd(nil, 0) else { return path }
        defer { free(buffer) }
        return String(cString: buffer) + "/" + path
    }
}
