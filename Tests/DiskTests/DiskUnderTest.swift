import Disk
import Glibc

/// The disks that keep the one contract.
enum DiskUnderTest: String, CaseIterable, Sendable {
    case posix
    case simulated

    /// Gives `body` an empty disk, and clears it away.
    func withDisk(_ body: (any Disk) throws -> Void) throws {
        switch self {
        case .posix: try withTemporaryDirectory { try body(POSIXDisk(path: $0)) }
        case .simulated: try body(SimulatedDisk(seed: 1))
        }
    }

    /// Whether to open files directly.
    static let directness = [false, true]
}

/// Gives `body` the path of a new directory, and removes it with all that is in it.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/varve-disk-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw DiskError.io(operation: "mkdtemp", name: "/tmp", errno: errno) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { removeTree(path) }
    try body(path)
}

private func removeTree(_ path: String) {
    if let stream = opendir(path) {
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { removeTree(path + "/" + name) }
        }
        closedir(stream)
    }
    remove(path)
}
