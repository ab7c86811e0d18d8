/// The paths that are Varve's own. An underscore is illegal in a bucket's name, so that they hide no bucket.
package enum OwnPath: Equatable, Sendable {
    case health
    case metrics
    /// What tools made for LocalStack ask before they start.
    case localStackHealth
    /// Below `/_varve/admin/`; holds what follows.
    case admin(Substring)
    /// Below `/_varve` and nothing that exists.
    case unknown

    private static let prefix = "/_varve"
    private static let adminPrefix = "/_varve/admin/"

    /// What a request target names; nil when it is a service's.
    package init?(target: String) {
        // All but a few requests end here, after a look at two bytes.
        let bytes = target.utf8
        guard bytes.count > 2, bytes[bytes.index(after: bytes.startIndex)] == UInt8(ascii: "_") else { return nil }
        let path = target.prefix { $0 != "?" }
        switch path {
        case "/_varve/health": self = .health
        case "/_varve/metrics": self = .metrics
        case "/_localstack/health": self = .localStackHealth
        default:
            if path.hasPrefix(Self.adminPrefix) {
                self = .admin(path.dropFirst(Self.adminPrefix.count))
            } else if path == Self.prefix || path.hasPrefix(Self.prefix + "/") {
                self = .unknown
            } else {
                return nil
            }
        }
    }
}
