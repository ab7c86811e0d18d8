private import Bytes
private import Encryption
private import Glibc

/// Looks at everything around Varve that can spoil it: the directory, the file system, the limits, the libraries, the
/// disk's promises, the port.
package enum Doctor {
    /// Sockets, tables and extents together; below this a busy lab may run out.
    private static let openFilesWanted: UInt64 = 4096
    /// Below this the engine soon refuses writes: a few segments and a compaction.
    private static let freeBytesWanted = 1 << 30

    /// Runs all checks. Writes and removes small files in the data directory, or beside it when it does not exist;
    /// takes about a second on a slow disk.
    package static func examine(_ configuration: Configuration) -> [Finding] {
        var findings = [Finding("version", .ok, "varve \(VarveVersion.current)")]
        findings += libraries()
        findings.append(openFiles())
        let directory = DirectoryCheck(path: configuration.dataDirectory)
        findings.append(directory.finding)
        if let usable = directory.usablePath {
            let fileSystem = FileSystemCheck(path: usable)
            findings.append(fileSystem.kindFinding)
            findings.append(fileSystem.spaceFinding(wantedBytes: freeBytesWanted))
            findings += SyncCheck(directory: usable, fileSystem: fileSystem).findings()
        }
        findings.append(port(configuration.listen))
        return findings
    }

    private static func libraries() -> [Finding] {
        [
            Finding("swift", .ok, "built by Swift \(compilerVersion)"),
            Finding("lz4", .ok, LZ4.libraryVersion),
            Finding("openssl", .ok, CryptoLibrary.version),
        ]
    }

    /// The compiler can be asked only whether it is at least some version.
    private static var compilerVersion: String {
        #if compiler(>=6.4)
        "6.4 or later"
        #elseif compiler(>=6.3)
        "6.3"
        #else
        "6.2"
        #endif
    }

    private static func openFiles() -> Finding {
        guard let limit = ProcessMetrics.openFileLimit() else {
            return Finding("open files", .note, "the limit cannot be read")
        }
        guard limit >= openFilesWanted else {
            return Finding(
                "open files", .note,
                "limit \(limit): connections and store files may run out; `ulimit -n \(openFilesWanted)`")
        }
        return Finding("open files", .ok, "limit \(limit)")
    }

    private static func port(_ listen: Endpoint) -> Finding {
        guard listen.port != 0 else { return Finding("port", .ok, "the system will pick one") }
        guard let holder = PortHolder.find(port: listen.port) else {
            return Finding("port", .ok, "nobody listens on port \(listen.port)")
        }
        return Finding("port", .problem, "port \(listen.port) is taken by \(holder)")
    }
}
