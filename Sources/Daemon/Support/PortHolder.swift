private import Glibc

/// The process that listens on a port, found through `/proc`: what a message about a taken port should name.
package struct PortHolder: Equatable, Sendable, CustomStringConvertible {
    package var processID: Int32
    /// The command line, words separated by spaces.
    package var command: String

    package var description: String { "process \(processID) (\(command))" }

    /// Looks for the listener of a TCP port. Nil when nobody listens, or when the process belongs to somebody who hides
    /// it.
    package static func find(port: Int) -> PortHolder? {
        var sockets: Set<String> = []
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let text = try? FileText.read(table, limit: procTableBytesMax) else { continue }
            sockets.formUnion(listenerInodes(port: port, table: text))
        }
        guard !sockets.isEmpty else { return nil }
        return processIDs().lazy.first { holds($0, anyOf: sockets) }.map { processID in
            PortHolder(processID: processID, command: command(of: processID))
        }
    }

    /// Tens of thousands of sockets.
    private static let procTableBytesMax = 16 << 20
    /// The kernel's number for a listening socket, as its table prints it.
    private static let listenState = "0A"

    /// The inode numbers of listening sockets in the text of `/proc/net/tcp`.
    static func listenerInodes(port: Int, table: String) -> Set<String> {
        var inodes: Set<String> = []
        for line in table.split(separator: "\n").dropFirst() {
            // Number, local address, remote address, state, queues, timer, retransmits, user, timeout, inode.
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == listenState, let colon = fields[1].lastIndex(of: ":"),
                Int(fields[1][fields[1].index(after: colon)...], radix: 16) == port
            else { continue }
            inodes.insert("socket:[\(fields[9])]")
        }
        return inodes
    }

    private static func processIDs() -> [Int32] { names(in: "/proc").compactMap { Int32($0) } }

    private static func holds(_ processID: Int32, anyOf sockets: Set<String>) -> Bool {
        let directory = "/proc/\(processID)/fd"
        return names(in: directory).contains { name in
            var buffer = [CChar](repeating: 0, count: 64)
            let length = readlink("\(directory)/\(name)", &buffer, buffer.count)
            guard length > 0 else { return false }
            return sockets.contains(String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
    }

    private static func command(of processID: Int32) -> String {
        let text = (try? FileText.read("/proc/\(processID)/cmdline")) ?? ""
        let words = text.split(separator: "\0").joined(separator: " ")
        return words.isEmpty ? "unknown command" : words
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }
}
