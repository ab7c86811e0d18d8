/// The host names that virtual-hosted buckets hang under: `bucket.localhost` and the like.
package struct S3HostNames: Sendable {
    /// What is served without configuration: `localhost` resolves to loopback in most resolvers with any label before
    /// it, and the second name resolves to 127.0.0.1 in public DNS and is in the configurations of many users.
    package static let standard = S3HostNames(["localhost", "s3.localhost.localstack.cloud"])

    /// First labels under a base that name a service and never a bucket. A bucket of such a name is reached by path.
    private static let serviceLabels: Set<String> = ["s3", "dynamodb", "streams", "kms", "ebs", "ec2", "sts", "iam"]

    /// Lower case, the longest first, so that `b.s3.localhost` is bucket `b` under `s3.localhost`.
    private let bases: [[UInt8]]

    /// - Parameter bases: host names without ports; `s3.` before one of them names the service too.
    package init(_ bases: [String]) {
        var all: Set<[UInt8]> = []
        for base in bases {
            let lower = Array(base.lowercased().utf8)
            all.insert(lower)
            all.insert(Array("s3.".utf8) + lower)
        }
        self.bases = all.sorted { $0.count > $1.count }
    }

    /// The bucket that a `Host` header names; nil when the request is path-style.
    ///
    /// Quick for addresses such as `127.0.0.1:4566` and for the bases themselves.
    package func bucket(inHost host: String) -> String? {
        var name = Array(host.utf8)
        if name.first == UInt8(ascii: "[") { return nil }
        if let colon = name.lastIndex(of: UInt8(ascii: ":")) { name.removeSubrange(colon...) }
        if name.last == UInt8(ascii: ".") { name.removeLast() }
        for index in name.indices where name[index] >= 0x41 && name[index] <= 0x5A { name[index] |= 0x20 }
        for base in bases {
            if name == base { return nil }
            guard name.count > base.count + 1, name.suffix(base.count).elementsEqual(base),
                name[name.count - base.count - 1] == UInt8(ascii: ".")
            else { continue }
            let labels = String(decoding: name.dropLast(base.count + 1), as: UTF8.self)
            return Self.bucket(inLabels: labels)
        }
        return nil
    }

    /// What the labels before a base mean: nothing (a service's name, with or without a region), or a bucket.
    private static func bucket(inLabels labels: String) -> String? {
        let parts = labels.split(separator: ".", omittingEmptySubsequences: false)
        if serviceLabels.contains(String(parts[0])), parts.count == 1 || (parts.count == 2 && isRegion(parts[1])) {
            return nil
        }
        // `bucket.s3.eu-west-1.localhost`: the form that SDKs build for a regional endpoint.
        if parts.count > 2, parts[parts.count - 2] == "s3", isRegion(parts[parts.count - 1]) {
            return parts.dropLast(2).joined(separator: ".")
        }
        return labels
    }

    /// Whether a label looks like `eu-west-1`: three or more words, the last a number.
    private static func isRegion(_ label: Substring) -> Bool {
        let words = label.split(separator: "-", omittingEmptySubsequences: false)
        guard words.count >= 3, let last = words.last, words[0].utf8.count == 2 else { return false }
        return !last.isEmpty && last.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }
}
