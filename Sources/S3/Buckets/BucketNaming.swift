/// AWS's rules for the names of general purpose buckets, and its regions.
enum BucketNaming {
    private static let reservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"]
    private static let reservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"]

    /// Whether a bucket may have this name.
    static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (3...63).contains(bytes.count), isLetterOrDigit(bytes[0]), isLetterOrDigit(bytes[bytes.count - 1]) else {
            return false
        }
        for (index, byte) in bytes.enumerated() {
            guard isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") else { return false }
            if byte == UInt8(ascii: "."), bytes[index + 1] == UInt8(ascii: ".") { return false }
        }
        return !isAddress(name) && !reservedPrefixes.contains { name.hasPrefix($0) }
            && !reservedSuffixes.contains { name.hasSuffix($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte)
    }

    /// Four numbers between dots: an IPv4 address.
    private static func isAddress(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
    }

    /// The region that has no location constraint.
    static let standardRegion = "us-east-1"

    /// The location constraints of AWS's model.
    private static let constraints: Set<String> = [
        "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
        "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
        "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "EU",
        "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2",
        "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-2",
        "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2",
    ]

    /// The region of a new bucket: without a constraint only us-east-1's endpoint makes one; it makes them anywhere,
    /// the others only at home.
    ///
    /// - Throws: `invalidLocationConstraint`, `illegalLocationConstraint`.
    static func region(constraint: String?, endpoint: String) throws(S3Error) -> String {
        guard let constraint, !constraint.isEmpty else {
            if endpoint != standardRegion { throw .illegalLocationConstraint("unspecified") }
            return standardRegion
        }
        guard constraints.contains(constraint) else { throw .invalidLocationConstraint(constraint) }
        // "EU" is the old name of Ireland.
        let region = constraint == "EU" ? "eu-west-1" : constraint
        if endpoint != standardRegion, endpoint != region { throw .illegalLocationConstraint(constraint) }
        return region
    }
}
