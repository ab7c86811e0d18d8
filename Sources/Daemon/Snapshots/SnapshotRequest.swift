private import AWSWire
package import NIOHTTP1

/// What the admin API is asked about snapshots of the whole store: saved states, which the engine calls checkpoints.
package enum SnapshotRequest: AdminCall, Equatable, Sendable {
    case list
    case save(name: String)
    case restore(name: String)
    case branch(name: String, directory: String)
    case remove(name: String)

    /// - Parameters:
    ///   - path: what follows `/_varve/admin/snapshots`, percent-encoded.
    ///   - query: as sent.
    package init(_ method: HTTPMethod, path: Substring, query: Substring) throws(AdminRefusal) {
        let pieces = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard let first = pieces.first else {
            guard path.isEmpty else { throw .unknownPath }
            guard method == .GET else { throw .wrongMethod }
            self = .list
            return
        }
        guard let name = URLCoding.decode(first, plusIsSpace: false) else {
            throw .malformed("the snapshot's name is badly encoded")
        }
        switch (pieces.dropFirst().joined(separator: "/"), method) {
        case ("", .POST) where pieces.count == 1: self = .save(name: name)
        case ("", .DELETE) where pieces.count == 1: self = .remove(name: name)
        case ("restore", .POST): self = .restore(name: name)
        case ("branch", .POST): self = .branch(name: name, directory: try Self.directory(query))
        case ("", _) where pieces.count == 1, ("restore", _), ("branch", _): throw .wrongMethod
        default: throw .unknownPath
        }
    }

    private static func directory(_ query: Substring) throws(AdminRefusal) -> String {
        let parameter = "dir="
        let sent = query.split(separator: "&").first { $0.hasPrefix(parameter) }
        guard let sent, let directory = URLCoding.decode(sent.dropFirst(parameter.count), plusIsSpace: true) else {
            throw .malformed("where the branch shall be is missing: ?dir=DIR")
        }
        // The daemon's own working directory means nothing to whoever asks.
        guard directory.hasPrefix("/"), !directory.utf8.contains(0) else {
            throw .malformed("where the branch shall be must be an absolute path")
        }
        return directory
    }

    package var target: (method: HTTPMethod, target: String) {
        let base = "/_varve/admin/snapshots"
        switch self {
        case .list: return (.GET, base)
        case .save(let name): return (.POST, "\(base)/\(URLCoding.encode(name))")
        case .restore(let name): return (.POST, "\(base)/\(URLCoding.encode(name))/restore")
        case .branch(let name, let directory):
            return (.POST, "\(base)/\(URLCoding.encode(name))/branch?dir=\(URLCoding.encode(directory))")
        case .remove(let name): return (.DELETE, "\(base)/\(URLCoding.encode(name))")
        }
    }
}
